"""Conditions and jumps as places that a query may begin at, and the conditions that are in force at a place."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from reviewer.catalog.query.anchor import Clause
from reviewer.catalog.query.syntax import Syntax
from reviewer.domain.fact import Block, Context, Fact, Loop, Place, Span, Try, TryStatement

Stretch = tuple[Place, Place]
"""From a place to the one behind the last character."""
NOWHERE: Stretch = ((0, 0), (0, 0))

_ENDS: dict[type[ast.stmt], str] = {
    ast.Return: "returns",
    ast.Raise: "raises",
    ast.Continue: "continues",
    ast.Break: "breaks",
}


@dataclass(frozen=True, slots=True)
class Branch(Fact):
    """An `if` or `elif`.

    Attributes:
        test: its condition.
        truth: how the condition came out; the place itself is told as if it held.
        then, other: the stretches of its two ways; the second is nowhere without an `else`.
        after: from its end to the end of the block that it stands in.
        ends, other_ends: how the two ways always end: "returns", "raises", "continues", "breaks"; "" for on and on.
    """

    test: ast.expr = field(default_factory=ast.expr, compare=False)
    truth: bool = True
    then: Stretch = NOWHERE
    other: Stretch = NOWHERE
    after: Stretch = NOWHERE
    ends: str = ""
    other_ends: str = ""


@dataclass(frozen=True, slots=True)
class Jump(Fact):
    """A `break` or `continue`.

    Attributes:
        leaves: it is a `break`.
    """

    leaves: bool = False


@dataclass(frozen=True, slots=True)
class _Body:
    """Statements in a row, with where they stand."""

    statements: Sequence[ast.stmt]
    context: Context
    holders: tuple[Fact, ...]


class Branches:
    """Finds the conditions and jumps of a unit.

    Args:
        syntax: of the unit.
        facts: the other places of the unit, in order.
        context: where the unit's own statements stand.
        lines: of the file.
    """

    def __init__(self, syntax: Syntax, facts: Sequence[Fact], context: Context, lines: Sequence[str]) -> None:
        self._syntax = syntax
        self._lines = lines
        self._sorted = sorted(facts, key=begin)
        self._begins = [begin(fact) for fact in self._sorted]
        self._loops = {begin(fact): fact for fact in facts if isinstance(fact, Loop)}
        self._tries = {begin(fact): fact for fact in facts if isinstance(fact, TryStatement)}
        self._clauses = {begin(fact): fact for fact in facts if isinstance(fact, Clause)}
        self._context = context

    def find(self) -> Iterator[tuple[Fact, tuple[Fact, ...]]]:
        """Each condition and jump with the loops, tries and clauses that it stands in, in no order."""
        pending = [_Body(self._syntax.body, self._context, ())]
        while pending:
            body = pending.pop()
            end = self._syntax.end(body.statements[-1]) if body.statements else (0, 0)
            for statement in body.statements:
                if isinstance(statement, ast.Break | ast.Continue):
                    yield self._jump(statement, body.context), body.holders
                elif isinstance(statement, ast.If):
                    yield self._branch(statement, body.context, end), body.holders
                pending.extend(self._inside(statement, body))

    def _jump(self, node: ast.Break | ast.Continue, context: Context) -> Jump:
        return Jump(self._span(node), context, self._code(node), isinstance(node, ast.Break))

    def _branch(self, node: ast.If, context: Context, end: Place) -> Branch:
        return Branch(
            self._span(node),
            context,
            self._code(node),
            test=node.test,
            then=self._stretch(node.body),
            other=self._stretch(node.orelse),
            after=(self._syntax.end(node), end),
            ends=_end_of(node.body),
            other_ends=_end_of(node.orelse),
        )

    def _inside(self, node: ast.stmt, body: _Body) -> Iterator[_Body]:
        """The bodies of a compound statement, each with its context."""
        context, holders, place = body.context, body.holders, self._syntax.start(node)
        if isinstance(node, ast.If):
            yield self._body(node.body, context, holders, "if")
            yield self._body(node.orelse, context, holders, "else")
        elif isinstance(node, ast.For | ast.AsyncFor | ast.While):
            loop = self._loops.get(place)
            within = (*holders, *((loop,) if loop is not None else ()))
            yield self._body(node.body, context, within, "while" if isinstance(node, ast.While) else "for")
            yield _Body(node.orelse, context, holders)
        elif isinstance(node, ast.With | ast.AsyncWith):
            yield self._body(node.body, context, holders, "with", len(node.items))
        elif isinstance(node, ast.Try | ast.TryStar):
            yield from self._attempt(node, body)
        elif isinstance(node, ast.Match):
            for case in node.cases:
                yield self._body(case.body, context, holders, "if")

    def _attempt(self, node: ast.Try | ast.TryStar, body: _Body) -> Iterator[_Body]:
        attempt = self._tries.get(self._syntax.start(node))
        holders = (*body.holders, *((attempt,) if attempt is not None else ()))
        statement = attempt.statement if attempt is not None else None
        yield _Body(node.body, _protected(body.context, statement), holders)
        yield self._body(node.orelse, body.context, body.holders, "else")
        yield self._body(node.finalbody, body.context, holders, "finally")
        for handler in node.handlers:
            clause = self._clauses.get(self._syntax.start(handler))
            if clause is None:
                yield self._body(handler.body, body.context, holders, "handler")
            else:
                blocks = (*body.context.blocks, clause.block)
                yield _Body(handler.body, replace(body.context, blocks=blocks), (*holders, clause))

    def _body(
        self, statements: Sequence[ast.stmt], context: Context, holders: tuple[Fact, ...], kind: str, more: int = 1
    ) -> _Body:
        """Statements in a block, or several of a `with`: the blocks that facts in them know, else one that is alike."""
        depth = len(context.blocks)
        first, last = self._stretch(statements)
        inside = self._sorted[bisect_left(self._begins, first) : bisect_left(self._begins, last)]
        deep = (fact.context.blocks for fact in inside if len(fact.context.blocks) >= depth + more)
        known = next((blocks[: depth + more] for blocks in deep), None)
        if known is None:
            known = (*context.blocks, Block(kind, Span(first[0], last[0], first[1])))  # type: ignore[arg-type]
        return _Body(statements, replace(context, blocks=known), holders)

    def _stretch(self, statements: Sequence[ast.stmt]) -> Stretch:
        return (self._syntax.start(statements[0]), self._syntax.end(statements[-1])) if statements else NOWHERE

    def _span(self, node: ast.stmt) -> Span:
        line, column = self._syntax.start(node)
        return Span(line, self._syntax.end(node)[0], column)

    def _code(self, node: ast.stmt) -> str:
        line, column = self._syntax.start(node)
        return self._lines[line - 1][column - 1 :].strip()[:200]


def begin(fact: Fact) -> Place:
    """Where a fact begins."""
    return fact.span.line, fact.span.column


def stands_in(stretch: Stretch, fact: Fact) -> bool:
    """Whether a fact begins in a stretch."""
    return stretch[0] <= begin(fact) < stretch[1]


def in_force(branch: Branch, place: Place) -> bool | None:
    """How the condition of a branch must have come out for a place to be reached; None where it need not have."""
    if _holds(branch.then, place):
        return True
    if _holds(branch.other, place):
        return False
    if _holds(branch.after, place):
        if branch.ends and not branch.other_ends:
            return False
        if branch.other_ends and not branch.ends:
            return True
    return None


def _holds(stretch: Stretch, place: Place) -> bool:
    return stretch[0] <= place < stretch[1]


def _protected(context: Context, statement: Try | None) -> Context:
    return context if statement is None else replace(context, tries=(statement, *context.tries))


def _end_of(body: Sequence[ast.stmt]) -> str:
    """How statements always end; "" where they may go on."""
    while body:
        last = body[-1]
        if isinstance(last, ast.If):
            ends = {_end_of(last.body), _end_of(last.orelse)} if not _is_long(last) else {""}
            return "" if "" in ends else min(ends)
        if not isinstance(last, ast.With | ast.AsyncWith):
            return _ENDS.get(type(last), "")
        body = last.body
    return ""


def _is_long(node: ast.If) -> bool:
    """Whether an `elif` chain is longer than anybody writes; each of its parts nests in the one before."""
    for _ in range(50):
        if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
            return False
        node = node.orelse[0]
    return True
