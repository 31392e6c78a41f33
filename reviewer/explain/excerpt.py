"""Which lines of a unit are shown where only a part of it changed: the change, what it stands in, what leads there."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

_AROUND = 3
"""Lines shown on both sides of one that matters."""
_SIGNATURE = 12
"""Lines of a definition's head."""
_GAP = 2
"""Lines between shown ones that take no more room than saying that they are left out."""
_WIDTH = 240
"""Characters of a line that are looked at."""
_TRY = re.compile(r"\s*try\s*:")
_HANDLER = re.compile(r"\s*(?:except\b|else\s*:|finally\s*:)")
_HEAD_END = re.compile(r":\s*(?:#.*)?$")
_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*")
_BOUND = re.compile(r"(?<![\w.])[^\W\d]\w*(?![\w.\[])")
"""A name that is bound where it stands to the left of a `=`: no part of an attribute or item."""
_ASSIGNED = re.compile(r"([^=(#\"']+)(?<![!<>])=(?!=)")
_COUNTED = re.compile(r"\bfor\s([^:()]{1,80}?)\sin\b")
_NAMED = re.compile(r"\bas\s+(\w+)")


def excerpt(
    lines: Sequence[str],
    first: int,
    last: int,
    centres: Iterable[int],
    *,
    also: Iterable[int] = (),
    headed: bool = True,
) -> list[int]:
    """The lines of a unit by which those that matter can be judged.

    These are the lines that matter with some around them, the heads of the blocks that they stand in, the handlers of
    the `try` among these, the nearest lines above that bind the names in them, and the definition's own head. It goes
    by the text alone and reads it once, so what is laid out in an unusual way may be shown more or less than is best.

    Args:
        lines: those of the file; index 0 is line 1.
        first, last: extent of the unit.
        centres: the lines that matter.
        also: lines that are shown without anything around them.
        headed: it begins with a head of its own, as a definition does.
    """
    unit = range(first, min(last, len(lines)) + 1)
    text = {line: lines[line - 1][:_WIDTH] for line in unit}
    parents, handlers = _blocks(text)
    bindings = _bindings(text)
    wanted = set(_signature(text)) if headed else set()
    above: set[int] = set()
    for centre in centres:
        if not text.get(centre, "").strip():
            continue
        wanted.update(range(centre - _AROUND, centre + _AROUND + 1))
        for name in _NAME.findall(text[centre]):
            before = bindings.get(name, ())
            place = bisect.bisect_left(before, centre)
            wanted.update(before[place - 1 : place] if place else ())
        block = parents.get(centre)
        while block is not None and block not in above:
            above.add(block)
            wanted.update((block, *handlers.get(block, ())))
            block = parents.get(block)
    return sorted(_closed((wanted | set(also)) & set(unit), unit))


def _signature(text: Mapping[int, str]) -> Iterator[int]:
    for line in list(text)[:_SIGNATURE]:
        yield line
        if _HEAD_END.search(text[line]):
            return


def _blocks(text: Mapping[int, str]) -> tuple[dict[int, int], dict[int, list[int]]]:
    """Each line's block by the line of its head; and for each `try` the first two lines of each of its handlers."""
    parents: dict[int, int] = {}
    handlers: dict[int, list[int]] = {}
    stack: list[tuple[int, int, int | None]] = []
    for line, row in text.items():
        depth = len(row) - len(row.lstrip())
        if depth == len(row):
            continue
        before: int | None = None
        while stack and stack[-1][0] >= depth:
            at, _, tried = stack.pop()
            before = tried if at == depth else None
        if stack:
            parents[line] = stack[-1][1]
        tried = line if _TRY.match(row) else None
        if before is not None and _HANDLER.match(row):
            handlers.setdefault(before, []).extend((line, line + 1))
            tried = before
            parents[line] = before
        stack.append((depth, line, tried))
    return parents, handlers


def _bindings(text: Mapping[int, str]) -> dict[str, list[int]]:
    """The lines that bind each name."""
    found: dict[str, list[int]] = {}
    for line, row in text.items():
        # What ends in a comma is a keyword argument of a call that spans lines.
        assigned = None if row.rstrip().endswith(",") else _ASSIGNED.match(row)
        parts = [match[1] for match in (assigned, _COUNTED.search(row)) if match] + _NAMED.findall(row)
        for name in {name for part in parts for name in _BOUND.findall(part)}:
            found.setdefault(name, []).append(line)
    return found


def _closed(wanted: Iterable[int], unit: range) -> Iterator[int]:
    """The lines, and those between them where leaving them out would gain nothing."""
    before = unit.start - 1
    for line in sorted(wanted):
        if line - before - 1 <= _GAP:
            yield from range(before + 1, line)
        yield line
        before = line
    if unit.stop - before - 1 <= _GAP:
        yield from range(before + 1, unit.stop)
