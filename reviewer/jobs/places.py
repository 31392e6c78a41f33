"""Where comments on a change can stand: found in a process of its own, and told without any text of the change."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from reviewer.domain.change import Change, ChangeKind, FileChange, Hunk
from reviewer.jobs.analysis import Analysis, change_of


@dataclass(frozen=True, slots=True)
class PlacesWanted:
    """What is to be found.

    Attributes:
        analysis: names the change.
        paths: the files that comments are on.
    """

    analysis: Analysis
    paths: frozenset[str]


def find_places(wanted: PlacesWanted, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """The blocks of the files, by their lines; for `read_places`.

    Raises:
        ReviewerError: the change cannot be had.
    """
    return write_places(change_of(wanted.analysis), wanted.paths)


def write_places(change: Change, paths: Collection[str]) -> dict[str, Any]:
    """What `read_places` reads of a change."""
    return {
        "base": change.base,
        "head": change.head,
        "files": [_written(file) for file in change.files if file.path in paths],
    }


def read_places(found: dict[str, Any]) -> Change:
    """The change, every line of it an empty one, from what `write_places` wrote."""
    return Change(None, found["base"], found["head"], tuple(_read(**file) for file in found["files"]))


def _written(file: FileChange) -> dict[str, Any]:
    lines = None
    if file.content is not None and not file.partial:
        lines = file.content.count(b"\n") + (not file.content.endswith(b"\n") and bool(file.content))
    return {
        "path": file.path,
        "old_path": file.old_path,
        "kind": file.kind,
        "failed": file.failed,
        "lines": lines,
        "hunks": [[hunk.old_start, hunk.new_start, len(hunk.deleted), len(hunk.added)] for hunk in file.hunks],
    }


def _read(
    *, path: str, old_path: str | None, kind: str, failed: str | None, lines: int | None, hunks: list[list[int]]
) -> FileChange:
    return FileChange(
        path,
        ChangeKind(kind),
        old_path,
        hunks=tuple(Hunk(old, new, ("",) * deleted, ("",) * added) for old, new, deleted, added in hunks),
        content=None if lines is None else b"\n" * lines,
        failed=failed,
    )
