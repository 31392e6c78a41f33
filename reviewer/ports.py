"""The small Protocols that adapters implement; the pipeline knows nothing else of the outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from reviewer.domain.change import Change


class Scope(StrEnum):
    """Which lines a review covers."""

    RANGE = "range"
    """From merge-base(base, head) to head."""
    STAGED = "staged"
    """HEAD to the index."""
    WORKTREE = "worktree"
    """HEAD to the work tree, untracked files included."""
    ALL = "all"
    """Every line of the files at head."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What to review.

    Attributes:
        scope: which lines.
        base: revision to compare with; None means the upstream, else the default branch.
        head: revision to review; None means HEAD.
        paths: git pathspecs to narrow to; empty for all.
    """

    scope: Scope = Scope.RANGE
    base: str | None = None
    head: str | None = None
    paths: tuple[str, ...] = ()


class Repository(Protocol):
    """A source of changes and file contents. Nothing in it is ever executed or changed."""

    @property
    def name(self) -> str:
        """Name to show in a report."""

    def select(self, selection: Selection) -> Change:
        """The change that the selection names, contents included.

        Raises:
            RevisionError: a revision is unknown here, or its history is not (shallow clone).
        """

    def read(self, paths: Sequence[str], revision: str | None) -> dict[str, bytes]:
        """Contents of those of the paths that exist at the revision (None: the work tree), without running filters."""
