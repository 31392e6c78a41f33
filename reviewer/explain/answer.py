"""The four questions answered for one unit, from its facts alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reviewer.domain.fact import Call, Unit, Usage, Value
from reviewer.domain.report import NOTHING, Answer, ExternalCall
from reviewer.flow.escape import Escape, escapes
from reviewer.flow.external import external_calls
from reviewer.flow.group import part_of, renamed_within
from reviewer.flow.leaving import Step
from reviewer.flow.summary import Summaries

_MOST = 6
"""Things named in one answer; the rest is counted."""
_MOST_EXCEPTIONS = 3
"""Exceptions named for one place."""


def answer_unit(path: str, unit: Unit, flow: Summaries) -> Answer:
    """Answer what a unit calls, what if that is slow or down, where it can throw, what it assumes about its input."""
    calls = list(external_calls(path, unit, flow.hierarchy))
    return Answer(
        path=path,
        line=unit.line,
        function=unit.name,
        calls=_calls(calls),
        unavailable=_unavailable(unit, calls),
        throws=_throws(unit, flow),
        inputs=_inputs(unit),
    )


def _calls(calls: Sequence[ExternalCall]) -> str:
    if not calls:
        return NOTHING["calls"]
    by_service: dict[str, list[str]] = {}
    for call in calls:
        by_service.setdefault(call.service or call.kind, []).append(f"{call.callee} (line {call.line})")
    return "; ".join(f"{service}: {_listed(_unique(places))}" for service, places in by_service.items()) + "."


def _unavailable(unit: Unit, calls: Sequence[ExternalCall]) -> str:
    if not calls:
        return NOTHING["unavailable"]
    parts = []
    for call in calls:
        limit = {
            "explicit": f"at most {call.timeout_seconds:g} s" if call.timeout_seconds is not None else "a limit is set",
            "library-default": f"at most {call.timeout_seconds:g} s by the library's default"
            if call.timeout_seconds is not None
            else "the library's default limit",
            "none": "waits without limit",
            "unknown": "no limit is known",
        }[call.timeout]
        handled = f"failure caught by {call.handled_by}" if call.handled_by else "failure propagates to the caller"
        if call.kind in ("file", "process") and call.timeout == "unknown":
            parts.append(f"{call.callee} (line {call.line}): {handled}")
        else:
            parts.append(f"{call.callee} (line {call.line}): {limit}, {handled}")
    where = " It blocks the event loop meanwhile." if unit.is_async and any(call.blocking for call in calls) else ""
    return _listed(_unique(parts), "; ") + "." + where


def _throws(unit: Unit, flow: Summaries) -> str:
    by_place: dict[tuple[int, str], list[Escape]] = {}
    for escape in escapes(unit, flow):
        if not escape.doubtful:
            by_place.setdefault((escape.line, escape.source.lstrip(".")), []).append(escape)
    unknown = sum(isinstance(fact, Call) and fact.callee is None for fact in unit.facts)
    rest = (
        f" What {unknown} unresolved {'call raises' if unknown == 1 else 'calls raise'} is not known."
        if unknown
        else ""
    )
    if not by_place:
        return NOTHING["throws"] + rest
    parts = [f"{source} (line {line}): {_raised(found)}" for (line, source), found in by_place.items()]
    return _listed(parts, "; ") + "." + rest


def _raised(found: Sequence[Escape]) -> str:
    """The exceptions of one place, the first with its reason."""
    first = found[0]
    names = _unique(renamed_within(escape.exception, lambda name: name.lstrip(".")) for escape in found)
    # Exceptions of one library are named by their last part after the first.
    library = names[0].rpartition(".")[0] if part_of(names[0]) is None else ""
    short = [names[0], *(name.removeprefix(f"{library}.") if library else name for name in names[1:])]
    shown = ", ".join(short[:_MOST_EXCEPTIONS])
    more = f" and {len(short) - _MOST_EXCEPTIONS} more" if len(short) > _MOST_EXCEPTIONS else ""
    through = f" from {_place(first.steps[-1])}" if first.steps else ""
    when = f" ({'for example ' if len(names) > 1 else ''}when {first.when})" if first.when else ""
    return f"{shown}{more}{through}{when}"


def _place(step: Step) -> str:
    return f"{step.path}:{step.line}" if step.path else f"line {step.line}"


def _inputs(unit: Unit) -> str:
    lines: dict[str, list[int]] = {}
    for fact in unit.facts:
        if not isinstance(fact, Usage) or fact.stored:
            continue
        assumed = _assumption(fact, fact.subject)
        if assumed:
            lines.setdefault(assumed, []).append(fact.span.line)
    if not lines:
        return NOTHING["inputs"]
    parts = [f"{assumed} ({_lines(_unique(map(str, found)))})" for assumed, found in lines.items()]
    return _listed(parts, "; ") + "."


def _lines(numbers: Sequence[str]) -> str:
    return f"{'line' if len(numbers) == 1 else 'lines'} {_listed(numbers)}"


def _assumption(fact: Usage, subject: Value) -> str | None:
    outside = f" from {subject.boundary}" if subject.boundary else ""
    name = subject.text or "what is read"
    if subject.none and fact.operation in ("attribute", "method", "key", "index", "iterate", "unpack", "call"):
        return f"{subject.text} is not None, though {subject.none}"
    if fact.operation == "key" and (subject.boundary or subject.decoded) and f"key:{fact.detail}" not in subject.guards:
        return f"{subject.text}{outside} is a mapping with {fact.detail}"
    if fact.operation in ("index", "unpack") and (subject.type or "").partition("[")[0] == "tuple":
        return None  # of a library: a record, which has its parts
    if fact.operation == "index" and (subject.boundary or subject.empty) and "length" not in subject.guards:
        return f"{name}{outside} has an element {fact.detail}"
    if fact.operation == "unpack" and subject.boundary:
        return f"{name}{outside} has {fact.expected} parts"
    if fact.operation == "divide" and not subject.literal and subject.made_by == "len":
        return f"{subject.text} is not 0"
    return None


def _unique(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))


def _listed(items: Sequence[str], separator: str = ", ") -> str:
    shown = separator.join(items[:_MOST])
    return shown if len(items) <= _MOST else f"{shown}{separator}and {len(items) - _MOST} more"
