"""The external calls of a unit, risky or not, as the report lists them."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.domain.fact import Call, Unit
from reviewer.domain.report import ExternalCall
from reviewer.flow.hierarchy import Hierarchy
from reviewer.flow.waiting import wait_in


def external_calls(path: str, unit: Unit, hierarchy: Hierarchy) -> Iterator[ExternalCall]:
    """Every call of the unit that leaves the process, in order."""
    for fact in unit.facts:
        if not isinstance(fact, Call) or fact.known is None or fact.known.kind is None:
            continue
        wait = wait_in(unit, fact)
        yield ExternalCall(
            path=path,
            line=fact.span.line,
            function=fact.context.function,
            callee=fact.callee or fact.text,
            service=fact.known.service,
            kind=fact.known.kind,
            blocking=fact.known.blocking,
            timeout=wait.source,
            timeout_seconds=wait.seconds,
            handled_by=handled_by(fact, hierarchy),
        )


def handled_by(call: Call, hierarchy: Hierarchy) -> str | None:
    """The handler that ends the call's outside failures, as "except X (line N)"; None where some of them leave."""
    if call.known is None:
        return None
    found = []
    for exception in call.known.raises:
        caught = hierarchy.catcher(call.context, exception)
        if caught is None:
            return None
        place = f"{caught[1].code.partition(':')[0]} (line {caught[1].span.line})"
        if place not in found:
            found.append(place)
    return "; ".join(found) or None
