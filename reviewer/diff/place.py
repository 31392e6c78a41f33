"""Where a repository is: its git directory and, if it has one, its work tree."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from reviewer.diff.process import git_error, run_git
from reviewer.errors import RepositoryError

_PATIENCE_SECONDS = 60.0
ELSEWHERE = dict.fromkeys(
    (
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_COMMON_DIR",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    )
)
"""What a hook inherits from the git that started it; it points at that one's repository, perhaps another one."""


@dataclass(frozen=True, slots=True)
class Place:
    """The directories of a repository, all absolute.

    Attributes:
        git_dir: `.git`, the bare repository itself, or the private part of a linked work tree.
        common_dir: the part that linked work trees share; `git_dir` where there are none.
        work_tree: root of the checked-out files; None for a bare repository.
        start: where git is started; pathspecs are relative to it.
    """

    git_dir: Path
    common_dir: Path
    work_tree: Path | None
    start: Path

    def require_work_tree(self) -> Path:
        """The root of the work tree.

        Raises:
            RepositoryError: there is none.
        """
        if self.work_tree is None:
            raise RepositoryError(f"{self.git_dir} has no work tree; review commits with --base and --head")
        return self.work_tree

    @property
    def is_shallow(self) -> bool:
        """True for a clone whose history was cut off."""
        try:
            return (self.common_dir / "shallow").stat().st_size > 0
        except OSError:
            return False


def locate(directory: Path) -> Place:
    """Find the repository that holds a directory, as git finds it.

    A work tree counts only where a `.git` stands in its root: a repository's own configuration (`core.worktree`) must
    not be able to turn other directories of this machine into something that is reviewed.

    Args:
        directory: a work tree, a directory in one, a linked work tree, or a bare repository.

    Raises:
        RepositoryError: there is no repository, or git does not trust it.
    """
    try:
        directory = Path(os.path.abspath(directory))  # noqa: PTH100 (Path.absolute keeps '..')
    except FileNotFoundError as error:
        raise RepositoryError(
            "the directory where you are is gone; change to another, or name one with --repo"
        ) from error
    if not directory.is_dir():
        raise RepositoryError(f"{directory} is no directory; name one with --repo")
    git_dir, common_dir, is_bare = _ask(directory)
    inside = Path(os.path.realpath(directory)).is_relative_to(git_dir)
    work_tree: Path | None = None
    if inside and not is_bare and git_dir.name == ".git":
        work_tree = git_dir.parent
    elif not inside and not is_bare:
        work_tree = next((one for one in (directory, *directory.parents) if os.path.lexists(one / ".git")), None)
    start = git_dir if work_tree is None else work_tree if inside else directory
    return Place(git_dir, common_dir, work_tree, start)


def _ask(directory: Path) -> tuple[Path, Path, bool]:
    """The git directory, the one that linked work trees share, and whether the repository is bare."""
    options = ("--is-bare-repository", "--path-format=absolute", "--git-dir", "--git-common-dir")
    told = run_git(("rev-parse", *options), directory, ELSEWHERE, seconds=_PATIENCE_SECONDS)
    if told.status != 0:
        raise git_error(told.complaint, directory)
    is_bare, *lines = os.fsdecode(told.output).removesuffix("\n").split("\n")
    half = len(lines) // 2  # a path may hold line feeds, the second as many as the first
    git_dir, common_dir = ("\n".join(part) for part in (lines[:half], lines[half:]))
    return Path(git_dir), Path(common_dir), is_bare == "true"
