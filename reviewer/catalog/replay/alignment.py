"""Which lines of a file a fix left as they are, and what stands in the place of the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reviewer.domain.fix import FixedFile


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines of the file before, and those that the fix put in their place.

    Attributes:
        before: numbers from 1; empty for a pure insertion, and then `before.start` is the line that follows the gap.
        after: likewise, empty for a pure deletion.
    """

    before: range
    after: range


@dataclass(frozen=True, slots=True)
class Alignment:
    """One file before and after.

    Attributes:
        hunks: what changed, in order.
        forward: line before -> the same line after, for all that did not change.
    """

    hunks: tuple[Hunk, ...]
    forward: Mapping[int, int]


def align(file: FixedFile) -> Alignment:
    """Put the lines of a file before and after side by side."""
    hunks: list[Hunk] = []
    forward: dict[int, int] = {}
    length, length_after = _count(file.before), _count(file.after)
    old = new = 1
    while old <= length or new <= length_after:
        first, first_after = old, new
        while old <= length and old in file.removed:
            old += 1
        while new <= length_after and new in file.added:
            new += 1
        if (first, first_after) != (old, new):
            hunks.append(Hunk(range(first, old), range(first_after, new)))
        elif old <= length and new <= length_after:
            forward[old] = new
            old, new = old + 1, new + 1
        else:
            break  # the two do not fit, as where a carriage return counts as the end of a line
    return Alignment(tuple(hunks), forward)


def _count(content: bytes | None) -> int:
    return 0 if not content else content.count(b"\n") + (not content.endswith(b"\n"))
