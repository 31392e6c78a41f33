"""Where an exception that leaves a function arrives: up the calls that the project makes, to whoever ends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.domain.boundary import Boundary, Ending
from reviewer.domain.fact import Call, Unit
from reviewer.flow.boundaries.finder import Boundaries
from reviewer.flow.summary import Step, Summaries

MAX_CALLS = 5
"""Calls on the longest way up."""
MAX_CALLERS = 20
"""Functions that one question may look at."""
_HARM = ("lost", "ends", "failed", "answered", "passed", "kept", "retried", "ignored")
"""Sorts of harm, those first that are told first."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A boundary that an exception reaches.

    Attributes:
        boundary: who ends it.
        ending: what becomes of it there.
        calls: the calls on the way up, nearest first.
        path: the file of the boundary; "" for the reviewed one.
    """

    boundary: Boundary
    ending: Ending
    calls: tuple[Step, ...] = ()
    path: str = ""


class Upward:
    """Follows exceptions up the callers of a function, in its own file.

    Args:
        flow: finds the callers.
        boundaries: who ends an exception.
    """

    def __init__(self, flow: Summaries, boundaries: Boundaries) -> None:
        self._flow = flow
        self._boundaries = boundaries
        self._arrivals: dict[tuple[str, str], tuple[Arrival, ...]] = {}

    def arrivals(self, name: str, exception: str) -> tuple[Arrival, ...]:
        """The boundaries that an exception reaches which leaves a function, the most harmful first.

        Empty where no caller and no boundary is seen, and where every caller that is seen handles it.

        Args:
            name: qualified name of the function in the reviewed file; "<module>" for its body.
            exception: canonical name.
        """
        key = (name, exception)
        if key not in self._arrivals:
            self._arrivals[key] = tuple(sorted(self._climb(name, exception), key=self.rank))
        return self._arrivals[key]

    @staticmethod
    def rank(arrival: Arrival) -> tuple[bool, int, int]:
        """The most harmful first, then the nearest."""
        return arrival.ending.intended, _HARM.index(arrival.ending.harm), len(arrival.calls)

    def _climb(self, name: str, exception: str) -> Iterator[Arrival]:
        seen = {name}
        pending: list[tuple[str, tuple[Step, ...]]] = [(name, ())]
        while pending:
            current, calls = pending.pop(0)
            boundary = self._boundaries.of(current)
            if boundary is not None and not (boundary.kind == "import" and current != name):
                yield Arrival(boundary, boundary.ending(exception, self._flow.hierarchy), calls)
                continue
            if len(calls) == MAX_CALLS:
                continue
            for unit, call in self._callers(current):
                if unit.name in seen or len(seen) > MAX_CALLERS or not self._passes(call, exception):
                    continue
                seen.add(unit.name)
                pending.append((unit.name, (*calls, Step(unit.name, call.span.line, call.text))))

    def _callers(self, name: str) -> Iterator[tuple[Unit, Call]]:
        yield from self._flow.calls_of(name)

    def _passes(self, call: Call, exception: str) -> bool:
        return self._flow.hierarchy.catcher(call.context, exception) is None
