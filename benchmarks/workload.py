"""What the benchmarks run on: real installed packages as git repositories, and commands measured as whole processes."""

from __future__ import annotations

import importlib.util
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_ENVIRONMENT = {
    **os.environ,
    "GIT_AUTHOR_NAME": "benchmark",
    "GIT_AUTHOR_EMAIL": "benchmark@example.com",
    "GIT_COMMITTER_NAME": "benchmark",
    "GIT_COMMITTER_EMAIL": "benchmark@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
}


_COMPILED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Installed programs have their byte code beside them; the first run, which does not count, writes it."""


@dataclass(frozen=True)
class Run:
    """One finished command.

    Attributes:
        seconds: wall time.
        megabytes: peak resident memory of the largest single process among it and its children.
        code: exit status.
    """

    seconds: float
    megabytes: float
    code: int


def git(repository: Path, *arguments: str) -> None:
    """Run git in a repository, with a fixed author and nobody's settings."""
    subprocess.run(["git", "-C", str(repository), *arguments], check=True, env=_ENVIRONMENT, stdout=subprocess.DEVNULL)


def copy_package(name: str, into: Path, lines: int) -> int:
    """Copy the Python files of an installed package until there are enough lines.

    Args:
        name: importable top-level package.
        into: directory to make.
        lines: about how many lines are wanted.

    Returns:
        Lines copied.
    """
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{name} is not an installed package; name another with --package")
    root = Path(spec.submodule_search_locations[0])
    copied = 0
    for path in sorted(root.rglob("*.py")):
        if copied >= lines:
            break
        target = into / name / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        copied += path.read_bytes().count(b"\n")
    return copied


def commit_all(repository: Path, message: str) -> None:
    """Commit everything in a directory, making it a repository first where it is none."""
    if not (repository / ".git").exists():
        git(repository, "init", "--quiet", "--initial-branch=main")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", message)


def reviewer(*arguments: str) -> list[str]:
    """The reviewer's command line, in this interpreter."""
    return [sys.executable, "-m", "reviewer", *arguments]


def measure(command: Sequence[str], directory: Path | None = None) -> Run:
    """Run a command once, its output thrown away."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=directory,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env=_COMPILED,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    peak = max(usage.ru_maxrss, 0) if usage.ru_maxrss else children
    return Run(time.perf_counter() - started, peak / 1024, process.returncode)


def in_turn(first: Sequence[str], second: Sequence[str], runs: int) -> tuple[list[Run], list[Run], float]:
    """Run two commands in turn, after one run of each that does not count.

    Returns:
        The runs of both, and the median of the pairs' ratios of wall time, first to second.
    """
    measure(first)
    measure(second)
    pairs = [(measure(first), measure(second)) for _ in range(runs)]
    ratio = statistics.median(a.seconds / b.seconds for a, b in pairs)
    return [a for a, _ in pairs], [b for _, b in pairs], ratio


def median(runs: Sequence[Run]) -> str:
    """Median wall time and peak memory in words."""
    seconds = statistics.median(run.seconds for run in runs)
    return f"{seconds:.2f} s, peak {max(run.megabytes for run in runs):.0f} MB"
