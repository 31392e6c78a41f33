"""Whether a fact passes a query, and where in a unit one does."""

from __future__ import annotations

from reviewer.catalog.query.reason import reasons
from reviewer.catalog.query.registry import feature
from reviewer.catalog.query.scope import Scope
from reviewer.catalog.query.wildcard import ANY, meets
from reviewer.domain.detector import Match, Query, Test
from reviewer.domain.fact import Fact

_ANYTHING = Query()


def holds(query: Query, fact: Fact, scope: Scope) -> bool:
    """Whether a fact passes all tests of a query.

    Args:
        query: one that `language.read_detector` let pass.
        fact: one of the scope's facts.
        scope: the unit.

    Raises:
        SourceError: the time of the scope is over.
    """
    scope.spend()
    for test in query.tests:
        if not passes(test, fact, scope):
            return False
    for other in query.none_of:
        if holds(other, fact, scope):
            return False
    return not query.any_of or any(holds(other, fact, scope) for other in query.any_of)


def passes(test: Test, fact: Fact, scope: Scope) -> bool:
    """Whether a fact passes one test; see `holds`."""
    asked = feature(test.feature)
    if asked.relation:
        wanted, relates = test.related, asked.relates
        if wanted is None or wanted == _ANYTHING:
            return bool(scope.related(asked, fact))
        if relates is not None:
            return any(relates(fact, other, scope) for other in scope.meeting(wanted, holds))
        return any(holds(wanted, other, scope) for other in scope.related(asked, fact))
    values = scope.values(asked, fact)
    if values:
        for value in test.values:
            if value in values or (ANY in value and meets(value, values)):
                return True
    return asked.asks is not None and any(ANY not in value and asked.asks(fact, scope, value) for value in test.values)


def quickest_first(query: Query) -> Query:
    """The same query with the tests first that most facts fail at the least cost; relations come last."""
    ordered = sorted(query.tests, key=lambda test: (feature(test.feature).relation, -feature(test.feature).weight))
    return Query(tuple(ordered), query.none_of, query.any_of)


def match_at(query: Query, fact: Fact, scope: Scope) -> Match:
    """The match of a fact that passes a query."""
    span = fact.span
    return Match(
        span.line, span.end_line, span.column, scope.view.unit.name, fact.code, tuple(reasons(query, fact, scope))
    )
