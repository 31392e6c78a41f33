"""Which facts of a unit may come after another one in the same run of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import TYPE_CHECKING

from reviewer.catalog.query.anchor import Clause
from reviewer.catalog.query.branch import Jump
from reviewer.domain.fact import Block, Fact, Return

if TYPE_CHECKING:
    from reviewer.catalog.query.scope import Scope


_STRAIGHT = frozenset({"with", "lock", "transaction"})
"""Blocks that are always run to their end where they are reached, unless something fails."""


def may_follow(first: Fact, second: Fact, scope: Scope) -> bool:
    """Whether the second of two facts, which stands behind the first, may come after it.

    What encloses a fact, the unit included, neither follows nor precedes it.
    """
    if scope.layout.encloses(second, first) or scope.layout.encloses(first, second):
        return False
    ours, theirs = _blocks(first), _blocks(second)
    shared = _shared(ours, theirs)
    if len(ours) > shared and len(theirs) > shared and _exclude(ours[shared], theirs[shared], scope):
        return False
    if any(_runs_on_failure(block, first) for block in theirs[shared:]):
        return True
    return not _left_between(first, second, shared, scope)


def on_success(first: Fact, second: Fact) -> bool:
    """Whether a fact that may come after another one does so without a failure."""
    ours, theirs = _blocks(first), _blocks(second)
    return not any(block.kind in ("handler", "finally") for block in theirs[_shared(ours, theirs) :])


def surely_follows(first: Fact, second: Fact, scope: Scope) -> bool:
    """Whether a fact that may come after another one does so whenever nothing fails in between.

    What stands in the `finally` of a `try` around the first does so whatever happens.
    """
    ours, theirs = _blocks(first), _blocks(second)
    shared = _shared(ours, theirs)
    beyond = [block for block in theirs[shared:] if block.kind not in _STRAIGHT]
    if beyond:
        return len(beyond) == 1 and beyond[0].kind == "finally" and _runs_on_failure(beyond[0], first)
    end = scope.layout.position(second)
    between = takewhile(lambda pair: pair[0] < end, scope.layout.departures_from(first))
    return all(departure.context.inside("handler") is not None for _, departure in between)


def surely_precedes(first: Fact, second: Fact) -> bool:
    """Whether a fact that may have come before another one has always done so, without failing."""
    ours, theirs = _blocks(first), _blocks(second)
    if any(block.kind not in _STRAIGHT for block in ours[_shared(ours, theirs) :]):
        return False
    around = {id(attempt) for attempt in second.context.tries}
    return all(
        id(attempt) in around or not any(handler.ends_error for handler in attempt.handlers)
        for attempt in first.context.tries
    )


def _blocks(fact: Fact) -> tuple[Block, ...]:
    """The blocks that a fact stands in; a clause stands in itself, since it is met when something has failed."""
    return (*fact.context.blocks, fact.block) if isinstance(fact, Clause) else fact.context.blocks


def _shared(ours: tuple[Block, ...], theirs: tuple[Block, ...]) -> int:
    """How many of the outermost blocks are the same; where one is, all around it are."""
    low, high = 0, min(len(ours), len(theirs))
    while low < high:
        middle = (low + high) // 2
        if ours[middle] is theirs[middle]:
            low = middle + 1
        else:
            high = middle
    return low


def _exclude(one: Block, other: Block, scope: Scope) -> bool:
    """Whether only one of two blocks, which stand in the same one, is run: a branch and its other, two clauses."""
    kinds = {one.kind, other.kind}
    if kinds == {"if", "else"}:
        return one.text == other.text
    if kinds == {"handler"}:
        return scope.layout.attempt_of(one) is scope.layout.attempt_of(other)
    if kinds == {"handler", "else"}:
        clause, alternative = (one, other) if one.kind == "handler" else (other, one)
        attempt = scope.layout.attempt_of(clause)
        return attempt is not None and attempt.span.line <= alternative.span.line <= attempt.span.end_line
    return False


def _runs_on_failure(block: Block, first: Fact) -> bool:
    """Whether a block is a clause or `finally` that runs when something fails where a fact stands."""
    if block.kind == "handler":
        return any(handler is block.handler for attempt in first.context.tries for handler in attempt.handlers)
    return block.kind == "finally" and any(
        attempt.span.line < block.span.line and block.span.end_line <= attempt.span.end_line
        for attempt in first.context.tries
    )


def _left_between(first: Fact, second: Fact, shared: int, scope: Scope) -> bool:
    """Whether the way from the first fact always leaves the unit, or the pass of a loop, before the second."""
    end = scope.layout.position(second)
    for position, other in scope.ways_out(first):
        if position >= end:
            return False
        if other is not first and len(other.context.blocks) <= shared:
            continue  # what the second stands behind as well
        if isinstance(other, Jump):
            loop = other.context.inside("for", "while")
            if loop is not None and loop in second.context.blocks:
                return True
        elif isinstance(other, Return) or all(
            any(attempt is around for around in second.context.tries) for attempt in other.context.tries
        ):
            return True
    return False


def ways_out(fact: Fact, scope: Scope) -> Iterator[tuple[int, Fact]]:
    """Where the way from a fact always leaves the unit or the pass of a loop, with the positions, in order."""
    ours = _blocks(fact)
    for position, other in scope.layout.departures_from(fact):
        depth = len(other.context.blocks)
        if other is fact or (depth <= len(ours) and other.context.blocks == ours[:depth]):
            yield position, other
