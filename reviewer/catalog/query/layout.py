"""The places of one unit in evaluation order, and which of them stand in which."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Literal

from reviewer.catalog.query.anchor import Clause, Whole, anchors_of
from reviewer.catalog.query.branch import Branch, Branches, Jump, begin
from reviewer.catalog.query.syntax import Syntax
from reviewer.detectors.rule import View
from reviewer.domain.fact import Block, Context, Fact, Loop, Raise, Return, TryStatement

Holder = Loop | TryStatement | Clause | Whole


class Layout:
    """A unit's places; see `Scope`, which is asked for them.

    Args:
        view: the unit.
        syntax: of the unit.

    Attributes:
        facts: the unit itself, then its facts in evaluation order; each clause stands before what is in it, each
            condition behind what it is made of, each jump in its place.
        whole: the first of them.
        branches: the conditions, in order.
    """

    def __init__(self, view: View, syntax: Syntax) -> None:
        places = tuple(anchors_of(view))
        self.whole = places[0]
        found = list(Branches(syntax, places[1:], _outermost(places), view.lines).find())
        self.facts: tuple[Fact, ...] = _merged(places, found, syntax)
        self._syntax = syntax
        self._positions = {id(fact): index for index, fact in enumerate(self.facts)}
        self._departures = [(index, fact) for index, fact in enumerate(self.facts) if _leaves(fact)]
        self.branches = tuple(fact for fact in self.facts if isinstance(fact, Branch))
        self._tests = {id(branch.test): self._positions[id(branch)] for branch in self.branches}
        self._parts: defaultdict[int, list[Fact]] = defaultdict(list)
        self._clauses: dict[int, Clause] = {id(one.handler): one for one in self.facts if isinstance(one, Clause)}
        for holder in self.facts:
            self._parts[id(holder)].extend(part for part in self._written(holder) if id(part) in self._positions)
        for fact, holders in found:
            for holder in holders:
                self._parts[id(holder)].append(fact)
        self._around: defaultdict[int, list[Fact]] = defaultdict(list)
        for holder in self.facts:
            for part in self._parts.get(id(holder), ()):
                self._around[id(part)].append(holder)

    def _written(self, holder: Fact) -> Sequence[Fact]:
        """What the code room says is in a fact, clauses included."""
        if isinstance(holder, Loop | Clause):
            return [*holder.body, *self._clauses_in(holder.body)]
        if not isinstance(holder, TryStatement) or holder.statement is None:
            return ()
        otherwise = self._in_stretch(holder, "orelse")
        inner = [*holder.body, *otherwise, *(fact for body in holder.in_handlers for fact in body), *holder.finals]
        return [*inner, *self.clauses(holder), *self._clauses_in(inner)]

    def _in_stretch(self, attempt: TryStatement, field: Literal["orelse", "finalbody"]) -> list[Fact]:
        """The facts of the `else` or `finally` of a `try`."""
        node = self._syntax.statements.get(begin(attempt))
        body = getattr(node, field, None)
        if not body:
            return []
        start, end = self._syntax.start(body[0]), self._syntax.end(body[-1])
        return [fact for fact in self.facts if start <= begin(fact) < end]

    def _clauses_in(self, facts: Sequence[Fact]) -> list[Clause]:
        tries = [fact.statement for fact in facts if isinstance(fact, TryStatement) and fact.statement is not None]
        return [self._clauses[id(one)] for attempt in tries for one in attempt.handlers if id(one) in self._clauses]

    def clauses(self, attempt: TryStatement) -> tuple[Clause, ...]:
        """The clauses of a `try`."""
        handlers = attempt.statement.handlers if attempt.statement is not None else ()
        return tuple(self._clauses[id(one)] for one in handlers if id(one) in self._clauses)

    def finals(self, attempt: TryStatement) -> tuple[Fact, ...]:
        """What stands in the `finally` of a `try`, in order."""
        return tuple(self._in_stretch(attempt, "finalbody"))

    def departures_from(self, fact: Fact) -> Sequence[tuple[int, Fact]]:
        """Where the unit, or a pass of a loop, is left from a fact on, with the positions, itself included."""
        return self._departures[bisect_left(self._departures, self.position(fact), key=lambda pair: pair[0]) :]

    def holds(self, fact: Fact) -> bool:
        """Whether a fact is one of this unit, and not of a function defined inside it."""
        return id(fact) in self._positions

    def position(self, fact: Fact) -> int:
        """Where in evaluation order a fact of this unit stands; the refusal of a condition stands where that does."""
        return self._tests[id(fact.test)] if isinstance(fact, Branch) else self._positions[id(fact)]

    def parts(self, fact: Fact) -> tuple[Fact, ...]:
        """What stands in a unit, loop, `try` or clause, in order; nothing for any other fact."""
        if fact is self.whole:
            return self.facts[1:]
        return tuple(sorted(self._parts.get(id(fact), ()), key=self.position))

    def around(self, fact: Fact) -> tuple[Fact, ...]:
        """The loops, tries and clauses that a fact stands in, and the unit last."""
        return (*self._around.get(id(fact), ()), *((self.whole,) if fact is not self.whole else ()))

    def encloses(self, holder: Fact, fact: Fact) -> bool:
        """Whether one fact is a loop, `try`, clause or the unit, and the other stands in it."""
        if holder is self.whole:
            return fact is not holder
        return any(one is holder for one in self._around.get(id(fact), ()))

    def attempt_of(self, block: Block) -> TryStatement | None:
        """The `try` that the block of a clause belongs to."""
        clause = self._clauses.get(id(block.handler))
        return clause.attempt if clause is not None else None


def _outermost(places: Sequence[Fact]) -> Context:
    """Where the unit's own statements stand: in what its facts know as its `def`."""
    context = places[0].context
    for fact in places[1:2]:
        blocks = fact.context.blocks
        depth = next((index + 1 for index in range(len(blocks) - 1, -1, -1) if blocks[index].kind == "def"), 0)
        context = replace(context, blocks=blocks[:depth])
    return context


def _leaves(fact: Fact) -> bool:
    return isinstance(fact, Raise | Jump) or (isinstance(fact, Return) and not fact.yields)


def _merged(places: Sequence[Fact], found: Sequence[tuple[Fact, tuple[Fact, ...]]], syntax: Syntax) -> tuple[Fact, ...]:
    """The places with conditions and jumps among them."""
    furthest = list(accumulate((begin(fact) for fact in places[1:]), max))
    positions = {id(fact): index for index, fact in enumerate(places)}
    before: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact, holders in found:
        place = syntax.end(fact.test) if isinstance(fact, Branch) else begin(fact)
        index = 1 + bisect_left(furthest, place)
        clause = next((one for one in reversed(holders) if isinstance(one, Clause)), None)
        if clause is not None:
            # The `else` of a `try` is written behind its clauses and walked before them.
            first = positions[id(clause)] + 1
            index = next((i for i in range(first, len(places)) if begin(places[i]) >= place), len(places))
        ends = [positions[id(one)] for one in holders if not isinstance(one, Clause)]
        before[min([index, *ends])].append(fact)
    merged: list[Fact] = []
    for index in range(len(places) + 1):
        merged.extend(sorted(before.get(index, ()), key=begin))
        merged.extend(places[index : index + 1])
    return tuple(merged)
