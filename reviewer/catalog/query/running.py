"""Many detectors over one file in one pass: what a file costs follows the few that can match it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from reviewer.catalog.query.feature import Feature
from reviewer.catalog.query.matcher import holds, match_at, quickest_first
from reviewer.catalog.query.registry import feature
from reviewer.catalog.query.scope import Scope
from reviewer.catalog.query.shape import MAX_TEXT, Shapes, is_crowded, looks_along
from reviewer.catalog.query.trigger import Groups, identifiers_in, may_match, words_of
from reviewer.catalog.query.wildcard import ANY
from reviewer.code.budget import Budget
from reviewer.detectors.rule import View
from reviewer.domain.detector import Detector, Match, Query
from reviewer.domain.fact import Fact
from reviewer.domain.finding import Finding
from reviewer.errors import SourceError
from reviewer.flow.reading import ReadFile

OpenScope = Callable[[View], Scope]

SECONDS = 2.0
"""What asking one unit may take, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Found:
    """What some detectors found in a file.

    Attributes:
        matches: id of the detector -> where it matches, in order; without those that do not.
        failures: what was not looked at to the end, and why; one line each.
    """

    matches: dict[str, list[Match]]
    failures: tuple[str, ...]


def run(
    detectors: Mapping[str, Detector], read: ReadFile, views: Sequence[View], findings: Sequence[Finding]
) -> dict[str, list[Match]]:
    """Where some detectors match in a file; see `Prepared.run`, which does the same for more than one file."""
    return Prepared(detectors).run(read, views, findings).matches


class Prepared:
    """Detectors, indexed by what a fact must have for them to match at all.

    Args:
        detectors: by the ids that matches are told under.
    """

    def __init__(self, detectors: Mapping[str, Detector]) -> None:
        self._queries = _Index()
        self._rules: defaultdict[str, list[tuple[str, Query | None]]] = defaultdict(list)
        self._shapes: list[tuple[str, str, Groups]] = []
        for name, detector in detectors.items():
            if detector.form == "query" and detector.query is not None:
                self._queries.add(name, detector.query)
            elif detector.form == "rule":
                self._rules[detector.rule].append((name, detector.query))
            elif detector.form == "shape":
                self._shapes.append((name, detector.shape, words_of(detector)))

    def run(
        self,
        read: ReadFile,
        views: Sequence[View],
        findings: Sequence[Finding],
        seconds: float = SECONDS,
        *,
        scope: OpenScope = Scope,
    ) -> Found:
        """Where they match in a file.

        Args:
            read: the file.
            views: the units to look at.
            findings: what the reviewer's own rules found in the file.
            seconds: what asking one unit may take.
            scope: makes a unit ready, or gives one that was made ready before.
        """
        units = [_Unit(view, seconds, scope) for view in views]
        try:
            return self._found(read, units, findings, seconds)
        finally:
            for unit in units:
                unit.end()

    def _found(self, read: ReadFile, units: Sequence[_Unit], findings: Sequence[Finding], seconds: float) -> Found:
        late: dict[str, None] = {}
        matches: defaultdict[str, list[Match]] = defaultdict(list)
        for unit in units:
            try:
                for name, match in self._queries.matches(unit.scope):
                    matches[name].append(match)
            except SourceError:
                late[unit.view.unit.name] = None
        for finding in findings:
            try:
                for name, match in self._narrowed(units, finding):
                    matches[name].append(match)
            except SourceError:
                late[finding.function] = None
        failures = [
            f"{name}: the patterns were not asked to the end within {seconds:g} s; raise limits.unit-seconds"
            for name in late
        ]
        if self._shapes and len(read.code.source.text) > MAX_TEXT:
            failures.append(f"has more than {MAX_TEXT} characters; shapes are not looked for")
        elif self._shapes:
            for name, match in self._shaped(read, [unit.view for unit in units], failures):
                matches[name].append(match)
        return Found(dict(matches), tuple(failures))

    def _narrowed(self, units: Sequence[_Unit], finding: Finding) -> Iterator[tuple[str, Match]]:
        for name, query in self._rules.get(finding.rule, ()):
            reasons = _narrowing(query, finding, units)
            if reasons is not None:
                yield (
                    name,
                    Match(
                        finding.line,
                        finding.end_line,
                        finding.column,
                        finding.function,
                        finding.code,
                        (finding.message, *reasons),
                    ),
                )

    def _shaped(self, read: ReadFile, views: Sequence[View], failures: list[str]) -> Iterator[tuple[str, Match]]:
        source = read.code.source
        identifiers = identifiers_in(source.text)
        shapes = Shapes(source)
        for name, shape, groups in self._shapes:
            if not may_match(groups, identifiers):
                continue
            seen: set[tuple[int, int]] = set()
            for view in views:
                if looks_along(shape) and is_crowded(source.lines[view.unit.line - 1 : view.unit.end_line]):
                    failures.append(
                        f"{view.unit.name}: the shape of {name} was not looked for: there is too much side by side"
                    )
                    continue
                for span, code in shapes.find(shape, view.unit.line, view.unit.end_line):
                    place = (span.line, span.column)
                    if place not in seen and _is_in(read, view, span.line):
                        seen.add(place)
                        reasons = ("its shape is that of the pattern",)
                        yield name, Match(span.line, span.end_line, span.column, view.unit.name, code, reasons)


class _Unit:
    """A unit, made ready when it is first asked.

    Args:
        view: the unit.
        seconds: what asking it may take.
        scope: makes it ready.
    """

    def __init__(self, view: View, seconds: float, scope: OpenScope) -> None:
        self.view = view
        self._seconds = seconds
        self._open = scope
        self._scope: Scope | None = None

    @property
    def scope(self) -> Scope:
        if self._scope is None:
            self._scope = self._open(self.view)
            self._scope.begin(Budget(self._seconds))
        return self._scope

    def end(self) -> None:
        """Let others ask the unit without regard to the time that was taken here."""
        if self._scope is not None:
            self._scope.begin(None)

    def holds(self, finding: Finding) -> bool:
        unit = self.view.unit
        return unit.name == finding.function and unit.line <= finding.line <= unit.end_line


def _narrowing(query: Query | None, finding: Finding, units: Sequence[_Unit]) -> tuple[str, ...] | None:
    """Why a finding meets the query that a rule is narrowed by; None where it does not."""
    if query is None:
        return ()
    for unit in units:
        if unit.holds(finding):
            for fact in unit.scope.facts:
                if fact.span.line == finding.line and holds(query, fact, unit.scope):
                    return match_at(query, fact, unit.scope).reasons
    return None


def _is_in(read: ReadFile, view: View, line: int) -> bool:
    """Whether a line belongs to a unit, and to no definition inside it."""
    innermost = "<module>"
    for definition in read.code.outline.in_order:
        if definition.line <= line <= definition.end_line:
            innermost = definition.name
    return innermost == view.unit.name


_NONE: Mapping[str, list[Query]] = {}


class _Index:
    """Queries by one thing that a fact must have for each of them; what several ask for alike is asked once."""

    def __init__(self) -> None:
        self._exact: defaultdict[str, defaultdict[str, list[Query]]] = defaultdict(lambda: defaultdict(list))
        self._any: defaultdict[str, list[Query]] = defaultdict(list)
        self._always: list[Query] = []
        self._quick: dict[int, Query] = {}
        self._names: defaultdict[Query, list[str]] = defaultdict(list)

    def add(self, name: str, query: Query) -> None:
        self._names[query].append(name)
        if len(self._names[query]) > 1:
            return
        keys = _keys_of(query)
        for asked, value in keys or ():
            if value is None:
                self._any[asked].append(query)
            else:
                self._exact[asked][value].append(query)
        if keys is None:
            self._always.append(query)

    def matches(self, scope: Scope) -> Iterator[tuple[str, Match]]:
        """The matches in a unit, in the order of its facts, one for each query and place."""
        seen: set[tuple[int, int, int]] = set()
        for fact in scope.facts:
            for query in self._candidates(fact, scope):
                key = (id(query), fact.span.line, fact.span.column)
                if key not in seen and holds(self._ordered(query), fact, scope):
                    seen.add(key)
                    match = match_at(query, fact, scope)
                    yield from ((name, match) for name in self._names[query])

    def _ordered(self, query: Query) -> Query:
        """A query with its tests in the quickest order; few of many are ever asked."""
        if id(query) not in self._quick:
            self._quick[id(query)] = quickest_first(query)
        return self._quick[id(query)]

    def _candidates(self, fact: Fact, scope: Scope) -> Iterable[Query]:
        """The queries that a fact may pass, by what it has of the features that they are kept under."""
        found = {id(query): query for query in self._always}
        for name, asked in self._features:
            values = scope.values(asked, fact)
            if values:
                found.update((id(query), query) for query in self._any.get(name, ()))
                exact = self._exact.get(name, _NONE)
                for value in values:
                    found.update((id(query), query) for query in exact.get(value, ()))
        return found.values()

    @cached_property
    def _features(self) -> list[tuple[str, Feature]]:
        return [(name, feature(name)) for name in sorted({*self._exact, *self._any})]


Key = tuple[str, str | None]
"""A feature with one value, or with any."""


def _keys_of(query: Query) -> tuple[Key, ...] | None:
    """What a fact must have at least one of for a query to hold; None where that cannot be told."""
    plain = [test for test in query.tests if not feature(test.feature).relation and feature(test.feature).asks is None]
    exact = [test for test in plain if not any(ANY in value for value in test.values)]
    best = max(exact, key=lambda test: feature(test.feature).weight, default=None)
    if best is not None and feature(best.feature).weight:
        return tuple((best.feature, value) for value in best.values)
    if plain:
        return ((max(plain, key=lambda test: feature(test.feature).weight).feature, None),)
    alternatives = [_keys_of(other) for other in query.any_of]
    if alternatives and all(keys is not None for keys in alternatives):
        return tuple(dict.fromkeys(key for keys in alternatives for key in keys or ()))
    return None
