"""Telling a person why a place was found, one phrase for each test that is worth it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reviewer.catalog.query.feature import Feature
from reviewer.catalog.query.registry import feature
from reviewer.catalog.query.scope import Scope
from reviewer.catalog.query.wildcard import ANY, met
from reviewer.domain.detector import Query, Test
from reviewer.domain.fact import Fact

_MOST = 8
"""Phrases of one match."""
_SHOWN = 3
"""Values that a phrase names."""


def reasons(query: Query, fact: Fact, scope: Scope) -> Iterator[str]:
    """What was seen at a fact that passes a query."""
    told: dict[str, None] = {}
    for phrase in _phrases(query, fact, scope):
        told.setdefault(phrase)
        if len(told) == _MOST:
            break
    yield from told


def _phrases(query: Query, fact: Fact, scope: Scope) -> Iterator[str]:
    for test in query.tests:
        asked = feature(test.feature)
        if asked.says:
            yield asked.says.format(_seen(test, asked, fact, scope))
    for missing in query.none_of:
        yield from _lacking(missing)


def _lacking(query: Query) -> Iterator[str]:
    """What is told of a query that does not hold: only where it is one plain test can it be said shortly."""
    if len(query.tests) == 1 and not query.none_of and not query.any_of:
        test = query.tests[0]
        asked = feature(test.feature)
        if asked.lacks:
            yield asked.lacks.format(_wanted(test, asked))


def _seen(test: Test, asked: Feature, fact: Fact, scope: Scope) -> str:
    if asked.relation:
        return summary(test.related)
    found = met(test.values, scope.values(asked, fact))
    return _listed(found or test.values)


def _wanted(test: Test, asked: Feature) -> str:
    return summary(test.related) if asked.relation else _listed(test.values)


def summary(query: Query | None) -> str:
    """A query in a few words: the names in it."""
    if query is None:
        return "anything"
    words = [
        summary(test.related) if test.related is not None else _listed(test.values)
        for test in query.tests
        if not feature(test.feature).flag
    ]
    if not words:
        words = [summary(other) for other in query.any_of[:_SHOWN]]
    return " ".join(words[:_SHOWN]) or "anything"


def _listed(values: Sequence[str]) -> str:
    shown = ["any" if value == ANY else value for value in values[:_SHOWN]]
    more = len(values) - len(shown)
    if more:
        return f"{', '.join(shown)} or {more} more"
    return " or ".join(shown)
