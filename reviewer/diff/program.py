"""Starts git so that nothing in the repository can start anything else.

A repository may be hostile: its configuration and attributes can name programs for filters, text conversion, external
diffs, a file system monitor, hooks, credentials and transports. Each of those is switched off here, by configuration
that outranks the repository's own and by environment, because git has no single switch for it. The configuration goes
through the environment (GIT_CONFIG_COUNT), which holds any name; `-c` cannot hold a filter named "a=b".
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.diff.place import Place, load_git
from reviewer.errors import RepositoryError, UsageError

if TYPE_CHECKING:
    from git.cmd import Git

_PATIENCE_SECONDS = 300.0
_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # for gits that do not know GIT_NO_LAZY_FETCH: no transport is allowed
    "GIT_NO_REPLACE_OBJECTS": "1",  # refs/replace/ could show other contents than those that are deployed
    "GIT_DIFF_OPTS": "",
    "GIT_PAGER": "",
    "GIT_LITERAL_PATHSPECS": "0",
    "GIT_GLOB_PATHSPECS": "0",
    "GIT_NOGLOB_PATHSPECS": "0",
    "GIT_ICASE_PATHSPECS": "0",
}
_CONFIGURATION = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.askPass": "",
    "core.sshCommand": "false",
    "credential.helper": "",
    "protocol.allow": "never",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a git command left behind: its exit status, its output, its complaints."""

    status: int
    output: bytes
    complaint: str


class GitProgram:
    """The git program, bound to one repository.

    Args:
        place: the repository.
        big_file_bytes: size above which git shall not look into a file to compare it.
    """

    def __init__(self, place: Place, *, big_file_bytes: int) -> None:
        self.place = place
        git = load_git()
        self._git: Git = git.Git(str(place.start))
        self._not_found: type[Exception] = git.GitCommandNotFound
        self._configuration = {**_CONFIGURATION, "core.bigFileThreshold": str(big_file_bytes)}

    def try_run(
        self, *arguments: str, configuration: Mapping[str, str] | None = None, seconds: float = _PATIENCE_SECONDS
    ) -> Outcome:
        """Run one git command to its end, whatever its exit status.

        Args:
            arguments: the command and its arguments, without "git".
            configuration: more settings for this call.
            seconds: what it may take; not held to on Windows.

        Raises:
            RepositoryError: git cannot be started, or took longer.
        """
        try:
            status, output, complaint = self._git.execute(
                self._command(arguments),
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                kill_after_timeout=None if os.name == "nt" else seconds,  # GitPython has none there
                env=self._environment(configuration or {}),
                shell=False,
            )
        except self._not_found as error:
            raise RepositoryError("git cannot be started; install git") from error
        if status != 0 and complaint.startswith("Timeout:"):
            raise RepositoryError(
                f"git {arguments[0]} took longer than {seconds:.0f} seconds; narrow the review with --path"
            )
        return Outcome(status, output, complaint)

    def run(
        self, *arguments: str, configuration: Mapping[str, str] | None = None, seconds: float = _PATIENCE_SECONDS
    ) -> bytes:
        """Run one git command that must succeed, and give its output.

        Raises:
            RepositoryError: it failed.
            UsageError: git does not understand a pathspec.
        """
        outcome = self.try_run(*arguments, configuration=configuration, seconds=seconds)
        if outcome.status != 0:
            raise self.error(outcome.complaint)
        return outcome.output

    def start(
        self,
        *arguments: str,
        configuration: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        alone: bool = False,
        memory_bytes: int | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a git command that is talked to through its standard streams; the caller ends it.

        Args:
            arguments: the command and its arguments, without "git".
            configuration: more settings for this call.
            environment: variables that outrank those that are set here.
            alone: in a process group of its own, so that all that it starts can be ended with it.
            memory_bytes: of address space that it, and each process that it starts, may take, where a shell can limit
                it; None for no limit.

        Raises:
            RepositoryError: git cannot be started.
        """
        try:
            started = self._git.execute(
                [*_limited(memory_bytes), *self._command(arguments)],
                istream=subprocess.PIPE,
                as_process=True,
                env={**self._environment(configuration or {}), **(environment or {})},
                shell=False,
                start_new_session=alone,
            )
        except self._not_found as error:
            raise RepositoryError("git cannot be started; install git") from error
        process, started.proc = started.proc, None  # taken out of GitPython's wrapper, which would kill it
        if process is None:
            raise RepositoryError("git ended as soon as it was started; check the installation of git")
        return process

    def error(self, complaint: str) -> RepositoryError | UsageError:
        """The error that tells a person what git complained about, in one line."""
        if "dubious ownership" in complaint:
            root = self.place.work_tree or self.place.git_dir
            match = re.search(r"dubious ownership in repository at '(.+?)'", complaint)
            owned = match[1] if match is not None else str(root)
            return RepositoryError(
                f"git does not trust {owned}, which belongs to another user; if you do, run: "
                f"git config --global --add safe.directory '{owned}'"
            )
        fatal = [line for line in complaint.splitlines() if line.startswith("fatal: ")]
        reason = (fatal or complaint.splitlines() or ["git gave no reason"])[-1].removeprefix("fatal: ")
        if "not a git repository" in reason:
            return RepositoryError(f"{self.place.start} is not in a git repository; name one with --repo")
        if "pathspec" in reason or "is outside repository" in reason:
            return UsageError(f"{reason}; check --path")
        if re.search(r"could not fetch|unable to read|bad object|missing (blob|tree|object)|unable to load", reason):
            return RepositoryError(f"objects are missing from the repository ({reason}); fetch them with 'git fetch'")
        return RepositoryError(f"git failed ({reason}); check the repository with 'git status' and 'git fsck'")

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [str(self._git.GIT_PYTHON_GIT_EXECUTABLE), "--no-pager", *arguments]

    def _environment(self, configuration: Mapping[str, str]) -> dict[str, str]:
        return {
            **_ENVIRONMENT,
            **_directories(self.place),
            **_configured({**self._configuration, **configuration}),
        }


def _limited(memory_bytes: int | None) -> list[str]:
    """What starts a program under a limit on its memory, which holds from its first moment.

    A limit that holds for this process may be lower, and cannot be raised; then it stays.
    """
    if memory_bytes is None or os.name == "nt":
        return []
    return ["sh", "-c", 'ulimit -v "$0" 2>/dev/null; exec "$@"', str(memory_bytes // 1024)]


def _configured(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment that gives git these settings, after those that the environment gives already."""
    given = os.environ.get("GIT_CONFIG_COUNT", "")
    first = int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 0
    environment = {"GIT_CONFIG_COUNT": str(first + len(settings))}
    for number, (key, value) in enumerate(settings.items(), first):
        environment[f"GIT_CONFIG_KEY_{number}"] = key
        environment[f"GIT_CONFIG_VALUE_{number}"] = value
    return environment


def _directories(place: Place) -> dict[str, str]:
    """The environment that holds git to this repository.

    A hook inherits variables that point at the repository it was started for, perhaps another one. They cannot be
    removed through GitPython, only outranked. Those that lead into this repository are kept, for they may name what is
    about to be committed (GIT_INDEX_FILE) or was just pushed (GIT_OBJECT_DIRECTORY). Where nothing is inherited git
    finds the repository itself, so that its check of the owner takes place.
    """
    environment: dict[str, str] = {}
    if place.work_tree is not None:
        environment["GIT_WORK_TREE"] = str(place.work_tree)  # outranks core.worktree
    elif "GIT_WORK_TREE" in os.environ:
        environment["GIT_WORK_TREE"] = str(place.git_dir)
    if "GIT_DIR" in os.environ:
        environment["GIT_DIR"] = str(place.git_dir)
    own = {
        "GIT_COMMON_DIR": place.common_dir,
        "GIT_INDEX_FILE": place.git_dir / "index",
        "GIT_OBJECT_DIRECTORY": place.common_dir / "objects",
    }
    for name, path in own.items():
        if name in os.environ and not _leads_into(os.environ[name], place):
            environment[name] = str(path)
            if name == "GIT_OBJECT_DIRECTORY":
                environment["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = ""
    return environment


def _leads_into(inherited: str, place: Place) -> bool:
    path = (place.work_tree or place.git_dir) / inherited
    common = Path(os.path.realpath(place.common_dir))
    return bool(inherited) and path.is_absolute() and Path(os.path.realpath(path)).is_relative_to(common)
