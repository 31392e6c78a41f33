"""Where a fix mended something: the functions, their lines before it, and where that code stands after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reviewer.catalog.replay.alignment import Alignment, Hunk, align
from reviewer.catalog.replay.layout import Layout, lay_out
from reviewer.catalog.replay.moving import Origin, Search, Target
from reviewer.code.source import decode
from reviewer.code.unit import MODULE
from reviewer.domain.fix import Fix, FixedFile
from reviewer.errors import SourceError

_Forward = dict[tuple[str, int], tuple[str, int]]

NEAR = 2
"""Lines beside those of the fix on which a hit still is one of the fix's."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A function, or the own statements of a class or of the module (`MODULE`), in a file."""

    path: str
    function: str


@dataclass(frozen=True, slots=True)
class Site:
    """One function that the fix mended.

    Attributes:
        before: where it stood.
        changed: its lines before the fix whose statements the fix changed or wrote into; whole statements, and of
            compound ones the header.
        near: those, the lines on both sides of each gap that the fix filled, and `NEAR` lines around them all.
        after: where its code stands after the fix: under the same name, and where parts of it were moved to; empty
            where it is gone.
    """

    before: Spot
    changed: frozenset[int]
    near: frozenset[int]
    after: tuple[Spot, ...]


@dataclass(frozen=True)
class MendedFile:
    """A file of the fix with its lines put side by side; a side is None where there is none or it is no Python."""

    file: FixedFile
    alignment: Alignment
    before: Layout | None
    after: Layout | None


@dataclass(frozen=True)
class Sites:
    """All that a fix mended.

    Attributes:
        sites: sorted by path and line.
        files: the files of the fix that are Python on at least one side, by path after the fix.
        forward: (old path, line) -> (path, line), for lines that the fix left as they are or only moved.
        failures: what could not be read, each one line.
    """

    sites: tuple[Site, ...]
    files: Mapping[str, MendedFile]
    forward: Mapping[tuple[str, int], tuple[str, int]] = field(repr=False)
    failures: tuple[str, ...] = ()

    @property
    def places(self) -> frozenset[tuple[str, int]]:
        """Old path and line of everything near the fix."""
        return frozenset((site.before.path, line) for site in self.sites for line in site.near)


def find_sites(fix: Fix) -> Sites:
    """Find what a fix mended. Comments, documentation and blank lines count for nothing."""
    failures: list[str] = []
    files = {file.path: _read(file, failures) for file in fix.files}
    forward: _Forward = {
        (one.file.old_path, old): (path, new)
        for path, one in files.items()
        for old, new in one.alignment.forward.items()
    }
    search = Search(_target(one, one.after) for one in files.values() if one.after is not None)
    sites: list[Site] = []
    for one in files.values():
        if one.before is not None:
            sites.extend(_sites_of(one, one.before, search, forward))
    sites.sort(key=lambda site: (site.before.path, min(site.near)))
    return Sites(tuple(sites), files, forward, tuple(failures))


def _sites_of(one: MendedFile, before: Layout, search: Search, forward: _Forward) -> Iterator[Site]:
    """The sites of one file; lines found to be moved are added to `forward`."""
    touched: dict[str, tuple[set[int], set[int]]] = {}
    for name, changed, beside in _touched(one, before):
        found = touched.setdefault(name, (set(), set()))
        found[0].update(changed)
        found[1].update(beside)
    for name, (changed, beside) in touched.items():
        around = {line + step for line in changed | beside for step in range(-NEAR, NEAR + 1)}
        near = changed | {line for line in around if 0 < line <= before.length and before.owner(line) == name}
        spot = Spot(one.file.old_path, name)
        yield Site(spot, frozenset(changed), frozenset(near), _after(spot, one, before, search, forward))


def _read(file: FixedFile, failures: list[str]) -> MendedFile:
    def layout(path: str, content: bytes | None) -> Layout | None:
        try:
            return lay_out(decode(path, content)) if content is not None else None
        except SourceError as error:
            failures.append(f"{path}: {error}")
            return None

    return MendedFile(file, align(file), layout(file.old_path, file.before), layout(file.path, file.after))


def _touched(one: MendedFile, before: Layout) -> Iterator[tuple[str, set[int], set[int]]]:
    """Definitions before the fix, each with the lines that a hunk changed and those beside a gap that it filled."""
    after = one.after
    backward = {new: old for old, new in one.alignment.forward.items()}
    for hunk in one.alignment.hunks:
        written = [line for line in hunk.after if after is not None and line in after.places]
        code = [line for line in hunk.before if line in before.places]
        for line in code:
            yield before.owner(line), set(before.places[line]), set()
        # What the fix wrote may belong to a statement that stood there before: an argument, a handler, a decorator.
        for line in written:
            assert after is not None  # noqa: S101
            old = {backward[place] for place in after.places[line] if place in backward}
            for place in old & before.places.keys():
                yield before.owner(place), set(before.places[place]), set()
        if written and not code and after is not None:
            names = {after.owner(line) for line in written}
            yield from _beside(hunk, names, one, before, after)


def _beside(
    hunk: Hunk, names: set[str], one: MendedFile, before: Layout, after: Layout
) -> Iterator[tuple[str, set[int], set[int]]]:
    """The definition before the fix that a pure insertion went into, with the lines on both sides of the gap."""
    above = next((line for line in range(hunk.before.start - 1, 0, -1) if line in before.places), 0)
    below = next((line for line in range(hunk.before.stop, before.length + 1) if line in before.places), 0)
    for line in filter(None, (above, below)):
        name = before.owner(line)
        there = one.alignment.forward.get(line)
        if name in names or (there is not None and after.owner(there) in names):
            yield name, set(), {above, hunk.before.start - 1, hunk.before.stop, below} - {0}
            return


def _after(spot: Spot, one: MendedFile, before: Layout, search: Search, forward: _Forward) -> tuple[Spot, ...]:
    """Where the code of a spot stands after the fix."""
    stays = one.after is not None and one.after.defines(spot.function)
    found = [Spot(one.file.path, spot.function)] if stays else []
    if spot.function != MODULE:
        origin = Origin(before, spot.function, one.file.path, one.file.removed, one.alignment.forward, gone=not stays)
        for path, name, pairs in search.find(origin):
            found.append(Spot(path, name))
            for old, new in pairs:
                forward.setdefault((spot.path, old), (path, new))
    return tuple(found)


def _target(one: MendedFile, after: Layout) -> Target:
    known = frozenset(one.before.outline.definitions) if one.before is not None else frozenset()
    return Target(one.file.path, after, one.file.added, known)
