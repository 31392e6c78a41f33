"""Which findings get a comment of their own, and where it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from reviewer.domain.change import FileChange
from reviewer.domain.comment import Comment, Place
from reviewer.domain.posting import ForgeLimits, Placement, PostingLimits
from reviewer.domain.report import FindingItem, Level, Report
from reviewer.posting.body import comment_body
from reviewer.posting.suggestion import Replacement, replacement_of
from reviewer.posting.window import place_lines

_Key = TypeVar("_Key")

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
    """What comments there may still be.

    Attributes:
        lines: on lines, so many.
        files: on files, so many.
        placement: what the forge takes.
        head: full id of the commit that they are about.
        closed: paths of files on which the forge takes no comment as a whole.
    """

    lines: int
    files: int
    placement: Placement
    head: str
    closed: frozenset[str] = frozenset()


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


@dataclass(slots=True)
class _Spot:
    """Findings that share a comment, and where it stands."""

    file: FileChange
    place: Place
    items: list[FindingItem]


def choose_places(
    items: Sequence[FindingItem], files: Mapping[str, FileChange], room: Room, limits: PostingLimits, forge: ForgeLimits
) -> Choice:
    """Sort findings that stand nowhere yet: on a line, else on the file, else in the summary.

    Args:
        items: the worst first.
        files: the change by path.
        room: what comments there may still be.
        limits: of posting.
        forge: of the forge.
    """
    on_lines: dict[tuple[str, int], _Spot] = {}
    on_files: dict[str, _Spot] = {}
    rest: list[FindingItem] = []
    for item in items:
        file = files.get(item.path)
        if not is_loud(item, limits):
            continue
        if file is None or not _can_be_named(file):
            rest.append(item)
            continue
        place = place_lines(file, item.line, max(item.line, item.end_line), room.placement)
        if place is not None and place.line is not None:
            took = _take(on_lines, (item.path, place.line), room.lines, _Spot(file, place, [item]))
        elif forge.file_comments and room.placement is not Placement.NOWHERE and item.path not in room.closed:
            took = _take(on_files, item.path, room.files, _Spot(file, Place(file.path, file.old_path), [item]))
        else:
            took = False
        if not took:
            rest.append(item)
    return Choice(
        comments=tuple(_comment(spot, room, forge) for spot in on_lines.values()),
        file_comments=tuple(
            _written(spot, comment_body(spot.items, forge, head=room.head)) for spot in on_files.values()
        ),
        summary=tuple(rest),
        quiet=tuple(item for item in items if not is_loud(item, limits)),
    )


def _take(spots: dict[_Key, _Spot], key: _Key, most: int, spot: _Spot) -> bool:
    """Put a finding where others stand already, or open a new spot where there is room."""
    if key in spots:
        spots[key].items += spot.items
        return True
    if len(spots) < most:
        spots[key] = spot
        return True
    return False


def by_path(files: Iterable[FileChange]) -> dict[str, FileChange]:
    """The files of a change by path."""
    return {file.path: file for file in files}


def _order(item: FindingItem) -> tuple[int, int, int, str, int, int, str]:
    return (RANK[item.severity], RANK[item.confidence], -item.score, item.path, item.line, item.column, item.id)


def _can_be_named(file: FileChange) -> bool:
    """A path that is no text (PEP 383) cannot be sent."""
    return file.failed is None and file.path.isprintable() and (file.old_path or "").isprintable()


def _comment(spot: _Spot, room: Room, forge: ForgeLimits) -> Comment:
    """The comment of a spot: on all lines of its findings, or on those that a patch replaces, to be applied at once."""
    first = min(item.line for item in spot.items)
    last = max(max(item.line, item.end_line) for item in spot.items)
    spot.place = place_lines(spot.file, first, last, room.placement) or spot.place
    blocks: list[Replacement | None] = [None] * len(spot.items)
    for index, item in enumerate(spot.items if forge.suggestion is not None else ()):
        wanted = replacement_of(item)
        around = place_lines(spot.file, wanted.start, wanted.end, room.placement) if wanted is not None else None
        if wanted is not None and around is not None and _spans(around, wanted):
            blocks[index], spot.place = wanted, around
            break
    return _written(
        spot, comment_body(spot.items, forge, blocks, spot.place.line, room.head, start=spot.place.start_line)
    )


def _written(spot: _Spot, body: str) -> Comment:
    return Comment(
        fingerprints=tuple(item.id for item in spot.items),
        rules=tuple(item.rule for item in spot.items),
        place=spot.place,
        body=body,
    )


def _spans(place: Place, block: Replacement) -> bool:
    """Whether the lines of a comment are just those that a block replaces."""
    return place.line == block.end and (place.start_line or place.line) == block.start
