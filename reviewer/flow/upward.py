"""Where an exception that leaves a function arrives: up the calls that the project makes, to whoever ends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.domain.boundary import Boundary, Ending
from reviewer.flow.digest import Guards, guards_of
from reviewer.flow.digests import Digests
from reviewer.flow.summary import Step, Summaries, ended

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
    """Follows exceptions up the callers of a function, in its own file and in files near it.

    Args:
        flow: finds the callers in the reviewed file.
        digests: finds those in other files, and knows who is a boundary.
    """

    def __init__(self, flow: Summaries, digests: Digests) -> None:
        self._flow = flow
        self._digests = digests
        self._arrivals: dict[tuple[str, str, bool], tuple[Arrival, ...]] = {}
        self._callers: dict[tuple[str, bool], list[tuple[str, Step, Guards]]] = {}

    def arrivals(self, name: str, exception: str, *, near: bool = False) -> tuple[Arrival, ...]:
        """The boundaries that an exception reaches which leaves a function, the most harmful first.

        Empty where no caller and no boundary is seen, and where every caller that is seen handles it.

        Args:
            name: qualified name of the function in the reviewed file; "<module>" for its body.
            exception: canonical name.
            near: look for callers in the files near this one too, where there is none in it.
        """
        key = (name, exception, near)
        if key not in self._arrivals:
            self._arrivals[key] = tuple(sorted(self._climb(f".{name}", exception, near), key=self.rank))
        return self._arrivals[key]

    def boundary(self, name: str) -> Boundary | None:
        """The boundary that a function of the reviewed file is itself; None where it is none."""
        return self._digests.boundary(f".{name}")

    def is_handled(self, name: str, exception: str, *, near: bool = False) -> bool:
        """Whether every call that is seen of a function stands under a handler for the exception, here or higher up.

        False where no call is seen: others may call it. Arguments as for `arrivals`.
        """
        return self._is_handled(f".{name}", exception, near, MAX_CALLS)

    def _is_handled(self, name: str, exception: str, near: bool, calls: int) -> bool:
        callers = self._calls_of(name, near) if calls and self._digests.boundary(name) is None else []
        return bool(callers) and all(
            ended(guards, exception, self._flow.hierarchy) == "always"
            or self._is_handled(caller, exception, near, calls - 1)
            for caller, _, guards in callers
        )

    @staticmethod
    def rank(arrival: Arrival) -> tuple[bool, int, int]:
        """The most harmful first, then the nearest."""
        return arrival.ending.intended, _HARM.index(arrival.ending.harm), len(arrival.calls)

    def _climb(self, start: str, exception: str, near: bool) -> Iterator[Arrival]:
        hierarchy = self._flow.hierarchy
        seen = {start}
        pending: list[tuple[str, tuple[Step, ...]]] = [(start, ())]
        while pending:
            name, calls = pending.pop(0)
            boundary = self._digests.boundary(name)
            if boundary is not None and not (boundary.kind == "import" and name != start):
                path = self._digests.home(name)[0]
                yield Arrival(boundary, boundary.ending(exception, hierarchy), calls, path)
                continue
            for caller, step, guards in self._calls_of(name, near) if len(calls) < MAX_CALLS else ():
                if caller in seen or len(seen) > MAX_CALLERS or ended(guards, exception, hierarchy) == "always":
                    continue
                seen.add(caller)
                pending.append((caller, (*calls, step)))

    def _calls_of(self, name: str, near: bool) -> list[tuple[str, Step, Guards]]:
        """Who calls a function: where in which function, and within which tries."""
        key = (name, near)
        if key not in self._callers:
            here = list(self._in_this_file(name))
            self._callers[key] = here or (list(self._elsewhere(name)) if near else [])
        return self._callers[key]

    def _in_this_file(self, name: str) -> Iterator[tuple[str, Step, Guards]]:
        for unit, call in self._flow.calls_of(name[1:]) if name.startswith(".") else ():
            yield f".{unit.name}", Step(unit.name, call.span.line, call.text), guards_of(call.context)

    def _elsewhere(self, name: str) -> Iterator[tuple[str, Step, Guards]]:
        for caller, site in self._digests.callers(name):
            path, function = self._digests.home(caller)
            yield caller, Step(function, site.line, site.text, path), site.guards
