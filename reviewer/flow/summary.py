"""What leaves the functions of a file: the exceptions that a call of one of them may let through, with the path.

The functions that a question reaches are read on demand and their summaries worked out together until nothing is added,
so recursion ends by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from reviewer.code.definition import Definitions
from reviewer.domain.fact import Call, Raise, Unit
from reviewer.flow.failure import call_failures, is_signal
from reviewer.flow.hierarchy import Hierarchy
from reviewer.flow.sibling import Siblings

MAX_FUNCTIONS = 300
"""Functions that one question may read; what lies beyond counts as letting nothing through."""
MAX_STEPS = 6
"""Calls on the longest path that is followed."""

_HANDLING_DECORATORS = ("retry", "catch", "handle", "safe", "suppress", "fallback", "backoff", "error")


@dataclass(frozen=True, slots=True)
class Step:
    """A place on the way of an exception.

    Attributes:
        function: qualified name of the function in the file.
        line: line of the call or raise.
        text: the callee as written; the exception's name for a raise.
    """

    function: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """An exception that leaves a function.

    Attributes:
        exception: canonical name.
        when: when it is raised, in words; "" for a plain `raise`.
        steps: from a statement of this function down to the one that raises.
        from_input: it is caused by a value, not by something outside the program.
        raised: it comes from a `raise` of the file, not from a library.
    """

    exception: str
    when: str
    steps: tuple[Step, ...]
    from_input: bool
    raised: bool


class Summaries:
    """The exceptions that leave the functions of one file.

    Args:
        definitions: reads them.
        hierarchy: what handlers cover.
    """

    def __init__(self, definitions: Definitions, hierarchy: Hierarchy) -> None:
        self.definitions = definitions
        self.hierarchy = hierarchy
        self._leaving: dict[str, dict[str, Leaving]] = {}
        self._upward: dict[tuple[str, str], bool] = {}

    def callee(self, call: Call) -> str | None:
        """The function of this file whose body a call runs; None for anything else, a coroutine only made included."""
        if call.callee is None or not call.callee.startswith("."):
            return None
        name = call.callee[1:]
        if self.definitions.is_class(name):
            return self.definitions.constructor(name)
        if call.coroutine and not call.awaited:
            return None
        if call.context.inside("lambda") is not None:
            return None
        return name

    def through(self, call: Call) -> tuple[Leaving, ...]:
        """The exceptions that the called function of this file lets through, handlers around the call not counted."""
        name = self.callee(call)
        return () if name is None else self.leaving(name)

    def leaving(self, name: str) -> tuple[Leaving, ...]:
        """The exceptions that leave the function with this qualified name, one path for each."""
        if name not in self._leaving:
            self._solve(name)
        return tuple(self._leaving[name].values())

    def handled_above(self, name: str, exception: str, depth: int = 3) -> bool:
        """Whether every call of a function in this file stands under a handler for the exception, here or higher up.

        False where no call is seen: others may call it.
        """
        key = (name, exception)
        if key not in self._upward:
            self._upward[key] = False  # a function that calls itself ends here
            sites = list(self.calls_of(name))
            self._upward[key] = bool(sites) and all(
                self.hierarchy.catcher(call.context, exception) is not None
                or (depth > 1 and self.handled_above(unit.name, exception, depth - 1))
                for unit, call in sites
            )
        return self._upward[key]

    def calls_of(self, name: str) -> Iterator[tuple[Unit, Call]]:
        """Where this file's functions call one of them."""
        for caller in self.definitions.referring(name):
            unit = self.definitions.unit(caller)
            for fact in unit.facts if unit is not None else ():
                if isinstance(fact, Call) and unit is not None and self.callee(fact) == name:
                    yield unit, fact

    @cached_property
    def siblings(self) -> Siblings:
        """The calls of the changed units by what they are about."""
        return Siblings(self.definitions.changed, self.hierarchy)

    def _solve(self, wanted: str) -> None:
        calls: dict[str, list[tuple[Call, str]]] = {}
        pending = [wanted]
        while pending and len(calls) < MAX_FUNCTIONS:
            name = pending.pop()
            if name in calls or name in self._leaving:
                continue
            unit = self.definitions.unit(name)
            calls[name] = list(self._internal_calls(unit)) if unit is not None else []
            pending.extend(callee for _, callee in calls[name])
        for name in calls:
            unit = self.definitions.unit(name)
            self._leaving[name] = {one.exception: one for one in self._own(unit)} if unit is not None else {}
        for _ in range(MAX_STEPS):
            grown = [self._spread(name, found) for name, found in calls.items()]
            if not any(grown):
                break
        self._leaving.setdefault(wanted, {})

    def _spread(self, name: str, calls: list[tuple[Call, str]]) -> bool:
        """Add what the callees of a function let through and its handlers do not end."""
        here = self._leaving[name]
        before = len(here)
        for call, callee in calls:
            for exception, leaving in list(self._leaving.get(callee, {}).items()):
                if exception in here or len(leaving.steps) >= MAX_STEPS:
                    continue
                if self.hierarchy.catcher(call.context, exception) is None:
                    step = Step(name, call.span.line, call.text)
                    here[exception] = Leaving(
                        exception, leaving.when, (step, *leaving.steps), leaving.from_input, leaving.raised
                    )
        return len(here) > before

    def _internal_calls(self, unit: Unit) -> Iterator[tuple[Call, str]]:
        if _is_handled_by_decorator(unit):
            return
        for fact in unit.facts:
            if isinstance(fact, Call) and (callee := self.callee(fact)) is not None:
                yield fact, callee

    def _own(self, unit: Unit) -> Iterator[Leaving]:
        if _is_handled_by_decorator(unit):
            return
        for fact in unit.facts:
            if isinstance(fact, Call):
                for failure in call_failures(fact, self.hierarchy):
                    if self.hierarchy.catcher(fact.context, failure.exception) is None:
                        step = Step(unit.name, fact.span.line, fact.text)
                        yield Leaving(failure.exception, failure.when, (step,), failure.from_input, raised=False)
            elif isinstance(fact, Raise) and fact.exception and not fact.reraise:
                if is_signal(fact.exception, self.hierarchy):
                    continue
                if self.hierarchy.catcher(fact.context, fact.exception) is None:
                    step = Step(unit.name, fact.span.line, fact.exception.lstrip("."))
                    yield Leaving(fact.exception, "", (step,), from_input=False, raised=True)


def _is_handled_by_decorator(unit: Unit) -> bool:
    """A decorator whose name says that it deals with errors: what leaves the function is then its business."""
    return any(word in decorator.lower() for decorator in unit.decorators for word in _HANDLING_DECORATORS)
