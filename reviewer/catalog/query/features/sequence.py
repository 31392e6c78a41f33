"""How facts of one unit follow each other in a run of it."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.catalog.query.feature import Feature
from reviewer.catalog.query.order import may_follow, on_success, surely_follows, surely_precedes
from reviewer.catalog.query.scope import Scope
from reviewer.domain.fact import Fact


def _follows(fact: Fact, other: Fact, scope: Scope) -> bool:
    layout = scope.layout
    return layout.position(fact) < layout.position(other) and may_follow(fact, other, scope)


def _surely(fact: Fact, other: Fact, scope: Scope) -> bool:
    return _follows(fact, other, scope) and surely_follows(fact, other, scope)


def _surely_before(fact: Fact, other: Fact, scope: Scope) -> bool:
    return _follows(other, fact, scope) and surely_precedes(other, fact)


def _unless_it_fails(fact: Fact, other: Fact, scope: Scope) -> bool:
    return _follows(fact, other, scope) and on_success(fact, other)


def _in_unit(fact: Fact, scope: Scope) -> Iterator[Fact]:
    return (other for other in scope.facts[1:] if other is not fact)


def _beside(fact: Fact, scope: Scope) -> Iterator[Fact]:
    return (
        other
        for other in scope.facts
        if other is not fact
        and other.context.blocks == fact.context.blocks
        and other.context.tries == fact.context.tries
        and other is not scope.whole
    )


FEATURES = (
    Feature(
        "followed-by",
        "Facts that may come later in the same run of the unit; ways that exclude each other and what stands behind a"
        " `return` are left out.",
        relation=True,
        related=lambda fact, scope: scope.later(fact),
        relates=_follows,
        says="{} comes later",
        lacks="no {} comes later",
    ),
    Feature(
        "surely-followed-by",
        "Those of them that come whenever nothing fails in between; what stands in a `finally` around comes whatever"
        " happens.",
        relation=True,
        related=lambda fact, scope: (one for one in scope.later(fact) if surely_follows(fact, one, scope)),
        relates=_surely,
        says="{} always comes later",
        lacks="{} does not always come later",
    ),
    Feature(
        "followed-on-success",
        "Facts that come later when nothing fails: none in an `except` clause or a `finally`, unless both stand there.",
        relation=True,
        related=lambda fact, scope: (one for one in scope.later(fact) if on_success(fact, one)),
        relates=_unless_it_fails,
        says="{} comes later unless it fails",
        lacks="no {} comes later",
    ),
    Feature(
        "preceded-by",
        "Facts that may have come before, seen in the same way.",
        relation=True,
        related=lambda fact, scope: scope.earlier(fact),
        relates=lambda fact, other, scope: _follows(other, fact, scope),
        says="{} comes before",
        lacks="no {} comes before",
    ),
    Feature(
        "surely-preceded-by",
        "Those of them that have always come before, without failing.",
        relation=True,
        related=lambda fact, scope: (one for one in scope.earlier(fact) if surely_precedes(one, fact)),
        relates=_surely_before,
        says="{} always comes before",
        lacks="{} does not always come before",
    ),
    Feature(
        "unit-has",
        "Any other facts of the unit.",
        relation=True,
        related=_in_unit,
        says="{} stands in the same unit",
        lacks="no {} stands in the same unit",
    ),
    Feature(
        "beside",
        "Other facts in the same innermost block.",
        relation=True,
        related=_beside,
        says="{} beside it",
        lacks="no {} beside it",
    ),
)
