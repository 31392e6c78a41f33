"""The line that findings stand on, cropped to a width, with what they mean underlined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from reviewer.domain.report import FindingItem, Level
from reviewer.render.safe import span_end, visible_code
from reviewer.render.summary import RANK


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch to underline.

    Attributes:
        start, stop: its first character in the excerpt's text, from 0, and the one after it.
        severity: the worst that is found there.
    """

    start: int
    stop: int
    severity: Level


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is shown of a line, and the findings whose place is in sight there.

    Attributes:
        text: the line, made visible and cropped; "" where the line is not known.
        rows: the stretches, those in one row side by side and never overlapping.
        items: the findings.
    """

    text: str
    rows: tuple[tuple[Mark, ...], ...]
    items: tuple[FindingItem, ...]


def span_of(item: FindingItem) -> tuple[str, int, int]:
    """The first line of a finding's code, and the stretch of it that the finding means."""
    line = item.code.split("\n")[0]
    column = item.column - 1
    return line, column, span_end(line, column) if item.end_line == item.line else len(line.rstrip())


def excerpts(items: Sequence[FindingItem], room: int, more: str, encoding: str) -> list[Excerpt]:
    """The line of some findings once, or as often as its length parts their places.

    Args:
        items: findings of one line.
        room: columns that the line may take.
        more: what stands for a part left out.
        encoding: what the reader's stream can take.
    """
    unknown = tuple(item for item in items if not item.code.strip())
    found = [Excerpt("", (), unknown)] if unknown else []
    left = [item for item in items if item.code.strip()]
    while left:
        excerpt = _around(left[0], left, room, more, encoding)
        found.append(excerpt)
        taken = {id(item) for item in excerpt.items}
        left = [item for item in left if id(item) not in taken]
    return found


def _around(first: FindingItem, items: Sequence[FindingItem], room: int, more: str, encoding: str) -> Excerpt:
    """The part of the line around one finding, with all those whose place begins in that part."""
    shown, at, _ = visible_code(*span_of(first), encoding)
    lead, begin, end = "", 0, len(shown)
    if cell_len(shown) > room:
        begin = 0 if cell_len(shown[:at]) < room * 2 // 3 else max(0, at - room // 4)
        lead = more if begin else ""
        end, used = begin, cell_len(lead) + cell_len(more)
        while end < len(shown) and used + cell_len(shown[end]) <= room:
            used += cell_len(shown[end])
            end += 1
    marks: dict[tuple[int, int], Level] = {}
    taken = []
    for item in items:
        line, start, stop = visible_code(*span_of(item), encoding)
        if item is not first and (line != shown or not begin <= start < end):
            continue
        taken.append(item)
        place = (start - begin + len(lead), max(start + 1, min(stop, end)) - begin + len(lead))
        marks[place] = min(marks.get(place, item.severity), item.severity, key=RANK.__getitem__)
    text = f"{lead}{shown[begin:end]}{more if end < len(shown) else ''}"
    return Excerpt(text, _rows([Mark(*place, severity) for place, severity in marks.items()]), tuple(taken))


def _rows(marks: Sequence[Mark]) -> tuple[tuple[Mark, ...], ...]:
    """Each stretch in the first row that has room for it behind the others."""
    rows: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, mark.stop)):
        for row in rows:
            if row[-1].stop < mark.start:
                row.append(mark)
                break
        else:
            rows.append([mark])
    return tuple(map(tuple, rows))
