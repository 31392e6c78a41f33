"""Starts git so that nothing in the repository can start anything else.

A repository may be hostile: its configuration and attributes can name programs for filters, text conversion, external
diffs, a file system monitor, hooks, credentials and transports. Each of those is switched off here, by configuration
that outranks the repository's own and by environment, because git has no single switch for it. The configuration goes
through the environment (GIT_CONFIG_COUNT), which holds any name; `-c` cannot hold a filter named "a=b".
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from reviewer.diff.place import ELSEWHERE, Place
from reviewer.diff.process import Outcome, git_error, run_git, start_git
from reviewer.errors import RepositoryError, UsageError

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


class GitProgram:
    """The git program, bound to one repository.

    Args:
        place: the repository.
        big_file_bytes: size above which git shall not look into a file to compare it.
    """

    def __init__(self, place: Place, *, big_file_bytes: int) -> None:
        self.place = place
        self._configuration = {**_CONFIGURATION, "core.bigFileThreshold": str(big_file_bytes)}

    def try_run(
        self, *arguments: str, configuration: Mapping[str, str] | None = None, seconds: float = _PATIENCE_SECONDS
    ) -> Outcome:
        """Run one git command to its end, whatever its exit status.

        Args:
            arguments: the command and its arguments, without "git".
            configuration: more settings for this call.
            seconds: what it may take.

        Raises:
            RepositoryError: git cannot be started, or took longer.
        """
        return run_git(arguments, self.place.start, self._environment(configuration or {}), seconds=seconds)

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
        changed = {**self._environment(configuration or {}), **(environment or {})}
        return start_git(arguments, self.place.start, changed, alone=alone, memory_bytes=memory_bytes)

    def error(self, complaint: str) -> RepositoryError | UsageError:
        """The error that tells a person what git complained about, in one line."""
        return git_error(complaint, self.place.start)

    def _environment(self, configuration: Mapping[str, str]) -> dict[str, str | None]:
        return {
            **_ENVIRONMENT,
            **_directories(self.place),
            **_configured({**self._configuration, **configuration}),
        }


def _configured(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment that gives git these settings, after those that the environment gives already."""
    given = os.environ.get("GIT_CONFIG_COUNT", "")
    first = int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 0
    environment = {"GIT_CONFIG_COUNT": str(first + len(settings))}
    for number, (key, value) in enumerate(settings.items(), first):
        environment[f"GIT_CONFIG_KEY_{number}"] = key
        environment[f"GIT_CONFIG_VALUE_{number}"] = value
    return environment


def _directories(place: Place) -> dict[str, str | None]:
    """The environment that holds git to this repository.

    A hook inherits variables that point at the repository it was started for, perhaps another one. Those that lead into
    this repository are kept, for they may name what is about to be committed (GIT_INDEX_FILE) or was just pushed
    (GIT_OBJECT_DIRECTORY). GIT_DIR is never given: git finds the repository itself, so that its check of the owner
    takes place.
    """
    environment: dict[str, str | None] = {**ELSEWHERE}
    if place.work_tree is not None:
        environment["GIT_WORK_TREE"] = str(place.work_tree)  # outranks core.worktree
    for name in ("GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"):
        if _leads_into(os.environ.get(name, ""), place):
            del environment[name]
    if "GIT_OBJECT_DIRECTORY" not in environment:
        del environment["GIT_ALTERNATE_OBJECT_DIRECTORIES"]
    return environment


def _leads_into(inherited: str, place: Place) -> bool:
    path = (place.work_tree or place.git_dir) / inherited
    common = Path(os.path.realpath(place.common_dir))
    return bool(inherited) and path.is_absolute() and Path(os.path.realpath(path)).is_relative_to(common)
