"""Code that has nothing to do with a fix: a detector that is loud there says nothing.

A file is looked at from the outside in. Where its text lacks a word without which the detector cannot match it is done;
else the same holds for each of its definitions, and only those that pass are parsed. All lines of a file count as
looked at, since the detector would have said nothing about the rest. A detector without such words has to be asked of
everything, and sees less of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from reviewer.catalog.query.scope import Scope
from reviewer.catalog.query.trigger import Groups, identifiers_in, may_match, words_of
from reviewer.catalog.replay.installed import installed_files
from reviewer.catalog.replay.layout import Layout, lay_out
from reviewer.catalog.replay.reading import Asking, Reading, read_definitions
from reviewer.code.source import decode
from reviewer.code.unit import MODULE
from reviewer.domain.detector import Detector, Match
from reviewer.domain.fix import Fix
from reviewer.errors import SourceError
from reviewer.flow.reading import Surroundings
from reviewer.ports import FixSource

LINES = 40_000
"""Lines of libraries that a detector is held against."""
PROJECT_LINES = 20_000
"""Lines of the fixed project that it is held against."""
_PARSED = 4_000
"""Lines of libraries that are parsed for one detector."""
_PROJECT_PARSED = 2_500
"""Lines of the project that are parsed for one detector."""
_SHOWN = 3

Files = Iterable[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Tally:
    """What a detector finds in code that has nothing to do with it.

    Attributes:
        hits: how often it matches.
        lines: how many lines were looked at.
        places: "path:line" of the first hits.
    """

    hits: int = 0
    lines: int = 0
    places: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """Hits for each 100 lines; 0 where nothing was looked at."""
        return 100 * self.hits / self.lines if self.lines else 0.0


class Background:
    """Files that detectors are held against. What was parsed is kept for the next detector.

    Args:
        files: gives path and contents of each file; called once, when the first detector comes.
        around: what reading draws on.
        parsed: how many lines may be parsed for one detector; then no further file is looked at.
    """

    def __init__(self, files: Callable[[], Files], around: Surroundings, parsed: int = _PARSED) -> None:
        self._open = files
        self._around = around
        self._parsed = parsed

    @cached_property
    def _files(self) -> list[_File]:
        return [_File(path, content, self._around) for path, content in self._open()]

    @property
    def words(self) -> frozenset[str]:
        """All words of the files."""
        return frozenset().union(*(file.words for file in self._files))

    def count(self, detector: Detector) -> Tally:
        """Hold a detector against the files."""
        hits = lines = 0
        places: list[str] = []
        for file, matches in self._ask(detector):
            lines += file.length
            hits += len(matches)
            places.extend(f"{file.path}:{match.line}" for match in matches[: _SHOWN - len(places)])
        return Tally(hits, lines, tuple(places))

    def matches(self, detector: Detector) -> Iterator[tuple[Match, Scope]]:
        """The places that a detector finds, each with its unit."""
        for file, matches in self._ask(detector):
            for match in matches:
                scope = file.scope_of(match)
                if scope is not None:
                    yield match, scope

    def _ask(self, detector: Detector) -> Iterator[tuple[_File, list[Match]]]:
        """The files that are looked at, in order, with what is found in each."""
        groups = words_of(detector, self._around.knowledge)
        asking = Asking({"it": detector})
        parsed = 0
        for file in self._files:
            if parsed >= self._parsed:
                return
            names = file.matching(groups)
            parsed += file.extent(names)
            yield file, file.ask(asking, names)


def library_background(around: Surroundings) -> Background:
    """The standard library and other libraries that are there beside the reviewer."""
    return Background(lambda: installed_files(LINES), around)


def project_background(source: FixSource, fix: Fix, around: Surroundings) -> Background:
    """The other files of the fixed project, as they are after the fix; `source` is to be open when it is asked."""
    left_out = [file.path for file in fix.files]
    return Background(lambda: source.sample(fix.commit, PROJECT_LINES, left_out).items(), around, _PROJECT_PARSED)


class _File:
    """One file, looked at as far as somebody has asked.

    Args:
        path: what it is called.
        content: its bytes.
        around: what reading draws on.
    """

    def __init__(self, path: str, content: bytes, around: Surroundings) -> None:
        self.path = path
        self.length = content.count(b"\n")
        self._content = content
        self._around = around
        self._readings: dict[str, Reading] = {}

    def matching(self, groups: Groups) -> frozenset[str]:
        """The outermost functions, classes and the module's own statements that a detector can match in."""
        if not may_match(groups, self.words):
            return frozenset()
        # What a name means may have been said at the top of the file.
        above = self._pieces.get(MODULE, frozenset())
        return frozenset(name for name, words in self._pieces.items() if may_match(groups, words | above))

    def extent(self, names: Collection[str]) -> int:
        """How many lines some of them have."""
        if not names or self._layout is None:
            return 0
        return sum(len(self._layout.lines_of(name)) for name in names)

    def ask(self, asking: Asking, names: frozenset[str]) -> list[Match]:
        """Where the detector matches in them, in order."""
        if not names or self._layout is None:
            return []
        missing = names - self._readings.keys()
        if missing:
            lines = {line for name in missing for line in self._layout.lines_of(name)}
            try:
                reading = read_definitions(self.path, self._content, lines, self._around)
            except SourceError:
                return []
            self._readings.update(dict.fromkeys(missing, reading))
        readings = {id(self._readings[name]): self._readings[name] for name in sorted(names)}
        found = [match for reading in readings.values() for match in reading.ask(asking, names).get("it", [])]
        return sorted(found, key=lambda match: (match.line, match.column))

    def scope_of(self, match: Match) -> Scope | None:
        """The unit that a match is in, among those that were read."""
        for reading in self._readings.values():
            for view in reading.views:
                if view.unit.name == match.function and view.unit.line <= match.line <= view.unit.end_line:
                    return reading.scope(view)
        return None

    @cached_property
    def words(self) -> frozenset[str]:
        """Its identifiers."""
        return identifiers_in(self._content.decode("utf-8", "replace"))

    @cached_property
    def _layout(self) -> Layout | None:
        try:
            return lay_out(decode(self.path, self._content))
        except SourceError:
            return None

    @cached_property
    def _pieces(self) -> Mapping[str, frozenset[str]]:
        """The words of each definition that is read as a whole."""
        if self._layout is None:
            return {}
        layout = self._layout
        names = {one.outer or one.name for one in layout.outline.in_order if one.outer or one.kind == "class"}
        return {
            name: identifiers_in("\n".join(map(layout.text, sorted(layout.lines_of(name)))))
            for name in (*names, MODULE)
        }
