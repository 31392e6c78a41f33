"""What a boundary makes of a finding: who meets its exception, and what that person or program sees."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from reviewer.domain.finding import Evidence, Finding, Question, Reach, Severity
from reviewer.flow.group import kind_of, names_in

if TYPE_CHECKING:
    from reviewer.flow.upward import Arrival, Upward

_ELSEWHERE = ", unless the file that makes the application has a handler for it"
_ASKED = 3
"""Exceptions of one finding that are followed."""


def add_reach(finding: Finding, upward: Upward) -> Finding:
    """The finding with the boundary that its exceptions arrive at, the most harmful one where there are several.

    Callers are read for it, so that only a finding that its rule asks to be loud is worth the time. An exception group
    is followed by what is in it; from here on its name and that of its content stand side by side.

    Args:
        finding: one that names exceptions and asks to be loud; any other is given back without a boundary.
        upward: follows exceptions up from the functions of the file.
    """
    named = tuple(dict.fromkeys(name for one in finding.exceptions for name in names_in(one)))
    return dataclasses.replace(_followed(finding, upward), exceptions=named)


def _followed(finding: Finding, upward: Upward) -> Finding:
    if finding.asked is Severity.LOW or not finding.exceptions:
        return finding
    handled = all(upward.is_handled(finding.function, one, near=True) for one in finding.exceptions)
    if handled and finding.question is Question.THROWS:
        finding = dataclasses.replace(finding, hushed=finding.hushed or "every caller that is seen handles it")
    found = [
        arrival
        for exception in finding.exceptions[:_ASKED]
        for arrival in upward.arrivals(finding.function, exception, near=True)[:1]
    ]
    if not found:
        return finding
    return dataclasses.replace(finding, reach=_reach(finding.path, min(found, key=upward.rank)))


def _reach(path: str, arrival: Arrival) -> Reach:
    boundary, ending = arrival.boundary, arrival.ending
    return Reach(
        boundary=boundary.kind,
        framework=boundary.framework,
        name=boundary.name,
        path=arrival.path or path,
        line=boundary.line,
        exception=kind_of(arrival.exception),
        outcome=ending.words + (_ELSEWHERE if boundary.kind == "route" and not boundary.complete else ""),
        harm=ending.harm,
        intended=ending.intended,
        way=tuple(
            Evidence(step.path or path, step.line, f"{step.function} calls {step.text}") for step in arrival.calls
        ),
    )
