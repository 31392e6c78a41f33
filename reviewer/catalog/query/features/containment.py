"""Which facts of a unit stand in which."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.catalog.query.branch import Branch, stands_in
from reviewer.catalog.query.feature import Feature
from reviewer.catalog.query.scope import Scope
from reviewer.domain.fact import Block, Fact, TryStatement, Usage


def _in_handlers(fact: Fact, scope: Scope) -> Iterator[Fact]:
    for attempt in _attempts(fact, scope):
        for clause in scope.layout.clauses(attempt):
            yield from scope.layout.parts(clause)


def _in_finally(fact: Fact, scope: Scope) -> Iterator[Fact]:
    for attempt in _attempts(fact, scope):
        yield from scope.layout.finals(attempt)


def _attempts(fact: Fact, scope: Scope) -> Iterator[TryStatement]:
    """A `try` itself; of any other fact those in whose body it stands."""
    if isinstance(fact, TryStatement):
        yield fact
    around = {id(attempt) for attempt in fact.context.tries}
    for other in scope.layout.around(fact):
        if isinstance(other, TryStatement) and id(other.statement) in around:
            yield other


def _body(fact: Fact, scope: Scope) -> Iterator[Fact]:
    if isinstance(fact, Branch):
        yield from (one for one in scope.facts if stands_in(fact.then, one))
    for one in scope.layout.parts(fact):
        if not isinstance(fact, TryStatement) or fact.statement in one.context.tries:
            yield one


def _contents(fact: Fact, scope: Scope) -> Iterator[Fact]:
    if isinstance(fact, Branch):
        return (one for one in scope.facts if stands_in(fact.then, one) or stands_in(fact.other, one))
    if isinstance(fact, Usage) and fact.operation == "context":
        return (one for one in scope.facts if any(_is_entered(block, fact) for block in one.context.blocks))
    return iter(scope.layout.parts(fact))


def _is_entered(block: Block, entering: Usage) -> bool:
    return block.kind in ("with", "lock", "transaction") and block.span == entering.span


def _around(fact: Fact, scope: Scope) -> Iterator[Fact]:
    yield from scope.layout.around(fact)
    for branch in scope.layout.branches:
        if branch is not fact and (stands_in(branch.then, fact) or stands_in(branch.other, fact)):
            yield branch


FEATURES = (
    Feature(
        "contains",
        "Facts in a loop, a `with`, a `try` with its clauses, an `except` clause, both ways of an `if`, the unit.",
        relation=True,
        related=_contents,
        says="there is {} in it",
        lacks="there is no {} in it",
    ),
    Feature(
        "in-body",
        "Facts in the body of a `try` or `if` alone, of a loop, an `except` clause, the unit.",
        relation=True,
        related=_body,
        says="there is {} in its body",
        lacks="there is no {} in its body",
    ),
    Feature(
        "within",
        "The loops, tries, clauses and `if`s that a fact stands in, and the unit.",
        relation=True,
        related=_around,
        says="it stands in {}",
        lacks="it does not stand in {}",
    ),
    Feature(
        "in-handlers",
        "Facts in the clauses that run when it fails: of a `try` its own, of any other fact those of the tries around.",
        relation=True,
        related=_in_handlers,
        says="on failure {} follows",
        lacks="on failure no {} follows",
    ),
    Feature(
        "in-finally",
        "Facts in the `finally` that runs however it ends: of a `try` its own, else those of the tries around.",
        relation=True,
        related=_in_finally,
        says="however it ends, {} follows",
        lacks="no {} follows however it ends",
    ),
)
