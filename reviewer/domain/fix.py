"""A commit that mended something, with the files before and after it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FixedFile:
    """A Python file that the fix touched.

    Attributes:
        path: after the fix; before it where it was deleted.
        old_path: before the fix.
        before, after: the contents; None where there is none (added, deleted).
        removed: lines of `before` that the fix deleted or changed.
        added: lines of `after` that it wrote.
        gaps: lines of `before` after which it only inserted; 0 is the top of the file.
        gaps_after: lines of `after` after which it only deleted.
    """

    path: str
    old_path: str
    before: bytes | None
    after: bytes | None
    removed: frozenset[int] = frozenset()
    added: frozenset[int] = frozenset()
    gaps: frozenset[int] = frozenset()
    gaps_after: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Authorship:
    """Who wrote some lines.

    Attributes:
        author: name and address of the commit's author (hostile).
        message: its message, or the end of a long one (hostile).
        lines: how many of the lines it wrote.
    """

    author: str
    message: str
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Fix:
    """A mending commit.

    Attributes:
        repository: name to show, never a path of this machine where a remote's URL is known.
        commit, parent: full ids.
        date: day of the commit, ISO 8601.
        message: its message, as it stands (hostile).
        files: Python files, tests left out, sorted by path.
        tests: paths of the test files that it touched.
        others: how many other files it touched.
        notes: what a person should know of how it was read.
    """

    repository: str
    commit: str
    parent: str
    date: str
    message: str
    files: tuple[FixedFile, ...]
    tests: tuple[str, ...] = ()
    others: int = 0
    notes: tuple[str, ...] = ()
