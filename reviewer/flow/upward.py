"""Where an exception that leaves a function arrives: up the calls that the project makes, to whoever ends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.domain.boundary import Boundary, Ending
from reviewer.flow.digest import Guards
from reviewer.flow.digests import Digests
from reviewer.flow.leaving import Step
from reviewer.flow.summary import Summaries

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
        exception: what arrives; on the way one exception may have become another.
        calls: the calls on the way up, nearest first.
        path: the file of the boundary; "" for the reviewed one.
    """

    boundary: Boundary
    ending: Ending
    exception: str
    calls: tuple[Step, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class Ascent:
    """All ways up of one exception from one function.

    Attributes:
        arrivals: the boundaries that it reaches, the most harmful first.
        handled: everybody who is seen to call the function, here or higher up, ends it.
    """

    arrivals: tuple[Arrival, ...]
    handled: bool


class Upward:
    """Follows exceptions up the callers of a function, in its own file and in files near it.

    On the way everything counts that is around a call: handlers, context managers, decorators of the caller; the
    exception that arrives may be another one than the one that set out.

    Args:
        flow: finds the callers in the reviewed file, and what passes them.
        digests: finds those in other files, and knows who is a boundary.
    """

    def __init__(self, flow: Summaries, digests: Digests) -> None:
        self._flow = flow
        self._digests = digests
        self._ascents: dict[tuple[str, str, bool], Ascent] = {}
        self._callers: dict[tuple[str, bool], list[_Caller]] = {}

    def boundary(self, name: str) -> Boundary | None:
        """The boundary that a function of the reviewed file is itself; None where it is none."""
        return self._digests.boundary(f".{name}")

    def connected(self, boundary: Boundary) -> Boundary:
        """A boundary with the handlers that files near by register with the application, where it is made in one."""
        return self._digests.connected(boundary)

    def arrivals(self, name: str, exception: str, *, near: bool = False) -> tuple[Arrival, ...]:
        """The boundaries that an exception reaches which is raised in a function, the most harmful first.

        Empty where no caller and no boundary is seen, and where every caller that is seen handles it.

        Args:
            name: qualified name of the function in the reviewed file; "<module>" for its body.
            exception: canonical name.
            near: look for callers in the files near this one too, where there is none in it.
        """
        return self._ascent(name, exception, near).arrivals

    def is_handled(self, name: str, exception: str, *, near: bool = False) -> bool:
        """Whether every call that is seen of a function stands under a handler for the exception, here or higher up.

        True also where a decorator of the function deals with it; False where no call is seen, since others may call
        it. Arguments as for `arrivals`.
        """
        return self._ascent(name, exception, near).handled

    @staticmethod
    def rank(arrival: Arrival) -> tuple[bool, int, int]:
        """The most harmful first, then the nearest."""
        return arrival.ending.intended, _HARM.index(arrival.ending.harm), len(arrival.calls)

    def _ascent(self, name: str, exception: str, near: bool) -> Ascent:
        key = (name, exception, near)
        if key not in self._ascents:
            self._ascents[key] = self._climb(f".{name}", exception, near)
        return self._ascents[key]

    def _climb(self, start: str, exception: str, near: bool) -> Ascent:
        first = self._flow.passing(start, exception)
        if first is None:
            return Ascent((), handled=True)
        arrivals: list[Arrival] = []
        passed: list[Arrival] = []
        seen = {(start, first)}
        pending: list[tuple[str, str, tuple[Step, ...]]] = [(start, first, ())]
        ended = leaves = False
        while pending:
            name, raised, calls = pending.pop(0)
            boundary = self._digests.boundary(name)
            if boundary is not None and not (boundary.kind == "import" and name != start):
                arrival = self._arrival(name, boundary, raised, calls, near)
                if boundary.kind != "async-task" or arrival.ending.harm != "passed":
                    arrivals.append(arrival)
                    continue
                passed.append(arrival)  # and goes on from whoever waits for the task
            callers = [caller for caller in self._calls_of(name, near) if caller.name != name]
            if not callers or len(calls) == MAX_CALLS or len(seen) > MAX_CALLERS:
                leaves = True
                continue
            for caller in callers:
                left = self._flow.passing(caller.name, raised, caller.guards, caller.managers)
                ended = ended or left is None
                if left is not None and (caller.name, left) not in seen:
                    seen.add((caller.name, left))
                    pending.append((caller.name, left, (*calls, caller.step)))
        # Not all are seen who wait for a task, so that where nothing more is known the task itself is the end.
        arrivals = arrivals or passed
        return Ascent(tuple(sorted(arrivals, key=self.rank)), ended and not leaves and not arrivals)

    def _arrival(self, name: str, boundary: Boundary, exception: str, calls: tuple[Step, ...], near: bool) -> Arrival:
        whole = self._digests.connected(boundary) if near else boundary
        ending = whole.ending(exception, self._flow.hierarchy)
        return Arrival(whole, ending, exception, calls, self._digests.home(name)[0])

    def _calls_of(self, name: str, near: bool) -> list[_Caller]:
        """Who calls a function: in this file, else, where asked for, in others."""
        key = (name, near)
        if key not in self._callers:
            here = list(self._in_this_file(name))
            self._callers[key] = here or (list(self._elsewhere(name)) if near else [])
        return self._callers[key]

    def _in_this_file(self, name: str) -> Iterator[_Caller]:
        for caller, site in self._digests.callers_here(name) if name.startswith(".") else ():
            yield _Caller(caller, Step(caller[1:], site.line, site.text), site.guards, site.managers)

    def _elsewhere(self, name: str) -> Iterator[_Caller]:
        for caller, site in self._digests.callers(name):
            path, function = self._digests.home(caller)
            yield _Caller(caller, Step(function, site.line, site.text, path), site.guards, site.managers)


@dataclass(frozen=True, slots=True)
class _Caller:
    """A function that calls another one: where, and what is around the call."""

    name: str
    step: Step
    guards: Guards
    managers: tuple[str, ...]
