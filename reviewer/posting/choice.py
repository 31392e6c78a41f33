"""Which findings get a comment of their own, and where it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from reviewer.domain.change import FileChange
from reviewer.domain.comment import Comment, Place, Placement
from reviewer.domain.posting import ForgeLimits, PostingLimits
from reviewer.domain.report import FindingItem, Level, Report
from reviewer.posting.body import comment_body
from reviewer.posting.suggestion import Replacement, replacement_of
from reviewer.posting.window import place_lines

RANK: Mapping[Level, int] = {"high": 0, "medium": 1, "low": 2}
"""Severities, the worst first; the same order serves for confidence."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Findings sorted by where they are told.

    Attributes:
        comments: on lines.
        file_comments: on files.
        summary: findings that only the summary tells, the worst first.
        quiet: findings below the severity that gets a comment; the summary counts them.
    """

    comments: tuple[Comment, ...]
    file_comments: tuple[Comment, ...]
    summary: tuple[FindingItem, ...]
    quiet: tuple[FindingItem, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """How many more comments there may be."""

    lines: int
    files: int


def new_findings(report: Report, waived: Collection[str]) -> list[FindingItem]:
    """What is new and not waived, each id once, the worst first."""
    new = {item.id: item for item in report.findings if item.status == "new" and item.id not in waived}
    return sorted(new.values(), key=_order)


def is_loud(item: FindingItem, limits: PostingLimits) -> bool:
    """Whether a finding gets a comment of its own; one that blocks always does, else nobody would know what to mend."""
    least = RANK[limits.least]
    if limits.fail_on is not None:
        least = max(least, RANK[limits.fail_on])
    return RANK[item.severity] <= least


def choose_places(
    items: Sequence[FindingItem],
    files: Mapping[str, FileChange],
    placement: Placement,
    room: Room,
    limits: PostingLimits,
    forge: ForgeLimits,
) -> Choice:
    """Sort findings that stand nowhere yet: on a line, else on the file, else in the summary.

    Args:
        items: the worst first.
        files: the change by path.
        placement: what the forge takes.
        room: comments that there may still be.
        limits: of posting.
        forge: of the forge.
    """
    loud = [item for item in items if is_loud(item, limits)]
    on_lines: dict[tuple[str, int], list[FindingItem]] = {}
    on_files: dict[str, list[FindingItem]] = {}
    rest: list[FindingItem] = []
    for item in loud:
        file = files.get(item.path)
        place = _place(item, file, placement)
        if place is not None and place.line is not None:
            key = (item.path, place.line)
            if key in on_lines or len(on_lines) < room.lines:
                on_lines.setdefault(key, []).append(item)
            else:
                rest.append(item)
        elif _takes_file_comment(file, placement, forge) and (item.path in on_files or len(on_files) < room.files):
            on_files.setdefault(item.path, []).append(item)
        else:
            rest.append(item)
    return Choice(
        comments=tuple(_comment(group, files[path], placement, forge) for (path, _), group in on_lines.items()),
        file_comments=tuple(_file_comment(group, files[path], forge) for path, group in on_files.items()),
        summary=tuple(rest),
        quiet=tuple(item for item in items if not is_loud(item, limits)),
    )


def by_path(files: Iterable[FileChange]) -> dict[str, FileChange]:
    """The files of a change by path."""
    return {file.path: file for file in files}


def _order(item: FindingItem) -> tuple[int, int, int, str, int, int, str]:
    return (RANK[item.severity], RANK[item.confidence], -item.score, item.path, item.line, item.column, item.id)


def _place(item: FindingItem, file: FileChange | None, placement: Placement) -> Place | None:
    """Where a finding stands: with its patch in one block where that is possible."""
    if file is None:
        return None
    return place_lines(file, item.line, max(item.line, item.end_line), placement)


def _takes_file_comment(file: FileChange | None, placement: Placement, forge: ForgeLimits) -> bool:
    if file is None or placement is Placement.NOWHERE or not forge.file_comments:
        return False
    return file.failed is None


def _comment(group: Sequence[FindingItem], file: FileChange, placement: Placement, forge: ForgeLimits) -> Comment:
    first = min(item.line for item in group)
    last = max(max(item.line, item.end_line) for item in group)
    place = place_lines(file, first, last, placement) or place_lines(file, group[0].line, group[0].line, placement)
    assert place is not None, "each of the group has a place"
    assert place.line is not None
    block: Replacement | None = None
    offering: FindingItem | None = None
    if forge.suggestion is not None:
        for item in group:
            wanted = replacement_of(item)
            around = place_lines(file, wanted.start, wanted.end, placement) if wanted is not None else None
            if wanted is not None and around is not None and _spans(around, wanted):
                block, offering, place = wanted, item, around
                break
    return Comment(
        fingerprints=tuple(item.id for item in group),
        rules=tuple(item.rule for item in group),
        place=place,
        body=comment_body(
            group, forge, [block if item is offering else None for item in group], place.line if place.line else 0
        ),
    )


def _spans(place: Place, block: Replacement) -> bool:
    """Whether the lines of a comment are just those that a block replaces."""
    return place.line == block.end and (place.start_line or place.line) == block.start


def _file_comment(group: Sequence[FindingItem], file: FileChange, forge: ForgeLimits) -> Comment:
    return Comment(
        fingerprints=tuple(item.id for item in group),
        rules=tuple(item.rule for item in group),
        place=Place(path=file.path, old_path=file.old_path),
        body=comment_body(group, forge),
    )
