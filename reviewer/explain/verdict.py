"""What the facts make of a failure at one line, a function for each entry of the closed list that knows anything.

None says that it cannot happen there: the tree does not even have the thing in question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reviewer.domain.evidence import Verdict
from reviewer.domain.fact import Call, Raise, Return, Store, Usage, Value
from reviewer.explain.line import Line
from reviewer.flow.failure import call_failures
from reviewer.flow.risk import open_risks
from reviewer.flow.waiting import wait_in

_BROAD = ("Exception", "BaseException")
_MISSING = frozenset({"attribute", "method", "key", "index", "iterate", "unpack", "call", "arithmetic", "compare"})
"""Operations that fail on None."""
_PARTS = frozenset({"key", "index", "unpack", "slice"})


def unhandled_exception(here: Line) -> Verdict | None:
    """Excluded by a clause that ends every exception; shown by a call that is known to raise."""
    if here.ends("Exception"):
        return "contradicted"
    if any(open_risks(call, here.flow) for call in here.calls):
        return "confirmed"
    return "open"


def waits_forever(here: Line) -> Verdict | None:
    """Excluded by limits on all that leaves the process; shown by a call that is known to have none."""
    outside = [call for call in here.calls if call.known is None or call.known.kind is not None or call.known.timeout]
    if not outside:
        return None
    waits = [wait_in(here.unit, call).source for call in outside]
    if "none" in waits:
        return "confirmed"
    return "contradicted" if all(wait in ("explicit", "library-default") for wait in waits) else "open"


def blocks_event_loop(here: Line) -> Verdict | None:
    """Excluded where all that is not awaited returns at once; shown by a call that is known to block."""
    plain = [call for call in here.calls if not call.awaited]
    if not here.is_async() or not plain:
        return None
    if any(call.known is not None and call.known.blocking and not call.coroutine for call in plain):
        return "confirmed"
    return "contradicted" if all(_is_harmless(call) for call in plain) else "open"


def _is_harmless(call: Call) -> bool:
    """It is described, and neither waits nor leaves the process."""
    return call.known is not None and not call.known.blocking and call.known.kind is None


def value_missing(here: Line) -> Verdict | None:
    """Excluded by checks for None; shown by a value that is known to be None at times."""
    used = [usage for usage in here.usages if usage.operation in _MISSING or usage.operation == "argument"]
    return _by_values(used, lambda value: value.none is not None, _is_present) or anywhere(here)


def empty_collection(here: Line) -> Verdict | None:
    """Excluded by checks for emptiness or zero; shown by a value that is known to be empty at times."""
    used = [usage for usage in here.usages if usage.operation in ("index", "unpack", "divide")]
    used += [usage for usage in here.usages if usage.operation == "argument" and usage.callee in ("max", "min", "next")]
    return _by_values(used, lambda value: value.empty is not None, _is_filled) or anywhere(here)


def key_missing(here: Line) -> Verdict | None:
    """Excluded by clauses and checks; shown by an unchecked part of data from outside."""
    used = [usage for usage in here.usages if usage.operation in _PARTS or usage.operation == "attribute"]
    if not used:
        return anywhere(here)
    if here.ends("KeyError") and here.ends("IndexError") and here.ends("AttributeError"):
        return "contradicted"
    keyed = [u for u in used if u.operation != "attribute"]
    if keyed and all(_is_checked_part(u) for u in keyed) and len(keyed) == len(used):
        return "contradicted"
    return "confirmed" if any(_is_open_part(u) for u in keyed) else "open"


def _is_checked_part(usage: Usage) -> bool:
    guards = usage.subject.guards
    return f"key:{usage.detail}" in guards or "in" in guards or (usage.operation != "key" and "length" in guards)


def _is_open_part(usage: Usage) -> bool:
    outside = usage.subject.boundary is not None or usage.subject.decoded
    return usage.operation in ("key", "index") and outside and not _is_checked_part(usage)


def wrong_type(here: Line) -> Verdict | None:
    """Excluded by checks of the type; shown by decoded data without any."""
    used = [usage for usage in here.usages if usage.operation in _MISSING | _PARTS | {"spread", "argument", "contains"}]
    return _by_values(used, lambda value: value.decoded and not _has_type(value), _has_type) or anywhere(here)


def malformed_text(here: Line) -> Verdict | None:
    """Excluded by clauses for ValueError; shown by a call that is known to fail on some texts."""
    if not here.calls:
        return anywhere(here)
    if all(here.flow.hierarchy.catcher(call.context, "ValueError") for call in here.calls):
        return "contradicted"
    found = [f for call in here.calls for f in call_failures(call) if f.from_input and not f.doubtful]
    if any(here.flow.hierarchy.catcher(here.calls[0].context, failure.exception) is None for failure in found):
        return "confirmed"
    return "open"


def handler_too_narrow(here: Line) -> Verdict | None:
    """Excluded by a clause for everything; shown by an exception that gets past the clauses here."""
    clauses = [clause for clause in here.handlers() if clause.types]
    if not clauses:
        return None
    if any(kind in _BROAD for clause in clauses for kind in clause.types):
        return "contradicted"
    missed = [risk for call in here.calls if call.context.tries for risk in open_risks(call, here.flow)]
    return "confirmed" if missed else "open"


def failure_hidden(here: Line) -> Verdict | None:
    """Excluded where all clauses raise again; shown by one that ends the error without a word."""
    clauses = list(here.handlers())
    if not clauses:
        return None
    if any(clause.silent and clause.ends_error for clause in clauses):
        return "confirmed"
    if all(clause.reraises for clause in clauses):
        return "contradicted"
    return "open"


def error_path_fails(here: Line) -> Verdict | None:
    """Excluded by a clause around it; shown by a call in a handler or `finally` that is known to raise."""
    inside = [fact for fact in here.facts if fact.context.inside("handler", "finally") is not None]
    if not inside:
        return anywhere(here)  # the whole unit may be one: a handler that is registered, an `__exit__`
    if all(here.flow.hierarchy.catcher(fact.context, "Exception") for fact in inside):
        return "contradicted"
    calls = [fact for fact in inside if isinstance(fact, Call)]
    return "confirmed" if any(open_risks(call, here.flow) for call in calls) else "open"


def not_awaited(here: Line) -> Verdict | None:
    """Excluded where all calls are awaited; shown by a coroutine that is dropped."""
    if not here.calls:
        return None
    if all(call.awaited for call in here.calls):
        return "contradicted"
    if any(call.coroutine and not call.awaited and call.use in ("discarded", "condition") for call in here.calls):
        return "confirmed"
    return "open"


def cancellation(here: Line) -> Verdict | None:
    """Possible in coroutines only."""
    return "open" if here.is_async() and (here.facts or here.clauses) else None


def not_released(here: Line) -> Verdict | None:
    """Excluded where all that is opened here is handed to a `with` or to whoever asked."""
    if not here.calls:
        return None
    return "contradicted" if all(call.use in ("with", "yielded") for call in here.calls) else "open"


def half_done(here: Line) -> Verdict | None:
    """Possible where something is changed or called; excluded by a transaction."""
    changing = [fact for fact in here.facts if isinstance(fact, Store | Call)]
    if not changing:
        return None
    return "contradicted" if all(fact.context.inside("transaction") for fact in changing) else "open"


def shared_state(here: Line) -> Verdict | None:
    """Possible where something is read, changed or called; excluded by a lock."""
    touching = [fact for fact in here.facts if isinstance(fact, Store | Call | Usage)]
    if not touching:
        return None
    return "contradicted" if all(fact.context.inside("lock") for fact in touching) else "open"


def failure_by_value(here: Line) -> Verdict | None:
    """Possible where something outside is called, or something that is not described."""
    outside = [call for call in here.calls if call.known is None or call.known.status or call.known.kind is not None]
    return "open" if outside else None


def text_encoding(here: Line) -> Verdict | None:
    """Excluded where all calls here say what to do with what does not fit."""
    if not here.calls:
        return anywhere(here)
    given = [call for call in here.calls if call.argument("errors") is not None]
    return "contradicted" if len(given) == len(here.calls) else "open"


def unbound_name(here: Line) -> Verdict | None:
    """Possible where a name is read."""
    return "open" if any(isinstance(fact, Usage | Call | Return | Raise) for fact in here.facts) else None


def retry(here: Line) -> Verdict | None:
    """Possible where something is called."""
    return "open" if here.calls else None


def anywhere(_: Line) -> Verdict | None:
    """For what may happen at any statement, where nothing that is known speaks against it."""
    return "open"


def _by_values(
    used: Sequence[Usage], confirms: Callable[[Value], bool], excludes: Callable[[Value], bool]
) -> Verdict | None:
    if not used:
        return None
    if any(confirms(usage.subject) for usage in used if usage.operation != "argument"):
        return "confirmed"
    return "contradicted" if all(excludes(usage.subject) for usage in used) else "open"


def _is_present(value: Value) -> bool:
    literal = value.literal not in (None, "None")
    return value.none is None and (literal or value.symbol is not None or not value.guards.isdisjoint(_PRESENT))


_PRESENT = frozenset({"truthy", "not-none"})


def _is_filled(value: Value) -> bool:
    return not value.guards.isdisjoint({"truthy", "length", "nonzero", "in"})


def _has_type(value: Value) -> bool:
    return value.literal is not None or any(guard.startswith("isinstance:") for guard in value.guards)
