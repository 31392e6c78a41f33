"""Which exceptions leave a unit, from which statement, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.domain.fact import Call, Fact, Raise, Unit
from reviewer.flow.failure import call_failures
from reviewer.flow.hierarchy import Hierarchy


@dataclass(frozen=True, slots=True)
class Escape:
    """An exception that leaves a unit.

    Attributes:
        exception: canonical name.
        when: when it is raised, in words; "" for a plain `raise`.
        fact: the statement it comes from.
        from_input: it is caused by a value, not by something outside the program.
    """

    exception: str
    when: str
    fact: Fact
    from_input: bool


def escapes(unit: Unit, hierarchy: Hierarchy) -> Iterator[Escape]:
    """The exceptions that leave a unit by its own statements, in their order.

    Facts inside functions defined in the unit belong to those functions; calls in a lambda belong to its caller.
    """
    for fact in unit.facts:
        if fact.context.inside("lambda") is not None:
            continue
        if isinstance(fact, Call):
            yield from call_escapes(fact, hierarchy)
        elif isinstance(fact, Raise) and fact.exception and hierarchy.catcher(fact.context, fact.exception) is None:
            yield Escape(fact.exception, "", fact, False)


def call_escapes(call: Call, hierarchy: Hierarchy) -> Iterator[Escape]:
    """The failures of one call that no clause around it ends."""
    for failure in call_failures(call, hierarchy):
        if hierarchy.catcher(call.context, failure.exception) is None:
            yield Escape(failure.exception, failure.when, call, failure.from_input)
