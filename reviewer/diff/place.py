"""Where a repository is: its git directory and, if it has one, its work tree."""

from __future__ import annotations

import configparser
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.errors import RepositoryError

if TYPE_CHECKING:
    from types import ModuleType


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


def load_git() -> ModuleType:
    """Import GitPython, which looks for the git program.

    Raises:
        RepositoryError: there is no git to be started.
    """
    try:
        import git  # noqa: PLC0415 (60 ms that only a review of a repository needs)
    except ImportError as error:
        raise RepositoryError(
            "git cannot be started; install git, or name the program in GIT_PYTHON_GIT_EXECUTABLE"
        ) from error
    return git


def locate(directory: Path) -> Place:
    """Find the repository that holds a directory.

    A work tree counts only where a `.git` stands in its root: a repository's own configuration (`core.worktree`) must
    not be able to turn other directories of this machine into something that is reviewed.

    Args:
        directory: a work tree, a directory in one, a linked work tree, or a bare repository.

    Raises:
        RepositoryError: there is no repository.
    """
    git = load_git()
    try:
        directory = Path(os.path.abspath(directory))  # noqa: PTH100 (Path.absolute keeps '..')
    except FileNotFoundError as error:
        raise RepositoryError(
            "the directory where you are is gone; change to another, or name one with --repo"
        ) from error
    if not directory.is_dir():
        raise RepositoryError(f"{directory} is no directory; name one with --repo")
    try:
        with git.Repo(directory, search_parent_directories=True, expand_vars=False) as repo:
            git_dir = Path(os.path.abspath(repo.git_dir))  # noqa: PTH100
            common_dir = Path(os.path.abspath(repo.common_dir))  # noqa: PTH100
            root = repo.working_tree_dir
    except (git.InvalidGitRepositoryError, git.NoSuchPathError) as error:
        raise RepositoryError(f"{directory} is not in a git repository; name one with --repo") from error
    except (configparser.Error, OSError, ValueError) as error:
        raise RepositoryError(
            f"the git repository at {directory} cannot be read ({type(error).__name__}); check it with 'git status'"
        ) from error
    work_tree = None if root is None else Path(os.path.abspath(root))  # noqa: PTH100
    if work_tree is not None and not os.path.lexists(work_tree / ".git"):
        work_tree = None
    if work_tree is None:
        start = git_dir
    elif directory.is_relative_to(work_tree) and not directory.is_relative_to(git_dir):
        start = directory
    else:
        start = work_tree
    return Place(git_dir, common_dir, work_tree, start)
