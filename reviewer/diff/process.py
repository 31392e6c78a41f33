"""Starts the git program, with nothing of its own about what it is asked."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reviewer.errors import RepositoryError, UsageError

_LANGUAGE = {"LANGUAGE": "C", "LC_ALL": "C"}
"""What git complains of is read; it must not depend on whose machine this is."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a git command left behind: its exit status, its output, its complaints."""

    status: int
    output: bytes
    complaint: str


def run_git(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str | None], *, seconds: float, given: bytes = b""
) -> Outcome:
    """Run one git command to its end, whatever its exit status.

    Args:
        arguments: the command and its arguments, without "git".
        folder: where it runs.
        environment: variables that outrank those of this process; None takes one away.
        seconds: what it may take.
        given: what it reads from its standard input.

    Raises:
        RepositoryError: git cannot be started, or took longer.
    """
    try:
        done = subprocess.run(
            _command(arguments),
            cwd=folder,
            env=_environment(environment),
            input=given,
            capture_output=True,
            check=False,
            timeout=seconds,
        )
    except OSError as error:
        raise _not_started(folder, error) from error
    except subprocess.TimeoutExpired as error:
        raise RepositoryError(
            f"git {arguments[0]} took longer than {seconds:.0f} seconds; "
            "try it by hand, or narrow the review with --path"
        ) from error
    return Outcome(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


def start_git(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str | None],
    *,
    alone: bool,
    memory_bytes: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a git command that is talked to through its standard streams; the caller ends it.

    Args:
        arguments: the command and its arguments, without "git".
        folder: where it runs.
        environment: variables that outrank those of this process; None takes one away.
        alone: in a process group of its own, so that all that it starts can be ended with it.
        memory_bytes: of address space that it, and each process that it starts, may take, where a shell can limit it;
            None for no limit.

    Raises:
        RepositoryError: git cannot be started.
    """
    try:
        return subprocess.Popen(
            [*_limited(memory_bytes), *_command(arguments)],
            cwd=folder,
            env=_environment(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=alone,
        )
    except OSError as error:
        raise _not_started(folder, error) from error


def git_error(complaint: str, folder: Path) -> RepositoryError | UsageError:
    """The error that tells a person what git complained about, in one line.

    Args:
        complaint: what it wrote to its standard error.
        folder: where it ran.
    """
    if "dubious ownership" in complaint:
        match = re.search(r"dubious ownership in repository at '(.+?)'", complaint)
        owned = match[1] if match is not None else str(folder)
        return RepositoryError(
            f"git does not trust {owned}, which belongs to another user; if you do, run: "
            f"git config --global --add safe.directory '{owned}'"
        )
    fatal = [line for line in complaint.splitlines() if line.startswith("fatal: ")]
    reason = (fatal or complaint.splitlines() or ["git gave no reason"])[-1].removeprefix("fatal: ")
    if "not a git repository" in reason:
        return RepositoryError(f"{folder} is not in a git repository; name one with --repo")
    if "pathspec" in reason or "is outside repository" in reason:
        return UsageError(f"{reason}; check --path")
    if re.search(r"could not fetch|unable to read|bad object|missing (blob|tree|object)|unable to load", reason):
        return RepositoryError(f"objects are missing from the repository ({reason}); fetch them with 'git fetch'")
    return RepositoryError(f"git failed ({reason}); check the repository with 'git status' and 'git fsck'")


def _command(arguments: Sequence[str]) -> list[str]:
    return [_program(), "--no-pager", *arguments]


def _limited(memory_bytes: int | None) -> list[str]:
    """What starts a program under a limit on its memory, which holds from its first moment.

    A limit that holds for this process may be lower, and cannot be raised; then it stays.
    """
    if memory_bytes is None or os.name == "nt":
        return []
    return ["/bin/sh", "-c", 'ulimit -v "$0" 2>/dev/null; exec "$@"', str(memory_bytes // 1024)]


def _program() -> str:
    """Where git is.

    A folder of PATH that depends on where this process runs is passed over, and on Windows so is that place itself: it
    may be the repository that is reviewed, with a program of its own called git.
    """
    name = "git.exe" if os.name == "nt" else "git"
    for folder in os.get_exec_path():
        found = shutil.which(os.path.join(folder, name)) if os.path.isabs(folder) else None  # noqa: PTH117, PTH118
        if found is not None:
            return found
    raise RepositoryError("git cannot be started; install git, or name its folder in PATH")


def _environment(changed: Mapping[str, str | None]) -> dict[str, str]:
    merged = {**os.environ, **_LANGUAGE, **changed}
    return {name: value for name, value in merged.items() if value is not None}


def _not_started(folder: Path, error: OSError) -> RepositoryError:
    return RepositoryError(f"git cannot be started in {folder}: {error.strerror}; check the directory")
