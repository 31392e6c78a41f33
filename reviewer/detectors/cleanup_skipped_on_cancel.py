"""Clean-up that a cancelled task skips.

In a coroutine, `except Exception` undoes or marks something and raises again, and nothing does so for cancellation.

Why: `asyncio.CancelledError` is no `Exception`. When the task is cancelled (a time limit, a client that hangs up, a
shutdown) the handler does not run: what it should undo stays, and what it should mark as failed counts as done.

Instead: Do it in a `finally`, or catch `BaseException` and raise it again.

Source: https://docs.python.org/3/library/asyncio-task.html#task-cancellation
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import method
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import clause
from reviewer.domain.fact import Call, Fact, Handler, Store, TryStatement, Usage
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
async def call(tool, log):
    success = True
    try:
        return await tool()
    except Exception:  #!
        success = False
        raise
    finally:
        log(success)
""",
    """
async def copy(session, rows):
    try:
        await session.insert(rows)
    except Exception:  #!
        await session.rollback()
        raise
""",
)
GOOD = (
    """
async def call(tool, log):
    success = False
    try:
        result = await tool()
        success = True
        return result
    finally:
        log(success)
""",
    """
async def copy(session, rows):
    try:
        await session.insert(rows)
    except BaseException:
        await session.rollback()
        raise
""",
    """
def copy(session, rows):
    try:
        session.insert(rows)
    except Exception:
        session.rollback()
        raise
""",
)

_UNDOES = frozenset(
    {
        "rollback", "close", "aclose", "release", "kill", "terminate", "cancel", "unlink", "rmtree", "discard", "abort",
        "stop", "shutdown", "disconnect", "unregister", "cleanup", "__aexit__", "reset",
    }
)  # fmt: skip


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find handlers of coroutines that clean up after errors and not after cancellation."""
    if not view.unit.is_async or view.is_test:
        return
    for fact in view.unit.facts:
        if not isinstance(fact, TryStatement) or fact.statement is None:
            continue
        handlers = fact.statement.handlers
        if any(kind.endswith(("CancelledError", "BaseException")) for h in handlers for kind in h.types):
            continue
        if not any(_waits(part) for part in fact.body):
            continue
        for handler, inside in zip(handlers, fact.in_handlers, strict=False):
            if handler.types != ("Exception",) or not handler.reraises:
                continue
            skipped = _skipped(fact, inside)
            if skipped is not None:
                yield _finding(view, rule, fact, handler, skipped)


def _waits(fact: Fact) -> bool:
    """A place where a cancellation can arrive."""
    return (isinstance(fact, Call) and fact.awaited) or (isinstance(fact, Usage) and fact.operation == "await")


def _skipped(attempt: TryStatement, inside: tuple[Fact, ...]) -> str | None:
    """What the handler does that the `finally` relies on or nobody else does."""
    done = {call.text for call in attempt.finals if isinstance(call, Call)}
    for fact in inside:
        if isinstance(fact, Call) and method(fact) in _UNDOES and fact.text not in done:
            return f"{fact.text}()"
    for fact in inside:
        if (
            isinstance(fact, Store)
            and fact.value.literal is not None
            and attempt.finals
            and _reads(attempt, fact.target)
        ):
            return f"{fact.target} = {fact.value.literal}"
    return None


def _reads(attempt: TryStatement, target: str) -> bool:
    """The `finally` hands the marked name to somebody."""
    return any(
        isinstance(fact, Call) and any(argument.value.text == target for argument in fact.arguments)
        for fact in attempt.finals
    )


def _finding(view: View, rule: Rule, attempt: TryStatement, handler: Handler, skipped: str) -> Finding:
    return rule.finding(
        view,
        attempt,
        f"{skipped} is skipped when the task is cancelled",
        confidence=Confidence.HIGH,
        exceptions=("asyncio.CancelledError",),
        explanation=f"`{clause(handler)}` does not see asyncio.CancelledError, so that after a time limit, a "
        "disconnected client "
        f"or a shutdown {skipped} does not happen. {rule.how}",
        span=handler.span,
    )
