"""Which exceptions leave a unit, from which statement, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.domain.fact import Call, Fact, Raise, Unit
from reviewer.flow.risk import open_risks
from reviewer.flow.summary import Step, Summaries


@dataclass(frozen=True, slots=True)
class Escape:
    """An exception that leaves a unit.

    Attributes:
        exception: canonical name.
        when: when it is raised, in words; "" for a plain `raise`.
        fact: the statement it comes from.
        from_input: it is caused by a value, not by something outside the program.
        steps: the way inside the called function of the file; empty where the called thing itself documents it.
    """

    exception: str
    when: str
    fact: Fact
    from_input: bool
    steps: tuple[Step, ...] = ()


def escapes(unit: Unit, flow: Summaries) -> Iterator[Escape]:
    """The exceptions that leave a unit, in the order of its statements, those of called functions of the file included.

    Facts inside functions defined in the unit belong to those functions; calls in a lambda belong to its caller.
    """
    for fact in unit.facts:
        if fact.context.inside("lambda") is not None:
            continue
        if isinstance(fact, Call):
            for risk in open_risks(fact, flow):
                yield Escape(risk.exception, risk.when, fact, risk.from_input, risk.steps)
        elif isinstance(fact, Raise) and fact.exception and not fact.reraise:
            caught = flow.hierarchy.catcher(fact.context, fact.exception)
            if caught is None:
                yield Escape(fact.exception, "", fact, from_input=False)
