"""A compact way to say what queries find in source text; a line that ends in `#!` is one where they must."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from functools import cache

from reviewer.catalog.query.language import read_detector
from reviewer.catalog.query.matcher import holds, match_at
from reviewer.catalog.query.scope import Scope
from reviewer.detectors.registry import all_rules
from reviewer.detectors.rule import View
from reviewer.domain.detector import Detector, Match, Query
from reviewer.domain.finding import Finding
from reviewer.flow.reading import ReadFile, Surroundings, read_file
from reviewer.knowledge.lookup import Knowledge

MARK = "#!"


@cache
def knowledge() -> Knowledge:
    """The library descriptions, read once for all tests."""
    return Knowledge()


def read(text: str, path: str = "shop/orders.py") -> tuple[ReadFile, list[View]]:
    """A file made of dedented text, with a view of each unit; nothing may be left unread."""
    around = Surroundings(knowledge())
    found = read_file(path, textwrap.dedent(text).encode(), None, around)
    assert found.code.failures == ()
    lines = tuple(found.code.source.lines)
    units = found.code.units
    return found, [
        View(path, unit, found.flow.hierarchy, around.knowledge, found.flow, found.upward, lines, units)
        for unit in units
    ]


def scopes(text: str, path: str = "shop/orders.py") -> list[Scope]:
    """Every unit of a file, ready to be asked."""
    return [Scope(view) for view in read(text, path)[1]]


def detector(data: object) -> Detector:
    """A detector from its table."""
    return read_detector(data, "test.toml: detector")


def query(data: object) -> Query:
    """A query from its table."""
    found = detector({"query": data}).query
    assert found is not None
    return found


def find_matches(wanted: Query, scope: Scope) -> Iterator[Match]:
    """The places of a unit that pass a query, in order, one for each place, each fact asked in turn.

    Raises:
        SourceError: the time of the scope is over.
    """
    seen: set[tuple[int, int]] = set()
    for fact in scope.facts:
        place = (fact.span.line, fact.span.column)
        if place not in seen and holds(wanted, fact, scope):
            seen.add(place)
            yield match_at(wanted, fact, scope)


def matches(text: str, wanted: Query, path: str = "shop/orders.py") -> list[Match]:
    """What a query finds in a file, by line."""
    found = [match for scope in scopes(text, path) for match in find_matches(wanted, scope)]
    return sorted(found, key=lambda match: (match.line, match.column))


def lines(text: str, data: object, path: str = "shop/orders.py") -> list[int]:
    """The lines on which a query, given as its table, finds something."""
    return sorted({match.line for match in matches(text, query(data), path)})


def marked(text: str) -> list[int]:
    """The lines that are marked."""
    written = textwrap.dedent(text).splitlines()
    return [number for number, line in enumerate(written, start=1) if line.rstrip().endswith(MARK)]


def findings(views: list[View]) -> list[Finding]:
    """What the reviewer's own rules find in some units."""
    return [finding for rule in all_rules() for view in views for finding in rule.check(view, rule)]
