"""Which exceptions leave a unit, from which statement, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.domain.fact import Call, Unit
from reviewer.flow.leaving import Step
from reviewer.flow.summary import Summaries


@dataclass(frozen=True, slots=True)
class Escape:
    """An exception that leaves a unit.

    Attributes:
        exception: canonical name.
        when: when it is raised, in words; "" for a plain `raise`.
        line: the statement of the unit that it comes from.
        source: what raises it there: a callee by its canonical name, "raise", or a property as written.
        from_input: it is caused by a value, not by something outside the program.
        doubtful: it leaves only under a condition, or depends on what the caller has made sure of.
        steps: the way inside the called function of the project; empty where the called thing itself documents it.
    """

    exception: str
    when: str
    line: int
    source: str
    from_input: bool
    doubtful: bool = False
    steps: tuple[Step, ...] = ()


def escapes(unit: Unit, flow: Summaries) -> Iterator[Escape]:
    """The exceptions that leave a unit, in the order of its statements, those of called functions included.

    Facts inside functions defined in the unit belong to those functions; calls in a lambda belong to its caller.
    """
    named = {(fact.span.line, fact.text): fact.callee for fact in unit.facts if isinstance(fact, Call)}
    ways = sorted(dict.fromkeys(flow.ways(unit)), key=lambda way: way.steps[0].line)
    for way in ways:
        first, *rest = way.steps
        source = "raise" if way.raised and not rest else named.get((first.line, first.text)) or first.text
        yield Escape(way.exception, way.when, first.line, source, way.from_input, way.doubtful, tuple(rest))
