"""A repository to review, and a pipeline whose findings can be told from the source."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.surfaces import stub_pipeline

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Shop:
    """A work tree whose first commit is pushed to a bare repository beside it."""

    folder: Path
    remote: Path
    environment: dict[str, str]

    def git(self, *arguments: str, check: bool = True, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", *arguments],
            cwd=cwd or self.folder,
            env=self.environment,
            text=True,
            capture_output=True,
            check=check,
            timeout=120,
        )

    def commit(self, **files: str) -> str:
        """Commit files, named without their ending, and give the commit's id."""
        for name, text in files.items():
            (self.folder / f"{name}.py").write_text(text, encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-qm", "change")
        return self.git("rev-parse", "HEAD").stdout.strip()

    def reviewer(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the program in a process of its own, as a person would."""
        return subprocess.run(
            [sys.executable, "-P", "-m", "reviewer", *arguments],
            cwd=self.folder,
            env=self.environment,
            text=True,
            input=stdin,
            capture_output=True,
            check=False,
            timeout=120,
        )


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pipeline of words, in this process."""
    for name, module in stub_pipeline.modules().items():
        monkeypatch.setitem(sys.modules, name, module)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A repository; processes started for it use the pipeline of words."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "from tests.surfaces.stub_pipeline import install\ninstall()\n", encoding="utf-8"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@localhost",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@localhost",
        "PYTHONPATH": f"{site}{os.pathsep}{ROOT}",
        "HOME": str(tmp_path),
    }
    environment.pop("NO_COLOR", None)
    place = Shop(tmp_path / "shop", tmp_path / "remote.git", environment)
    place.folder.mkdir()
    place.git("init", "-q", "--bare", "-b", "main", str(place.remote))
    place.git("init", "-q", "-b", "main")
    place.git("remote", "add", "origin", str(place.remote))
    place.commit(app="x = 1\n")
    place.git("push", "-q", "-u", "origin", "main")
    return place
