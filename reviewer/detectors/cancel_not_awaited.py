"""Task that is cancelled and not waited for.

A coroutine calls `cancel()` on a task and goes on without awaiting it.

Why: `cancel()` only asks: the task goes on until its next `await`, and its clean-up runs later, when what it uses is
already closed. At shutdown it is reported as "Task was destroyed but it is pending".

Instead: Await the task after cancelling it (`await asyncio.gather(task, return_exceptions=True)`).

Source: https://docs.python.org/3/library/asyncio-task.html#asyncio.Task.cancel
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import method
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Usage, Value
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import asyncio

class Reader:
    def start(self):
        self._task = asyncio.create_task(self._read())

    async def stop(self):
        self._task.cancel()  #!
        await self._connection.close()
""",
)
GOOD = (
    """
import asyncio

class Reader:
    def start(self):
        self._task = asyncio.create_task(self._read())

    async def stop(self):
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._connection.close()
""",
    """
import asyncio
import contextlib

class Reader:
    def start(self):
        self._task = asyncio.create_task(self._read())

    async def stop(self):
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        await self._connection.close()
""",
    """
import asyncio

async def first(tasks):
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    return done
""",
)

_TASKS = frozenset({"asyncio.Task", "asyncio.Future"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find cancelled tasks that the coroutine does not await before it goes on."""
    if not view.unit.is_async or view.is_test:
        return
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.receiver is None or method(fact) != "cancel":
            continue
        if not _is_task(fact.receiver) or _awaited_after(view, fact, fact.receiver.text):
            continue
        # What follows may pull away what the task still uses.
        follows = any(
            isinstance(later, Call) and later.awaited and later.span.line > fact.span.line for later in view.unit.facts
        )
        yield rule.finding(
            view,
            fact,
            f"{fact.receiver.text} is cancelled but not awaited",
            severity=None if follows and fact.receiver.text.startswith("self.") else Severity.LOW,
            confidence=Confidence.MEDIUM,
        )


def _is_task(value: Value) -> bool:
    """By its type; where that is unknown, by its name."""
    if value.type is not None:
        return value.type in _TASKS
    return value.symbol is None and value.text.lower().rstrip("s").endswith("task")


def _awaited_after(view: View, cancel: Call, task: str) -> bool:
    loop = cancel.context.inside("for")
    # Cancelled one by one, awaited all together.
    every = loop.text if loop is not None and loop.target == task else task
    for fact in view.unit.facts:
        if fact.span.line < cancel.span.line:
            continue
        if isinstance(fact, Usage) and fact.operation == "await" and fact.subject.text == task:
            return True
        if isinstance(fact, Call) and fact is not cancel and _is_given(fact, task, every):
            return True
    return False


def _is_given(call: Call, *names: str) -> bool:
    return any(name in argument.value.text for argument in call.arguments for name in names)
