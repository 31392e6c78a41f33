"""The closed list of failures that a model may point at, each with what the tree must show for it.

A model that suspects what no rule found names a line and one of these. `places` says beforehand what the facts make
of every one of them at every line: it is *impossible* where the tree does not even have the thing in question (no call,
no handler, no coroutine) and is then not listed; *contradicted* where a handler, guard, limit or type excludes it;
*confirmed* where the facts alone show it; else *open*.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reviewer.domain.evidence import Place, Verdict
from reviewer.domain.fact import Unit
from reviewer.domain.finding import Question
from reviewer.domain.suspicion import FailureName
from reviewer.explain import verdict
from reviewer.explain.line import Line, lines_of
from reviewer.flow.summary import Summaries

Check = Callable[[Line], Verdict | None]


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
        verdict.unhandled_exception,
    ),
    Failure(
        "waits-forever",
        Question.UNAVAILABLE,
        "may wait without limit",
        ("no-timeout", "wrong-timeout", "default-timeout", "limit-not-applied"),
        verdict.waits_forever,
    ),
    Failure(
        "blocks-event-loop",
        Question.UNAVAILABLE,
        "blocks the thread inside a coroutine",
        ("blocking-in-coroutine", "loop-inside-loop"),
        verdict.blocks_event_loop,
    ),
    Failure(
        "value-missing",
        Question.INPUTS,
        "a value used here may be None",
        ("may-be-none", "null-defeats-default", "not-found"),
        verdict.value_missing,
    ),
    Failure(
        "empty-collection",
        Question.INPUTS,
        "a collection, text or number used here may be empty or zero",
        ("may-be-empty", "division-by-zero"),
        verdict.empty_collection,
    ),
    Failure(
        "key-missing",
        Question.INPUTS,
        "a key, index, attribute or part used here may not exist",
        ("missing-key", "unchecked-structure", "fixed-parts", "walk-down"),
        verdict.key_missing,
    ),
    Failure(
        "wrong-type",
        Question.INPUTS,
        "a value may be of another type or shape",
        ("unchecked-structure", "unchecked-type", "assumed-type", "type-left-over", "spread-of-data"),
        verdict.wrong_type,
    ),
    Failure(
        "malformed-text",
        Question.INPUTS,
        "text parsed, converted, matched or used as a name here may not have the form",
        ("unguarded-conversion", "fixed-parts"),
        verdict.malformed_text,
    ),
    Failure(
        "text-encoding",
        Question.INPUTS,
        "bytes or text here may not fit the encoding",
        ("strict-decoding", "locale-encoding", "strict-process-text"),
        verdict.text_encoding,
    ),
    Failure(
        "handler-too-narrow",
        Question.THROWS,
        "the handler does not catch what its body really raises",
        ("narrow-except", "handler-misses-shape", "protected-elsewhere"),
        verdict.handler_too_narrow,
    ),
    Failure(
        "failure-hidden",
        Question.THROWS,
        "a handler hides a failure, or makes a wrong result of it",
        ("swallowed-failure", "cause-lost", "import-error-hidden", "finally-overrides"),
        verdict.failure_hidden,
    ),
    Failure(
        "error-path-fails",
        Question.THROWS,
        "the code that handles an error or cleans up fails itself",
        ("handler-may-throw", "cleanup-fails-success"),
        verdict.error_path_fails,
    ),
    Failure(
        "not-awaited",
        Question.CALLS,
        "a coroutine, task or future is never awaited or kept",
        ("coroutine-not-awaited", "task-dropped", "future-dropped", "cancel-not-awaited"),
        verdict.not_awaited,
    ),
    Failure(
        "cancellation",
        Question.THROWS,
        "cancelling is swallowed, skips the cleanup, or leaves something running",
        ("cleanup-skipped-on-cancel", "stop-swallowed", "tasks-left-running", "awaits-its-canceller"),
        verdict.cancellation,
    ),
    Failure(
        "not-released",
        Question.CALLS,
        "a resource is left open when something fails",
        ("left-open", "lent-not-returned", "stream-not-closed", "entered-by-hand", "child-left-running"),
        verdict.not_released,
    ),
    Failure(
        "half-done",
        Question.UNAVAILABLE,
        "a failure leaves state changed by half",
        ("state-before-confirmation", "write-not-rolled-back", "flag-left-set", "registered-before-started"),
        verdict.half_done,
    ),
    Failure(
        "shared-state",
        Question.CALLS,
        "another task, thread or process changes this meanwhile",
        ("lock-across-await", "reread-after-check", "made-twice", "external-call-under-lock"),
        verdict.shared_state,
    ),
    Failure(
        "failure-by-value",
        Question.CALLS,
        "failure comes as a status, code or empty result that nobody looks at",
        ("status-unread", "exit-code-unread", "exceptions-gathered-unread", "status-in-message"),
        verdict.failure_by_value,
    ),
    Failure(
        "retry",
        Question.UNAVAILABLE,
        "a passing failure is not retried, or what must not be repeated is",
        ("retried-write", "endless-retry", "unbounded-favour"),
        verdict.retry,
    ),
    Failure(
        "unbound-name",
        Question.THROWS,
        "a name is not assigned on some path to here",
        ("unbound-on-failure",),
        verdict.unbound_name,
    ),
    Failure(
        "never-ends",
        Question.UNAVAILABLE,
        "runs or grows without bound on some input",
        ("endless-retry", "gathered-without-bound"),
        verdict.anywhere,
    ),
    Failure(
        "platform",
        Question.CALLS,
        "exists or behaves so on some systems, versions or settings only",
        ("posix-only",),
        verdict.anywhere,
    ),
    Failure(
        "wrong-assumption",
        Question.INPUTS,
        "takes something else for granted of its input or callee that need not hold",
        (),
        verdict.anywhere,
    ),
)
"""All failures there are."""


def places(unit: Unit, flow: Summaries) -> tuple[Place, ...]:
    """What the facts say of each failure at each line of a unit where it can happen."""
    return tuple(Place(here.number, here.end_line, _verdicts(here)) for here in lines_of(unit, flow))


def _verdicts(here: Line) -> dict[str, Verdict]:
    found = ((failure.id, failure.check(here)) for failure in FAILURES)
    return {name: said for name, said in found if said is not None}


def failure_of(name: str) -> Failure | None:
    """The entry that a model names; None where there is none."""
    return next((failure for failure in FAILURES if failure.id == name), None)
