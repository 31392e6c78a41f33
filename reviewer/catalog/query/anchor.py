"""Places that a query may begin at beside the facts of the code room: the unit as a whole, and each `except` clause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.detectors.rule import View
from reviewer.domain.fact import Block, Context, Fact, Handler, Span, TryStatement


@dataclass(frozen=True, slots=True)
class Whole(Fact):
    """The unit itself."""


@dataclass(frozen=True, slots=True)
class Clause(Fact):
    """An `except` clause.

    Attributes:
        block: the block that its body is.
        handler: what it takes and does.
        attempt: the `try` that it belongs to.
        body: facts of its body, in order.
    """

    block: Block
    handler: Handler
    attempt: TryStatement
    body: tuple[Fact, ...]


def anchors_of(view: View) -> Iterator[Fact]:
    """All places of a unit in evaluation order: the unit itself, then its facts, each clause before what is in it."""
    own = {id(fact) for fact in view.unit.facts}
    before: defaultdict[int, list[Clause]] = defaultdict(list)
    for fact in view.unit.facts:
        if isinstance(fact, TryStatement):
            _insert(fact, own, before)
    yield _whole(view)
    for fact in view.unit.facts:
        yield from before.get(id(fact), ())
        yield fact


def _insert(attempt: TryStatement, own: set[int], before: dict[int, list[Clause]]) -> None:
    """Put the clauses of a `try` where they begin; one that holds no fact, before whatever comes next."""
    place: Fact = next((fact for fact in attempt.finals if id(fact) in own), attempt)
    for clause in reversed(tuple(_clauses(attempt))):
        place = next((fact for fact in clause.body if id(fact) in own), place)
        # What is inside a clause has been put there before, since it ends first.
        before[id(place)].insert(0, clause)


def _clauses(attempt: TryStatement) -> Iterator[Clause]:
    handlers = attempt.statement.handlers if attempt.statement is not None else ()
    for handler, body in zip(handlers, attempt.in_handlers, strict=False):
        block = next((block for fact in body for block in fact.context.blocks if block.handler is handler), None)
        block = block or Block("handler", handler.span, handler.code, handler=handler)
        yield Clause(handler.span, attempt.context, handler.code[:200], block, handler, attempt, body)


def _whole(view: View) -> Whole:
    """The unit stands on the line of its `def` or `class`; a module on its first one."""
    unit = view.unit
    line = unit.line
    if unit.kind != "module":
        while line < unit.end_line and not _line(view, line).startswith(("def ", "async ", "class ")):
            line += 1
    context = Context(unit.name, is_async=unit.is_async, import_time=unit.kind in ("module", "class"))
    return Whole(Span(line, unit.end_line, 1), context, _line(view, line)[:200])


def _line(view: View, line: int) -> str:
    return view.lines[line - 1].strip() if 0 < line <= len(view.lines) else ""
