"""Finds code that a fix took out of one function and put into another, by what its lines say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from reviewer.catalog.replay.layout import Layout

Pair = tuple[int, int]
"""A line before the fix, and the same line after it."""

_TELLING = 10
"""Characters from which a line says enough to be known again; `else:` and `return x` stand everywhere."""
_LEAST = 2
"""Telling lines that a definition must share with the one that its code is taken to come from."""
_MOST_LINES = 2000
"""Lines of a definition that is compared; the time grows with their square."""
_MOST_WRITERS = 50
"""Definitions that a fix may write a line into for the line to lead to them."""


@dataclass(frozen=True)
class Origin:
    """A definition before the fix.

    Attributes:
        layout: its file.
        name: its name, or that of the class whose own statements are meant.
        path: its file's path after the fix.
        removed: lines of its file that the fix deleted or changed.
        forward: lines of its file that it left as they are -> the same lines after it.
        gone: its name is not in the file any more.
    """

    layout: Layout
    name: str
    path: str
    removed: frozenset[int]
    forward: Mapping[int, int]
    gone: bool


@dataclass(frozen=True)
class Target:
    """A file after the fix.

    Attributes:
        path: of the file.
        layout: its lines.
        added: those that the fix wrote.
        known: names of the definitions that the file had before.
    """

    path: str
    layout: Layout
    added: frozenset[int]
    known: frozenset[str]

    @cached_property
    def written(self) -> Mapping[str, Sequence[int]]:
        """Definition -> the telling lines that the fix wrote into it, in order."""
        found: dict[str, list[int]] = {}
        for line in sorted(self.added):
            owner = self.layout.owner(line)
            if _tells(self.layout, line) and owner in self.layout.outline.definitions:
                found.setdefault(owner, []).append(line)
        return {name: lines[:_MOST_LINES] for name, lines in found.items()}


class Search:
    """The files after a fix, made ready for the search of what was moved.

    Args:
        targets: the files.
    """

    def __init__(self, targets: Iterable[Target]) -> None:
        self._targets = {target.path: target for target in targets}
        self._writers: dict[str, list[tuple[str, str]]] = {}
        for path, target in self._targets.items():
            for name, lines in target.written.items():
                for text in {target.layout.text(line) for line in lines}:
                    self._writers.setdefault(text, []).append((path, name))

    def find(self, origin: Origin) -> Iterator[tuple[str, str, list[Pair]]]:
        """The definitions that hold code of one before the fix: it was renamed, split, or moved to another file.

        Yields:
            path, name, and the lines that are the same.
        """
        own = sorted(origin.layout.lines_of(origin.name))[:_MOST_LINES]
        lost = [line for line in own if line in origin.removed and _tells(origin.layout, line)]
        kept = self._kept(origin, own)
        for path, name in sorted({*kept, *self._candidates(origin, lost)} - {(origin.path, origin.name)}):
            target = self._targets[path]
            new = name not in target.known
            pairs = kept.get((path, name), []) if new else []
            pairs = pairs + _shared(origin, lost, target, name, new=new)
            if len(pairs) >= _LEAST or (new and pairs and (origin.gone or len(pairs) * 2 > _size(target.layout, name))):
                yield path, name, pairs

    def _candidates(self, origin: Origin, lost: Sequence[int]) -> Iterator[tuple[str, str]]:
        """The definitions that got one of the lines, those left out that stand everywhere."""
        for line in lost:
            writers = self._writers.get(origin.layout.text(line), ())
            yield from writers if len(writers) <= _MOST_WRITERS else ()

    def _kept(self, origin: Origin, own: Sequence[int]) -> dict[tuple[str, str], list[Pair]]:
        """Lines that stand where they stood and belong to another definition now: a header was put above them."""
        target = self._targets.get(origin.path)
        found: dict[tuple[str, str], list[Pair]] = {}
        for line in own if target is not None else ():
            there = origin.forward.get(line)
            if target is None or there is None or not _tells(origin.layout, line):
                continue
            owner = target.layout.owner(there)
            if owner in target.layout.outline.definitions:
                found.setdefault((origin.path, owner), []).append((line, there))
        return found


def _shared(origin: Origin, lost: Sequence[int], target: Target, name: str, *, new: bool) -> list[Pair]:
    """Lines that were taken out of one definition and written into another; none where they are too few to tell."""
    written = target.written.get(name, ())
    old = [origin.layout.text(line) for line in lost]
    there = [target.layout.text(line) for line in written]
    # A definition that was there before may have got the code beside other work of the fix.
    enough = min(len(old), len(there)) / 2 if new else max(_LEAST + 1, len(old) / 2)
    if not old or not there or (Counter(old) & Counter(there)).total() < enough:
        return []
    matcher = SequenceMatcher(None, old, there, autojunk=False)
    pairs = [
        (lost[first + step], written[second + step])
        for first, second, size in matcher.get_matching_blocks()
        for step in range(size)
    ]
    return pairs if len(pairs) >= enough else []


def _size(layout: Layout, name: str) -> int:
    """How many telling lines a definition has under its header."""
    headers = {definition.header_line for definition in layout.definitions(name)}
    return sum(_tells(layout, line) for line in layout.lines_of(name) - headers)


def _tells(layout: Layout, line: int) -> bool:
    return line in layout.places and len(layout.text(line)) >= _TELLING
