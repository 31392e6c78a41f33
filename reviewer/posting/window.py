"""The lines of a file that a diff shows: where a forge takes comments.

A forge shows three unchanged lines around each changed block, as git does (`git help diff`, `--unified`), and joins
blocks whose surroundings touch. A comment over several lines must stay inside one such window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reviewer.domain.change import ChangeKind, FileChange, Hunk
from reviewer.domain.comment import Line, Place, Side
from reviewer.domain.posting import Placement

CONTEXT = 3
"""Unchanged lines around a block."""


@dataclass(frozen=True, slots=True)
class Window:
    """Neighbouring lines that are shown together, both ends included."""

    start: int
    end: int


def windows_of(file: FileChange, placement: Placement) -> tuple[Window, ...]:
    """Where comments on the new version of a file can stand.

    Args:
        file: with its hunks; with its content also the unchanged lines after the last block are known to be there.
        placement: on which lines; none for a deleted file, or for `FILE` and what is below.
    """
    if file.kind is ChangeKind.DELETED or placement not in (Placement.CONTEXT, Placement.CHANGED):
        return ()
    if placement is Placement.CHANGED:
        return tuple(Window(hunk.new_start, hunk.new_start + len(hunk.added) - 1) for hunk in file.hunks if hunk.added)
    last = _last_line(file)
    joined: list[Window] = []
    for hunk in file.hunks:
        begin, after = _around(hunk)
        start, end = max(1, begin - CONTEXT), min(after - 1 + CONTEXT, max(last, after - 1))
        if joined and start <= joined[-1].end + 1:
            joined[-1] = Window(joined[-1].start, max(end, joined[-1].end))
        elif start <= end:
            joined.append(Window(start, end))
    return tuple(joined)


def numbered(hunks: Sequence[Hunk], line: int) -> Line:
    """A line of the new file by both numbers."""
    shift = 0
    for hunk in hunks:
        begin, after = _around(hunk)
        if line < begin:
            break
        shift += len(hunk.deleted) - len(hunk.added)
        if line < after:
            # A forge shows the deleted lines of a block before the added ones.
            return Line(line, after + shift, "added")
    return Line(line, line + shift, "unchanged")


def place_lines(file: FileChange, start: int, end: int, placement: Placement) -> Place | None:
    """Where a comment on some lines stands; None where the diff does not show the last of them.

    Lines that begin before the window are left out, as the last one is where people look first.

    Args:
        file: the changed file.
        start: first line.
        end: last line, not before `start`.
        placement: on which lines comments can stand.
    """
    if file.kind is ChangeKind.DELETED and placement in (Placement.CONTEXT, Placement.CHANGED):
        return _place_deleted(file, start, end)
    windows = windows_of(file, placement)
    for last in (end, start):
        for window in windows:
            if window.start <= last <= window.end:
                first = max(window.start, start)
                return Place(
                    path=file.path,
                    old_path=file.old_path,
                    line=last,
                    start_line=first if first < last else None,
                    end=numbered(file.hunks, last),
                    start=numbered(file.hunks, first) if first < last else None,
                )
    return None


def _place_deleted(file: FileChange, start: int, end: int) -> Place | None:
    """A deleted file has old lines alone."""
    for hunk in file.hunks:
        if hunk.old_start <= end < hunk.old_start + len(hunk.deleted):
            first = max(hunk.old_start, start)
            return Place(
                path=file.path,
                line=end,
                start_line=first if first < end else None,
                side=Side.OLD,
                end=Line(0, end, "deleted"),
                start=Line(0, first, "deleted") if first < end else None,
            )
    return None


def _around(hunk: Hunk) -> tuple[int, int]:
    """First new line of a block and the one after it; both the same where it only deletes."""
    begin = hunk.new_start if hunk.added else hunk.new_start + 1
    return begin, begin + len(hunk.added)


def _last_line(file: FileChange) -> int:
    """The last new line that is known to be there."""
    if file.content is not None and not file.partial:
        return file.content.count(b"\n") + (not file.content.endswith(b"\n") and bool(file.content))
    if not file.hunks:
        return 0
    begin, after = _around(file.hunks[-1])
    return max(begin, after) - 1
