"""What the parser knows of a unit, put into words for a model and into a form in which its answers are checked."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from reviewer.domain.evidence import Note, UnitEvidence
from reviewer.domain.fact import Call, Unit, Usage, Value
from reviewer.explain.failure import places
from reviewer.flow.escape import Escape, escapes
from reviewer.flow.external import external_calls
from reviewer.flow.leaving import Step
from reviewer.flow.summary import Summaries
from reviewer.flow.upward import Upward

MOST_NOTES = 400
"""Notes that are kept of one unit; which of them are shown depends on the lines that are."""
_MOST_EXPLAINED = 2
"""Exceptions of one call up to which is told when each is raised."""
_MOST_RAISED = 4
"""Exceptions named for one call."""
_FRAGILE = frozenset({"key", "index", "unpack", "attribute", "method", "iterate", "divide", "call", "arithmetic"})
_MOSTLY = 0.9
"""Share of its lines that are new in a unit that is shown as a new one."""
_DEFINES = re.compile(r"\s*(?:async\s+def|def|class)\b")
_NAME = re.compile(r"[^\W\d]\w*")


def evidence_of(  # noqa: PLR0917 - all of it is needed, in this order
    path: str,
    unit: Unit,
    text: str,
    imports: Sequence[tuple[int, frozenset[str]]],
    flow: Summaries,
    upward: Upward,
    *,
    touched: Collection[int] = (),
) -> UnitEvidence:
    """Gather what is known of a unit.

    Args:
        path: the file.
        unit: the unit with its facts.
        text: its source.
        imports: line of each import statement of the file, with the names that it binds.
        flow: what leaves the functions that it calls.
        upward: where that arrives.
        touched: changed lines of all units of the file; not needed where all of the unit changed.
    """
    used = frozenset(_NAME.findall(text))
    kind = f"async {unit.kind}" if unit.is_async else unit.kind
    return UnitEvidence(
        path=path,
        function=unit.name,
        kind=kind,
        line=unit.line,
        end_line=unit.end_line,
        changed=_changed(unit),
        mostly_new=_is_mostly_new(unit, text, touched),
        imports=tuple(line for line, names in imports if names & used and not unit.line <= line <= unit.end_line),
        notes=tuple(_notes(unit, flow, upward)),
        places=places(unit, flow),
        risky=_is_risky(unit, flow),
    )


def _changed(unit: Unit) -> tuple[int, ...] | None:
    """The changed lines of a unit; None also where they are all of it."""
    if unit.changed is None or unit.changed.issuperset(range(unit.line, unit.end_line + 1)):
        return None
    return tuple(sorted(unit.changed))


def _is_mostly_new(unit: Unit, text: str, touched: Collection[int]) -> bool:
    """Whether nearly all of it changed, with what is defined in it and without its decorators."""
    rows = text.split("\n")
    start = next((index for index, row in enumerate(rows) if _DEFINES.match(row)), 0)
    lines = range(unit.line + start, unit.end_line + 1)
    return sum(line in touched for line in lines) >= _MOSTLY * len(lines)


def imports_of(tree: ast.Module) -> list[tuple[int, frozenset[str]]]:
    """Line of each import statement of a file, with the names that it binds."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = frozenset((alias.asname or alias.name).partition(".")[0] for alias in node.names)
            found.append((node.lineno, names))
    return sorted(found)


def _is_risky(unit: Unit, flow: Summaries) -> bool:
    """It calls something outside the process, or of the project that fails; it handles data from outside, or a value
    that may be missing."""
    for fact in unit.facts:
        if not _counts(unit, fact.span.line, fact.span.end_line):
            continue
        if isinstance(fact, Call) and (
            (fact.known is not None and (fact.known.kind is not None or fact.known.raises_input or fact.coroutine))
            or flow.through(fact)
        ):
            return True
        if isinstance(fact, Usage) and not fact.stored and (_origin(fact.subject) or _absence(fact.subject)):
            return True
        if isinstance(fact, Usage) and fact.operation in ("key", "index", "unpack", "divide") and not fact.stored:
            return True
    return any(_counts(unit, way.steps[0].line, way.steps[0].line) for way in flow.ways(unit))


def _counts(unit: Unit, line: int, end_line: int) -> bool:
    """Whether a place in a unit is the change's: the statements of a class or module body have little to do with each
    other, those of a function all with each other."""
    if unit.changed is None or unit.kind not in ("class", "module"):
        return True
    return not unit.changed.isdisjoint(range(line, end_line + 1))


def _notes(unit: Unit, flow: Summaries, upward: Upward) -> Iterator[Note]:
    direct: dict[tuple[int, str], list[Escape]] = {}
    through: dict[tuple[int, str, tuple[Step, ...]], list[Escape]] = {}
    for escape in escapes(unit, flow):
        if escape.steps:
            through.setdefault((escape.line, escape.source, escape.steps), []).append(escape)
        else:
            direct.setdefault((escape.line, escape.source), []).append(escape)
    found = [*_calls(unit, flow, upward, direct), *_values(unit)]
    for (line, source), left in direct.items():  # those that belong to no call: what is raised here
        found.append(Note(line, f"{source.lstrip('.')}: {_leaving(unit, left, upward)}"))
    for (line, source, steps), left in through.items():
        found.append(Note(line, f"{source.lstrip('.')}: {_leaving(unit, left, upward)} ← {_step(steps[-1])}"))
    found.sort(key=lambda note: note.line)
    yield from list(dict.fromkeys(found))[:MOST_NOTES]


def _calls(unit: Unit, flow: Summaries, upward: Upward, direct: dict[tuple[int, str], list[Escape]]) -> Iterator[Note]:
    """What is known of the calls; what leaves by one is told with it, and taken out of `direct`."""
    outside = {(call.line, call.callee): call for call in external_calls(unit.path, unit, flow.hierarchy)}
    for fact in unit.facts:
        if not isinstance(fact, Call):
            continue
        line, name = fact.span.line, fact.callee or fact.text
        parts = []
        call = outside.get((line, name))
        if call is not None:
            limit = {
                "explicit": f"at most {call.timeout_seconds:g} s" if call.timeout_seconds is not None else "limited",
                "library-default": f"by default at most {call.timeout_seconds:g} s"
                if call.timeout_seconds is not None
                else "limited by default",
                "none": "waits without limit",
                "unknown": "",
            }[call.timeout]
            parts += [call.service or str(call.kind), limit]
            if call.blocking and unit.is_async and not fact.awaited:
                parts.append("blocks the event loop")
        if fact.known is not None:
            left = direct.pop((line, name), [])
            if left:
                parts.append(_leaving(unit, left, upward))
            gone = {escape.exception for escape in left}
            parts.append(
                _raised(
                    {k: v for k, v in {**fact.known.raises, **fact.known.raises_input}.items() if k not in gone},
                    "may also raise " if gone else "may raise ",
                )
            )
            if fact.known.returns_none:
                parts.append(f"is None when {fact.known.returns_none}")
            if fact.known.returns_empty:
                parts.append(f"is empty when {fact.known.returns_empty}")
        if fact.coroutine and not fact.awaited:
            parts.append("gives a coroutine that is not awaited here")
        said = "; ".join(filter(None, parts))
        if said:
            yield Note(line, f"{name}: {said}")


def _raised(raised: Mapping[str, str], before: str) -> str:
    """What a call may raise; when, only where it is soon said."""
    told = len(raised) <= _MOST_EXPLAINED
    return _listed([f"{name} when {when}" if told else name for name, when in raised.items()], _MOST_RAISED, before)


def _leaving(unit: Unit, left: Sequence[Escape], upward: Upward) -> str:
    names = [escape.exception.lstrip(".") for escape in left]
    doubt = "perhaps " if all(escape.doubtful for escape in left) else ""
    return f"{doubt}leaves the unit: {_listed(names, _MOST_RAISED)}{_arrival(unit, left[0], upward)}"


def _values(unit: Unit) -> Iterator[Note]:
    for fact in unit.facts:
        if not isinstance(fact, Usage) or fact.stored or fact.operation not in _FRAGILE:
            continue
        value = fact.subject
        said = [part for part in (_origin(value), _absence(value)) if part]
        if said and value.text:
            yield Note(fact.span.line, f"{value.text} {'; '.join(said)}{_checked(value)}")


def _origin(value: Value) -> str:
    if value.boundary and value.decoded:
        return f"is decoded data from outside ({value.boundary}), structure unchecked"
    if value.boundary:
        return f"comes from outside ({value.boundary})"
    return "is decoded data, structure unchecked" if value.decoded else ""


def _absence(value: Value) -> str:
    return "; ".join(
        f"may be {what}: {reason}" for what, reason in (("None", value.none), ("empty", value.empty)) if reason
    )


def _checked(value: Value) -> str:
    return f" (checked so far: {', '.join(sorted(value.guards))})" if value.guards else ""


def _step(step: Step) -> str:
    return f"{step.text} at {step.path}:{step.line}" if step.path else f"{step.text} at {step.line}"


def _arrival(unit: Unit, escape: Escape, upward: Upward) -> str:
    arrivals = upward.arrivals(unit.name, escape.exception)
    if not arrivals:
        return "; a caller handles it" if upward.is_handled(unit.name, escape.exception) else ""
    first = arrivals[0]
    return f"; arrives at {first.boundary.name} ({first.boundary.framework}): {first.ending.words}"


def _listed(items: Iterable[str], most: int, before: str = "") -> str:
    unique = list(dict.fromkeys(items))
    if not unique:
        return ""
    more = f" and {len(unique) - most} more" if len(unique) > most else ""
    return f"{before}{', '.join(unique[:most])}{more}"
