"""The closed list of failures that a model may point at, each with what the tree must show for it.

A model that suspects what no rule found names a line and one of these. `places` says beforehand what the facts make
of every one of them at every line: it is *impossible* where the tree does not even have the thing in question (no call,
no handler, no coroutine) and is then not listed; *contradicted* where a handler, guard, limit or type excludes it;
*confirmed* where the facts alone show it; else *open*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from reviewer.domain.evidence import Place, Verdict
from reviewer.domain.fact import (
    Call,
    Fact,
    Handler,
    Loop,
    Raise,
    Return,
    Store,
    TryStatement,
    Unit,
    Usage,
    Value,
)
from reviewer.domain.finding import Question
from reviewer.domain.suspicion import FailureName
from reviewer.flow.failure import call_failures
from reviewer.flow.risk import open_risks
from reviewer.flow.summary import Summaries
from reviewer.flow.waiting import wait_of

_BROAD = ("Exception", "BaseException")
_MISSING = frozenset({"attribute", "method", "key", "index", "iterate", "unpack", "call", "arithmetic", "compare"})
"""Operations that fail on None."""
_PARTS = frozenset({"key", "index", "unpack", "slice"})


@dataclass(frozen=True)
class Look:
    """What stands at one line.

    Attributes:
        line: the line.
        unit: the unit.
        flow: what calls let through.
        facts: the facts there, compound statements left out.
        clauses: the handlers that begin there.
    """

    line: int
    unit: Unit
    flow: Summaries
    facts: tuple[Fact, ...]
    clauses: tuple[Handler, ...] = ()

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """The calls."""
        return tuple(fact for fact in self.facts if isinstance(fact, Call))

    @cached_property
    def usages(self) -> tuple[Usage, ...]:
        """The uses of values, those that only store left out."""
        return tuple(fact for fact in self.facts if isinstance(fact, Usage) and not fact.stored)

    @property
    def end_line(self) -> int:
        """The last line of what begins here."""
        return max((f.span.end_line for f in self.facts if f.span.line == self.line), default=self.line)

    def ends_here(self, exception: str) -> bool:
        """Whether everything that could raise it here stands under a clause of the unit that ends it."""
        return bool(self.facts) and all(self.flow.hierarchy.catcher(f.context, exception) for f in self.facts)

    def is_async(self) -> bool:
        """Whether it runs in a coroutine."""
        return any(fact.context.is_async for fact in self.facts) or (not self.facts and self.unit.is_async)

    def handlers(self) -> Iterator[Handler]:
        """The clauses that begin here, that this stands in, or that see what is raised here."""
        yield from self.clauses
        for fact in self.facts:
            block = fact.context.inside("handler")
            if block is not None and block.handler is not None:
                yield block.handler
            for attempt in fact.context.tries:
                yield from attempt.handlers


Check = Callable[[Look], Verdict | None]


@dataclass(frozen=True, slots=True)
class Failure:
    """One entry of the list.

    Attributes:
        id: how a model names it.
        question: which of the four questions it answers.
        says: what it means, for the model and for people.
        same: rules that mean the same.
        check: what the facts make of it at a line; None where it cannot happen.
    """

    id: FailureName
    question: Question
    says: str
    same: tuple[str, ...]
    check: Check


def _raises(look: Look) -> Verdict | None:
    if look.ends_here("Exception"):
        return "contradicted"
    if any(open_risks(call, look.flow) for call in look.calls):
        return "confirmed"
    return "open"


def _waits(look: Look) -> Verdict | None:
    outside = [call for call in look.calls if call.known is None or call.known.kind is not None or call.known.timeout]
    if not outside:
        return None
    waits = [wait_of(call).source for call in outside]
    if "none" in waits:
        return "confirmed"
    return "contradicted" if all(wait in ("explicit", "library-default") for wait in waits) else "open"


def _blocks(look: Look) -> Verdict | None:
    plain = [call for call in look.calls if not call.awaited]
    if not look.is_async() or not plain:
        return None
    if any(call.known is not None and call.known.blocking and not call.coroutine for call in plain):
        return "confirmed"
    return "contradicted" if all(_is_harmless(call) for call in plain) else "open"


def _is_harmless(call: Call) -> bool:
    """It is described, and neither waits nor leaves the process."""
    return call.known is not None and not call.known.blocking and call.known.kind is None


def _none(look: Look) -> Verdict | None:
    used = [usage for usage in look.usages if usage.operation in _MISSING or usage.operation == "argument"]
    return _by_values(used, lambda value: value.none is not None, _is_present) or _somewhere(look)


def _empty(look: Look) -> Verdict | None:
    used = [usage for usage in look.usages if usage.operation in ("index", "unpack", "divide")]
    used += [usage for usage in look.usages if usage.operation == "argument" and usage.callee in ("max", "min", "next")]
    return _by_values(used, lambda value: value.empty is not None, _is_filled) or _somewhere(look)


def _key(look: Look) -> Verdict | None:
    used = [usage for usage in look.usages if usage.operation in _PARTS or usage.operation == "attribute"]
    if not used:
        return _somewhere(look)
    if look.ends_here("KeyError") and look.ends_here("IndexError") and look.ends_here("AttributeError"):
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


def _structure(look: Look) -> Verdict | None:
    used = [usage for usage in look.usages if usage.operation in _MISSING | _PARTS | {"spread", "argument", "contains"}]
    return _by_values(used, lambda value: value.decoded and not _has_type(value), _has_type) or _somewhere(look)


def _malformed(look: Look) -> Verdict | None:
    if not look.calls:
        return _somewhere(look)
    if all(look.flow.hierarchy.catcher(call.context, "ValueError") for call in look.calls):
        return "contradicted"
    found = [f for call in look.calls for f in call_failures(call) if f.from_input and not f.doubtful]
    if any(look.flow.hierarchy.catcher(look.calls[0].context, failure.exception) is None for failure in found):
        return "confirmed"
    return "open"


def _narrow(look: Look) -> Verdict | None:
    clauses = [clause for clause in look.handlers() if clause.types]
    if not clauses:
        return None
    if any(kind in _BROAD for clause in clauses for kind in clause.types):
        return "contradicted"
    missed = [risk for call in look.calls if call.context.tries for risk in open_risks(call, look.flow)]
    return "confirmed" if missed else "open"


def _hidden(look: Look) -> Verdict | None:
    clauses = list(look.handlers())
    if not clauses:
        return None
    if any(clause.silent and clause.ends_error for clause in clauses):
        return "confirmed"
    if all(clause.reraises for clause in clauses):
        return "contradicted"
    return "open"


def _in_handler(look: Look) -> Verdict | None:
    inside = [fact for fact in look.facts if fact.context.inside("handler", "finally") is not None]
    if not inside:
        return _somewhere(look)  # the whole unit may be one: a handler that is registered, an `__exit__`
    if all(look.flow.hierarchy.catcher(fact.context, "Exception") for fact in inside):
        return "contradicted"
    calls = [fact for fact in inside if isinstance(fact, Call)]
    return "confirmed" if any(open_risks(call, look.flow) for call in calls) else "open"


def _not_awaited(look: Look) -> Verdict | None:
    if not look.calls:
        return None
    if all(call.awaited for call in look.calls):
        return "contradicted"
    if any(call.coroutine and not call.awaited and call.use in ("discarded", "condition") for call in look.calls):
        return "confirmed"
    return "open"


def _cancelled(look: Look) -> Verdict | None:
    return "open" if look.is_async() and (look.facts or look.clauses) else None


def _left_open(look: Look) -> Verdict | None:
    if not look.calls:
        return None
    return "contradicted" if all(call.use in ("with", "yielded") for call in look.calls) else "open"


def _half_done(look: Look) -> Verdict | None:
    changing = [fact for fact in look.facts if isinstance(fact, Store | Call)]
    if not changing:
        return None
    return "contradicted" if all(fact.context.inside("transaction") for fact in changing) else "open"


def _shared(look: Look) -> Verdict | None:
    touching = [fact for fact in look.facts if isinstance(fact, Store | Call | Usage)]
    if not touching:
        return None
    return "contradicted" if all(fact.context.inside("lock") for fact in touching) else "open"


def _status(look: Look) -> Verdict | None:
    outside = [call for call in look.calls if call.known is None or call.known.status or call.known.kind is not None]
    if not outside:
        return None
    return "open"


def _text(look: Look) -> Verdict | None:
    if not look.calls:
        return _somewhere(look)
    given = [call for call in look.calls if call.argument("errors") is not None]
    return "contradicted" if len(given) == len(look.calls) else "open"


def _platform(look: Look) -> Verdict | None:
    return _somewhere(look)


def _endless(look: Look) -> Verdict | None:
    return _somewhere(look)


def _unbound(look: Look) -> Verdict | None:
    return "open" if any(isinstance(fact, Usage | Call | Return | Raise) for fact in look.facts) else None


def _retried(look: Look) -> Verdict | None:
    if not look.calls:
        return None
    return "open"


def _assumed(look: Look) -> Verdict | None:
    return _somewhere(look)


def _somewhere(_: Look) -> Verdict | None:
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


FAILURES: tuple[Failure, ...] = (
    Failure(
        "unhandled-exception",
        Question.THROWS,
        "something here raises, and nobody on the way handles it who should",
        (
            "unhandled-failure",
            "dies-elsewhere",
            "one-bad-item",
            "worker-dies-of-callee",
            "route-lets-through",
            "stream-read-unprotected",
            "stop-iteration-leak",
            "asked-outside-try",
            "import-of-plugin",
        ),
        _raises,
    ),
    Failure(
        "waits-forever",
        Question.UNAVAILABLE,
        "may wait without limit",
        ("no-timeout", "wrong-timeout", "default-timeout", "limit-not-applied"),
        _waits,
    ),
    Failure(
        "blocks-event-loop",
        Question.UNAVAILABLE,
        "blocks the thread inside a coroutine",
        ("blocking-in-coroutine", "loop-inside-loop"),
        _blocks,
    ),
    Failure(
        "value-missing",
        Question.INPUTS,
        "a value used here may be None",
        ("may-be-none", "null-defeats-default", "not-found"),
        _none,
    ),
    Failure(
        "empty-collection",
        Question.INPUTS,
        "a collection, text or number used here may be empty or zero",
        ("may-be-empty", "division-by-zero"),
        _empty,
    ),
    Failure(
        "key-missing",
        Question.INPUTS,
        "a key, index, attribute or part used here may not exist",
        ("missing-key", "unchecked-structure", "fixed-parts", "walk-down"),
        _key,
    ),
    Failure(
        "wrong-type",
        Question.INPUTS,
        "a value may be of another type or shape",
        ("unchecked-structure", "unchecked-type", "assumed-type", "type-left-over", "spread-of-data"),
        _structure,
    ),
    Failure(
        "malformed-text",
        Question.INPUTS,
        "text parsed, converted, matched or used as a name here may not have the form",
        ("unguarded-conversion", "fixed-parts"),
        _malformed,
    ),
    Failure(
        "text-encoding",
        Question.INPUTS,
        "bytes or text here may not fit the encoding",
        ("strict-decoding", "locale-encoding", "strict-process-text"),
        _text,
    ),
    Failure(
        "handler-too-narrow",
        Question.THROWS,
        "the handler does not catch what its body really raises",
        ("narrow-except", "handler-misses-shape", "protected-elsewhere"),
        _narrow,
    ),
    Failure(
        "failure-hidden",
        Question.THROWS,
        "a handler hides a failure, or makes a wrong result of it",
        ("swallowed-failure", "cause-lost", "import-error-hidden", "finally-overrides"),
        _hidden,
    ),
    Failure(
        "error-path-fails",
        Question.THROWS,
        "the code that handles an error or cleans up fails itself",
        ("handler-may-throw", "cleanup-fails-success"),
        _in_handler,
    ),
    Failure(
        "not-awaited",
        Question.CALLS,
        "a coroutine, task or future is never awaited or kept",
        ("coroutine-not-awaited", "task-dropped", "future-dropped", "cancel-not-awaited"),
        _not_awaited,
    ),
    Failure(
        "cancellation",
        Question.THROWS,
        "cancelling is swallowed, skips the cleanup, or leaves something running",
        ("cleanup-skipped-on-cancel", "stop-swallowed", "tasks-left-running", "awaits-its-canceller"),
        _cancelled,
    ),
    Failure(
        "not-released",
        Question.CALLS,
        "a resource is left open when something fails",
        ("left-open", "lent-not-returned", "stream-not-closed", "entered-by-hand", "child-left-running"),
        _left_open,
    ),
    Failure(
        "half-done",
        Question.UNAVAILABLE,
        "a failure leaves state changed by half",
        ("state-before-confirmation", "write-not-rolled-back", "flag-left-set", "registered-before-started"),
        _half_done,
    ),
    Failure(
        "shared-state",
        Question.CALLS,
        "another task, thread or process changes this meanwhile",
        ("lock-across-await", "reread-after-check", "made-twice", "external-call-under-lock"),
        _shared,
    ),
    Failure(
        "failure-by-value",
        Question.CALLS,
        "failure comes as a status, code or empty result that nobody looks at",
        ("status-unread", "exit-code-unread", "exceptions-gathered-unread", "status-in-message"),
        _status,
    ),
    Failure(
        "retry",
        Question.UNAVAILABLE,
        "a passing failure is not retried, or what must not be repeated is",
        ("retried-write", "endless-retry", "unbounded-favour"),
        _retried,
    ),
    Failure(
        "unbound-name",
        Question.THROWS,
        "a name is not assigned on some path to here",
        ("unbound-on-failure",),
        _unbound,
    ),
    Failure(
        "never-ends",
        Question.UNAVAILABLE,
        "runs or grows without bound on some input",
        ("endless-retry", "gathered-without-bound"),
        _endless,
    ),
    Failure(
        "platform",
        Question.CALLS,
        "exists or behaves so on some systems, versions or settings only",
        ("posix-only",),
        _platform,
    ),
    Failure(
        "wrong-assumption",
        Question.INPUTS,
        "takes something else for granted of its input or callee that need not hold",
        (),
        _assumed,
    ),
)
"""All failures there are."""


def places(unit: Unit, flow: Summaries) -> tuple[Place, ...]:
    """What the facts say of each failure at each line of a unit where it can happen."""
    clauses: dict[int, list[Handler]] = {}
    for fact in unit.facts:
        if isinstance(fact, TryStatement) and fact.statement is not None:
            for handler in fact.statement.handlers:
                clauses.setdefault(handler.span.line, []).append(handler)
    simple = [fact for fact in unit.facts if not isinstance(fact, TryStatement | Loop)]
    by_line: dict[int, list[Fact]] = {}
    for fact in simple:
        for line in range(fact.span.line, min(fact.span.end_line, fact.span.line + _TALL) + 1):
            by_line.setdefault(line, []).append(fact)
    found = []
    for line in range(unit.line, unit.end_line + 1):
        look = Look(line, unit, flow, tuple(by_line.get(line, ())), tuple(clauses.get(line, ())))
        verdicts: dict[str, Verdict] = {
            failure.id: verdict for failure in FAILURES if (verdict := failure.check(look)) is not None
        }
        found.append(Place(line, look.end_line, verdicts))
    return tuple(found)


_TALL = 60
"""Lines of a fact beyond which it is looked up by its first ones only."""


def failure_of(name: str) -> Failure | None:
    """The entry that a model names; None where there is none."""
    return next((failure for failure in FAILURES if failure.id == name), None)
