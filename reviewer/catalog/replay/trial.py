"""The trial of detectors on the fix that they come from.

A detector is admitted that finds something on the lines that the fix changed, before it; nothing at the corresponding
places after it, which is the function wherever its code stands then; the same again in the code before with other names
and another order; and next to nothing in code that has nothing to do with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from reviewer.catalog.replay.background import Background, Tally
from reviewer.catalog.replay.reading import Asking, Reading, read_definitions
from reviewer.catalog.replay.sites import MendedFile, Sites, find_sites
from reviewer.catalog.replay.variation import Variation, vary
from reviewer.catalog.replay.verdict import Place, Verdict, judge
from reviewer.code.limits import Limits
from reviewer.code.project import Project
from reviewer.domain.detector import Detector
from reviewer.domain.fix import Fix
from reviewer.domain.pattern import Replay, State
from reviewer.errors import FixError, SourceError
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge
from reviewer.ports import Sources

MOST_BACKGROUND = 0.05
"""Hits for each 100 lines of libraries up to which a detector is quiet."""
MOST_PROJECT = 0.5
"""Hits for each 100 lines of the fixed project up to which they pass for the same slip elsewhere."""
MOST_SITES = 200
"""Functions that one fix may mend."""
MOST_PLACES = 10
"""Places that a record names."""
NOT_AGAIN = "it finds nothing any more once local names and the order of independent statements are changed"
_NOTHING = (
    "it changes no statement of the code before it, only comments, imports or what it adds beside; "
    "name the commit that mends the code"
)


def admitted(replay: Replay) -> State:
    """What a pattern may do after its replay."""
    if not (replay.before and not replay.after and replay.variation):
        return State.CANDIDATE
    quiet = replay.lines and replay.background <= MOST_BACKGROUND and replay.project <= MOST_PROJECT
    return State.ACTIVE if quiet else State.SHADOW


class Trial:
    """A fix, made ready for many detectors: it is read once. Not for several threads at once.

    Args:
        fix: the fix.
        knowledge: what libraries do.
        limits: what one definition may cost.
        before, after: the other files of the project on both sides; None where there are none.
        background: code that has nothing to do with it; None for nothing, and then no detector becomes active.
        project: the other files of the fixed project, as `background`.

    Attributes:
        sites: what the fix mended.
        before, after: the files of the sites on both sides, with their functions read.
        failures: what could not be read, each one line.

    Raises:
        FixError: it changes no statement of the code before it that can be read, or those of too many functions.
    """

    def __init__(
        self,
        fix: Fix,
        knowledge: Knowledge,
        limits: Limits | None = None,
        *,
        before: Sources | None = None,
        after: Sources | None = None,
        background: Background | None = None,
        project: Background | None = None,
    ) -> None:
        self.fix = fix
        self.sites: Sites = find_sites(fix)
        failures = list(self.sites.failures)
        if not self.sites.sites:
            raise FixError(fix.commit, failures[0] if failures else _NOTHING)
        if len(self.sites.sites) > MOST_SITES:
            reason = f"it changes {len(self.sites.sites)} functions, more than the {MOST_SITES} of one repair"
            raise FixError(fix.commit, f"{reason}; name the commit that holds the repair alone")
        limits = limits or Limits()
        old, new = (_around(knowledge, limits, sources) for sources in (before, after))
        self.before: tuple[Reading, ...] = tuple(self._read_before(old, failures))
        self.after: tuple[Reading, ...] = tuple(self._read_after(new, failures))
        self.failures = tuple(dict.fromkeys(failures))
        self._old = old
        self._background = background
        self._project = project

    def replay(self, detector: Detector) -> Replay:
        """The full trial of one detector."""
        (verdict,), (again,) = self._judge([detector])
        passes = bool(verdict.mended) and not verdict.left and again > 0
        other = self._background.count(detector) if passes and self._background is not None else Tally()
        own = self._project.count(detector) if passes and self._project is not None else Tally()
        return Replay(
            commit=self.fix.commit,
            before=len(verdict.mended),
            after=len(verdict.left),
            variation=again,
            background=round(other.rate, 4),
            lines=other.lines,
            project=round(own.rate, 4),
            places=tuple(f"{path}:{line}" for path, line in verdict.mended[:MOST_PLACES]),
            reason=_reason(verdict, again, other, own),
        )

    def screen(self, detectors: Sequence[Detector]) -> list[Detector]:
        """Those of many detectors, in their order, that pass everything but the background, which is not asked."""
        verdicts, again = self._judge(detectors)
        return [
            detector
            for detector, verdict, found in zip(detectors, verdicts, again, strict=True)
            if verdict.mended and not verdict.left and found
        ]

    def _judge(self, detectors: Sequence[Detector]) -> tuple[list[Verdict], list[int]]:
        """What was found on the fix by each detector, and how much of it in the variation."""
        wanted = {str(number): detector for number, detector in enumerate(detectors)}
        before = _places(wanted, self.before)
        first = {name for name, places in before.items() if places & self.sites.places}
        after = _places({name: wanted[name] for name in first}, self.after)
        verdicts = {name: judge(self.sites, before[name], after[name] & self._there) for name in first}
        second = {name: wanted[name] for name, verdict in verdicts.items() if verdict.mended and not verdict.left}
        again: dict[str, int] = dict.fromkeys(wanted, 0)
        for reading, lines in self._varied if second else ():
            for name, places in _places(second, [reading]).items():
                found = {(path, lines.get(line, 0)) for path, line in places}
                again[name] += len(found.intersection(verdicts[name].mended))
        silent = {name: Verdict(beside=tuple(sorted(before[name]))) for name in wanted}
        return [verdicts.get(name, silent[name]) for name in wanted], [again[name] for name in wanted]

    def _read_before(self, around: Surroundings, failures: list[str]) -> Iterator[Reading]:
        for one in self.sites.files.values():
            lines = self._lines_before(one)
            if lines and one.file.before is not None:
                yield from _read(one.file.old_path, one.file.before, lines, around, failures)

    def _read_after(self, around: Surroundings, failures: list[str]) -> Iterator[Reading]:
        for path, one in self.sites.files.items():
            lines = {line for there, line in self._there if there == path}
            if lines and one.file.after is not None:
                yield from _read(path, one.file.after, lines, around, failures)

    @cached_property
    def _there(self) -> frozenset[Place]:
        """The lines after the fix that the code of the sites has now."""
        spots = {spot for site in self.sites.sites for spot in site.after}
        layouts = {spot: self.sites.files[spot.path].after for spot in spots}
        return frozenset(
            (spot.path, line)
            for spot, layout in layouts.items()
            if layout is not None
            for line in layout.lines_of(spot.function)
        )

    @cached_property
    def _varied(self) -> tuple[tuple[Reading, Mapping[int, int]], ...]:
        """The code before the fix written differently, with the lines that it was; few detectors come so far."""
        found: list[tuple[Reading, Mapping[int, int]]] = []
        for one in self.sites.files.values():
            lines = self._lines_before(one)
            variation = self._variation(one) if lines else None
            if variation is not None:
                wanted = {line for line, was in variation.lines.items() if was in lines}
                readings = _read(one.file.old_path, variation.content, wanted, self._old, [])
                found.extend((reading, variation.lines) for reading in readings)
        return tuple(found)

    def _variation(self, one: MendedFile) -> Variation | None:
        if one.before is None or one.file.before is None:
            return None
        sites = [site for site in self.sites.sites if site.before.path == one.file.old_path]
        marked = {line for site in sites for line in site.changed}
        return vary(one.before, one.file.before, {site.before.function for site in sites}, marked)

    def _lines_before(self, one: MendedFile) -> set[int]:
        """The lines of the sites of a file."""
        names = {site.before.function for site in self.sites.sites if site.before.path == one.file.old_path}
        return {line for name in names for line in one.before.lines_of(name)} if one.before is not None else set()


def _around(knowledge: Knowledge, limits: Limits, sources: Sources | None) -> Surroundings:
    project = Project(sources, knowledge, limits) if sources is not None else None
    return Surroundings(knowledge, limits, project)


def _read(path: str, content: bytes, lines: set[int], around: Surroundings, failures: list[str]) -> Iterator[Reading]:
    try:
        reading = read_definitions(path, content, lines, around)
    except SourceError as error:
        failures.append(f"{path}: {error}")
        return
    failures.extend(f"{path}: {failure}" for failure in reading.read.code.failures)
    yield reading


def _places(detectors: Mapping[str, Detector], readings: Sequence[Reading]) -> dict[str, set[Place]]:
    """Where each detector matches in some files."""
    found: dict[str, set[Place]] = {name: set() for name in detectors}
    asking = Asking(detectors)
    for reading in readings:
        for name, matches in reading.ask(asking).items():
            found[name].update((reading.path, match.line) for match in matches)
    return found


def _reason(verdict: Verdict, again: int, other: Tally, own: Tally) -> str:
    """Why a detector is admitted, or why not."""
    if not verdict.mended:
        elsewhere = f", only at {_shown(verdict.beside[0])} beside them" if verdict.beside else ""
        return f"it finds nothing on the lines that the fix changed{elsewhere}"
    if verdict.left:
        return f"it still finds {count(len(verdict.left))} after the fix, at {_shown(verdict.left[0])}"
    if not again:
        return NOT_AGAIN
    if not other.lines:
        return "it fires before the fix and is silent after it; it was held against no other code"
    if other.rate > MOST_BACKGROUND:
        return (
            f"it fires before the fix and is silent after it, but it is loud elsewhere: {other.rate:.2f} hits for each "
            f"100 lines of libraries, more than {MOST_BACKGROUND}, as at {', '.join(other.places)}"
        )
    if own.rate > MOST_PROJECT:
        return (
            f"it fires before the fix and is silent after it, but it is loud in the project itself: {own.rate:.2f} "
            f"hits for each 100 lines, more than {MOST_PROJECT}, as at {', '.join(own.places)}"
        )
    reason = f"it fires before the fix, is silent after it, and finds {count(other.hits)} in {other.lines} other lines"
    if verdict.siblings:
        reason += f"; the fix left {count(len(verdict.siblings))} of the same, at {_shown(verdict.siblings[0])}"
    if own.hits:
        reason += f"; in the rest of the project it finds {count(own.hits)}, as at {', '.join(own.places)}"
    return reason


def count(number: int) -> str:
    """A number of places in words."""
    return "nothing" if not number else "1 place" if number == 1 else f"{number} places"


def _shown(place: Place) -> str:
    return f"{place[0]}:{place[1]}"
