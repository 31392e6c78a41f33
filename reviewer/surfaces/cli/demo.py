"""`reviewer demo`: rebuilds a small example as a git repository and reviews its last commit.

An example is a directory with `before/` and `after/`: the files of two commits. The repository is made in a temporary
directory and taken away afterwards; nothing is left behind.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from reviewer.diff.process import run_git
from reviewer.errors import RepositoryError, UsageError
from reviewer.surfaces.cli.review import (
    FailOnOption,
    FormatOption,
    NoColorOption,
    OutputOption,
    ShowQuietOption,
    Style,
    VerboseOption,
    check_fail_on,
    choose_targets,
    exit_code,
    review,
    rule_ids,
    show,
)

_PATIENCE = 60
"""Seconds that one git command may take."""
_DAY = "2026-01-01T00:00:00Z"
"""Commits of an example are always the same, ids included."""


def command(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A directory with before/ and after/ in it.")],
    *,
    formats: FormatOption = None,
    output: OutputOption = None,
    fail_on: FailOnOption = None,
    show_quiet: ShowQuietOption = False,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> int:
    """Review the last commit of an example, rebuilt as a git repository in a temporary directory."""
    from reviewer.ports import Scope, Selection
    from reviewer.wiring import Overrides, prepare_selection

    targets = choose_targets(formats or [], output or [])
    overrides = Overrides(fail_on=check_fail_on(fail_on))
    with tempfile.TemporaryDirectory(prefix="reviewer-demo-", ignore_cleanup_errors=True) as folder:
        rebuild(directory, Path(folder))
        prepared = prepare_selection(folder, Selection(Scope.RANGE, base="HEAD~1"), rule_ids(), overrides)
        report = replace(review(prepared), repository=str(directory))
    show(report, targets, Style(show_quiet, verbose, not no_color), prepared)
    return exit_code(report)


def rebuild(example: Path, repository: Path) -> None:
    """Make a repository of two commits out of an example.

    Args:
        example: a directory with `before/` (may be missing: nothing was there) and `after/`.
        repository: an empty directory.

    Raises:
        UsageError: the example has no `after/`, or cannot be read.
        RepositoryError: git failed.
    """
    if not (example / "after").is_dir():
        raise UsageError(f"{example} is no example: it has no directory 'after'; name one that has")
    _git(repository, "init", "--quiet", "--template=", "--initial-branch=main")
    for stage in ("before", "after"):
        for entry in repository.iterdir():
            if entry.name != ".git":
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        try:
            if (example / stage).is_dir():
                shutil.copytree(example / stage, repository, symlinks=True, dirs_exist_ok=True)
        except (OSError, shutil.Error) as error:
            raise UsageError(f"{example / stage} cannot be copied: {error}; check its files") from error
        _git(repository, "add", "--all", "--force")
        _git(repository, "commit", "--quiet", "--allow-empty", "--no-verify", f"--message={stage}")


def _git(repository: Path, *arguments: str) -> None:
    """Run git in the example's repository, untouched by anybody's configuration or environment."""
    environment: dict[str, str | None] = dict.fromkeys(name for name in os.environ if name.startswith("GIT_"))
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {
            f"GIT_{role}_NAME": "Example",
            f"GIT_{role}_EMAIL": "example@localhost",
            f"GIT_{role}_DATE": _DAY,
        }
    done = run_git(arguments, repository, environment, seconds=_PATIENCE)
    if done.status != 0:
        complaint = done.complaint.strip().split("\n")[-1]
        raise RepositoryError(f"the example cannot be rebuilt: {complaint}; check git with 'git --version'")
