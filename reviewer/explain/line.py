"""What stands at one line of a unit, as the facts tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from reviewer.domain.fact import Call, Fact, Handler, Loop, TryStatement, Unit, Usage
from reviewer.flow.summary import Summaries

_TALL = 60
"""Lines of a fact beyond which it is looked up by its first ones only."""


@dataclass(frozen=True)
class Line:
    """What stands at one line.

    Attributes:
        number: the line.
        unit: the unit.
        flow: what calls let through.
        facts: the facts there, compound statements left out.
        clauses: the handlers that begin there.
    """

    number: int
    unit: Unit
    flow: Summaries
    facts: tuple[Fact, ...]
    clauses: tuple[Handler, ...] = ()

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """The calls."""
        return tuple(fact for fact in self.facts if isinstance(fact, Call))

    @cached_property
    def usages(self) -> tuple[Usage, ...]:
        """The uses of values, those that only store left out."""
        return tuple(fact for fact in self.facts if isinstance(fact, Usage) and not fact.stored)

    @property
    def end_line(self) -> int:
        """The last line of what begins here."""
        return max((f.span.end_line for f in self.facts if f.span.line == self.number), default=self.number)

    def ends(self, exception: str) -> bool:
        """Whether everything that could raise it here stands under a clause of the unit that ends it."""
        return bool(self.facts) and all(self.flow.hierarchy.catcher(f.context, exception) for f in self.facts)

    def is_async(self) -> bool:
        """Whether it runs in a coroutine."""
        return any(fact.context.is_async for fact in self.facts) or (not self.facts and self.unit.is_async)

    def handlers(self) -> Iterator[Handler]:
        """The clauses that begin here, that this stands in, or that see what is raised here."""
        yield from self.clauses
        for fact in self.facts:
            block = fact.context.inside("handler")
            if block is not None and block.handler is not None:
                yield block.handler
            for attempt in fact.context.tries:
                yield from attempt.handlers


def lines_of(unit: Unit, flow: Summaries) -> Iterator[Line]:
    """What stands at each line of a unit."""
    clauses: dict[int, list[Handler]] = {}
    for fact in unit.facts:
        if isinstance(fact, TryStatement) and fact.statement is not None:
            for handler in fact.statement.handlers:
                clauses.setdefault(handler.span.line, []).append(handler)
    simple = [fact for fact in unit.facts if not isinstance(fact, TryStatement | Loop)]
    by_line: dict[int, list[Fact]] = {}
    for fact in simple:
        for line in range(fact.span.line, min(fact.span.end_line, fact.span.line + _TALL) + 1):
            by_line.setdefault(line, []).append(fact)
    for line in range(unit.line, unit.end_line + 1):
        yield Line(line, unit, flow, tuple(by_line.get(line, ())), tuple(clauses.get(line, ())))
