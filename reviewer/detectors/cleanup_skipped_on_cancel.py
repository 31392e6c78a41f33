"""Clean-up that a cancelled task skips.

In a coroutine, `except Exception` undoes or marks something, or gives back what the other path gives back as well, and
nothing does so for cancellation. It is quiet where only a status is marked, since a restart may look at it.

Why: `asyncio.CancelledError` is no `Exception`. When the task is cancelled (a time limit, a client that hangs up, a
shutdown) the handler does not run: what it should undo stays, and what it should mark as failed counts as done.

Instead: Do it in a `finally`, or catch `BaseException` and raise it again.

Source: https://docs.python.org/3/library/asyncio-task.html#task-cancellation
"""

from __future__ import annotations

import re
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
    """
async def run(slots, job):
    await slots.acquire()
    try:
        result = await job.work()
    except Exception as error:  #!
        slots.release()
        return error
    slots.release()
    return result

async def note(job):
    try:
        await job.work()
    except Exception:  #~
        job.status = "failed"
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
    """
async def run(slots, job):
    await slots.acquire()
    try:
        return await job.work()
    except Exception as error:
        job.error = "failed"
        return error
    finally:
        slots.release()
""",
)

_UNDOES = frozenset(
    {
        "rollback", "close", "aclose", "release", "kill", "terminate", "cancel", "unlink", "rmtree", "discard", "abort",
        "stop", "shutdown", "disconnect", "unregister", "cleanup", "__aexit__", "reset",
    }
)  # fmt: skip

_RETURNS = frozenset({"release", "unlock", "putconn"})
_STATUS = re.compile(
    r"(status|state|phase|running|busy|active|in_progress|pending|loading|connecting|connected)['\"\]]*$", re.IGNORECASE
)


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
            if handler.types != ("Exception",):
                continue
            skipped = _skipped(fact, inside) if handler.reraises else _given_back(view, fact, inside)
            if skipped is not None:
                yield _finding(view, rule, fact, handler, skipped)
            elif handler.reraises and (marked := _marked(fact, inside)) is not None:
                yield _finding(view, rule, fact, handler, marked, quiet=True)


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


def _given_back(view: View, attempt: TryStatement, inside: tuple[Fact, ...]) -> str | None:
    """What was taken before, and is given back by the handler and by the good path, each for itself."""
    done = {call.text for call in attempt.finals if isinstance(call, Call)}
    for fact in inside:
        if not isinstance(fact, Call) or method(fact) not in _RETURNS or fact.text in done:
            continue
        others = [
            call
            for call in view.unit.facts
            if isinstance(call, Call) and call.text == fact.text and call.context.inside("handler", "finally") is None
        ]
        taken = f"{fact.text.rpartition('.')[0]}.acquire"
        if others and any(isinstance(call, Call) and call.text == taken for call in view.unit.facts):
            return f"{fact.text}()"
    return None


def _marked(attempt: TryStatement, inside: tuple[Fact, ...]) -> str | None:
    """A status of something that outlives the function, which only the handler sets."""
    if attempt.finals:
        return None
    for fact in inside:
        if not isinstance(fact, Store) or fact.kind not in ("attribute", "item") or not _STATUS.search(fact.target):
            continue
        if fact.value.literal is not None or fact.value.symbol is not None:
            return f"{fact.target} = {fact.value.text}"
    return None


def _reads(attempt: TryStatement, target: str) -> bool:
    """The `finally` hands the marked name to somebody."""
    return any(
        isinstance(fact, Call) and any(argument.value.text == target for argument in fact.arguments)
        for fact in attempt.finals
    )


def _finding(
    view: View, rule: Rule, attempt: TryStatement, handler: Handler, skipped: str, *, quiet: bool = False
) -> Finding:
    return rule.finding(
        view,
        attempt,
        f"{skipped} is skipped when the task is cancelled",
        severity=Severity.LOW if quiet else None,
        confidence=Confidence.MEDIUM if quiet else Confidence.HIGH,
        exceptions=("asyncio.CancelledError",),
        explanation=f"`{clause(handler)}` does not see asyncio.CancelledError, so that after a time limit, a "
        "disconnected client "
        f"or a shutdown {skipped} does not happen. {rule.how}",
        span=handler.span,
    )
