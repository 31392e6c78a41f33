"""Judgement that several rules share: what leaves the process, what happens to a result, what a loop repeats."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import View
from reviewer.domain.fact import Call, Context, Place, Try, Unit, Usage

REMOTE = frozenset({"http", "db", "cache", "queue", "cloud", "llm", "dns", "other"})
"""Kinds of calls that wait for something over a network."""

_HANDS_ON = frozenset({"return", "yield", "store", "argument", "spread", "await", "context"})
_BROAD = frozenset({"Exception", "BaseException"})


def place(call: Call) -> Place:
    """What identifies the value that a call makes."""
    return call.span.line, call.span.column


def method(call: Call) -> str:
    """The last part of the callee as written: "get" of "self.client.get"."""
    return call.text.rpartition(".")[2]


def leaves_process(call: Call) -> bool:
    """It is a call that leaves the process and happens here, not a coroutine that somebody else awaits."""
    known = call.known
    return known is not None and known.kind is not None and (call.awaited or not known.coroutine)


def uses_of(unit: Unit, call: Call) -> Iterator[Usage]:
    """The uses of what a call made, its parts and copies included, in order."""
    made = place(call)
    for fact in unit.facts:
        if isinstance(fact, Usage) and fact.subject.made_at == made:
            yield fact


def handed_on(unit: Unit, call: Call) -> bool:
    """Somebody else gets the result as a whole: it is returned, kept, or given to another call."""
    if call.use in ("returned", "yielded", "argument"):
        return True
    if call.target is not None and ("." in call.target or "[" in call.target):
        return True
    kind = call.result.type
    return any(
        use.operation in _HANDS_ON
        and (use.subject.text == call.target or (kind is not None and use.subject.type == kind))
        for use in uses_of(unit, call)
    )


def guarding(context: Context) -> Try | None:
    """The innermost `try` around a place that has handlers."""
    return next((attempt for attempt in context.tries if attempt.handlers), None)


def is_broad(types: tuple[str, ...]) -> bool:
    """An `except` clause that takes every error."""
    return not _BROAD.isdisjoint(types)


def is_route(view: View) -> bool:
    """The unit answers requests of a web framework."""
    boundary = view.upward.boundary(view.unit.name)
    return boundary is not None and boundary.kind == "route"
