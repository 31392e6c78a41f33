"""The other places of a file that do the same as one call does, and how they deal with its failure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewer.domain.fact import Call, Handler, Span, Unit
from reviewer.flow.hierarchy import Hierarchy

Subject = tuple[str, ...]
"""What a call is about: for functions of this file the function alone, else the thing it works on as well."""


@dataclass(frozen=True, slots=True)
class Site:
    """A call, with the function that it stands in.

    Attributes:
        alone: nothing about another subject in the innermost `try` around it reaches outside or is unknown.
    """

    unit: Unit
    call: Call
    alone: bool


@dataclass(frozen=True, slots=True)
class Protected:
    """A call, with the clause that is there for it alone."""

    unit: Unit
    call: Call
    handler: Handler


class Siblings:
    """The calls of some units by their subject. It is made, and each subject is judged, in one walk over the calls.

    Args:
        units: whose calls are compared.
        hierarchy: what handlers cover.
    """

    def __init__(self, units: Iterable[Unit], hierarchy: Hierarchy) -> None:
        self._hierarchy = hierarchy
        self._sites: defaultdict[Subject, list[Site]] = defaultdict(list)
        self._bare: defaultdict[Subject, int] = defaultdict(int)
        self._protected: dict[tuple[Subject, tuple[str, ...]], dict[int, Protected]] = {}
        for unit in units:
            for site in _sites(unit):
                subject = subject_of(site.call)
                self._sites[subject].append(site)
                self._bare[subject] += not site.call.context.tries

    def protected(self, call: Call, exceptions: tuple[str, ...]) -> Protected | None:
        """The first other place that handles the failures of the same call; None where that is not the habit.

        It is the habit where at least as many places are protected as stand bare, this one among the bare.

        Args:
            call: a call of one of the units, not protected or not enough.
            exceptions: what it may raise.
        """
        subject = subject_of(call)
        key = (subject, exceptions)
        if key not in self._protected:
            self._protected[key] = {id(one.call): one for one in self._judged(subject, exceptions)}
        found = self._protected[key]
        first = next((one for one in found.values() if one.call is not call), None)
        bare = self._bare.get(subject, 0) + (1 if call.context.tries else 0)
        return first if bare <= len(found) - (id(call) in found) else None

    def _judged(self, subject: Subject, exceptions: tuple[str, ...]) -> Iterator[Protected]:
        for site in self._sites.get(subject, ()):
            handler = self._meant_for(site, exceptions)
            if handler is not None:
                yield Protected(site.unit, site.call, handler)

    def _meant_for(self, site: Site, exceptions: tuple[str, ...]) -> Handler | None:
        """The clause around a call that is there for it alone."""
        if not site.alone or not site.call.context.tries:
            return None
        for handler in site.call.context.tries[0].handlers:
            if handler.ends_error and all(self._hierarchy.may_cover(handler, name) for name in exceptions):
                return handler
        return None


def subject_of(call: Call) -> Subject:
    """What a call is about."""
    if call.callee is not None and call.callee.startswith("."):
        return (call.callee,)
    return (call.callee or "", *given(call)[:1], *_mode(call))


def _mode(call: Call) -> Iterator[str]:
    """Whether a call that opens something is to write it, which fails for other reasons than to read it."""
    text = call.known.text if call.known is not None else None
    if text is not None and text.mode_parameter is not None:
        mode = call.argument(text.mode_parameter, text.mode_position)
        written = (mode.literal or mode.text) if mode is not None else text.mode
        yield "writes" if set(written.strip("'\"")) & set("wax+") else "reads"


def given(call: Call) -> list[str]:
    """What a call works on, as written: its receiver, unless that is a module or class, and its arguments."""
    receiver = [call.receiver.text] if call.receiver is not None and call.receiver.symbol is None else []
    return receiver + [argument.value.text for argument in call.arguments]


def _sites(unit: Unit) -> Iterator[Site]:
    """The calls of a unit whose callee has a name."""
    calls = [(fact, subject_of(fact)) for fact in unit.facts if isinstance(fact, Call)]
    reaching: defaultdict[Span, set[Subject]] = defaultdict(set)
    for call, subject in calls:
        if call.context.tries and (call.known is None or call.known.kind is not None):
            reaching[call.context.tries[0].span].add(subject)
    for call, subject in calls:
        if call.callee is not None:
            tries = call.context.tries
            yield Site(unit, call, alone=not tries or reaching[tries[0].span] <= {subject})
