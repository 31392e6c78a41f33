"""Projects at their commits, and the surroundings in which their code runs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

HERE = Path(__file__).parents[2]


def clone(mirror: Path, repository: str) -> Path:
    """Where the bare clone of "owner/name" lies."""
    return mirror / repository.replace("/", "+") / "repo"


def unpack(mirror: Path, repository: str, commit: str, into: Path, *only: str) -> None:
    """Write the files of a repository at a commit, or those of some folders."""
    command = ["git", "-C", str(clone(mirror, repository)), "archive", commit, *only]
    packed = subprocess.run(command, capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", into], input=packed, check=True)


def environment(source: Path) -> dict[str, str]:
    """Variables for a run: nothing of the caller's settings, and git asks nobody."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "PYTHONPATH": f"{source}{os.pathsep}{HERE}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "NO_PROXY": "*",
    }
