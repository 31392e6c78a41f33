"""Time limit that a wait ignores.

A coroutine takes a timeout, and awaits a bare future, event or shielded task without it.

Why: The caller believes that the call comes back in time. When whoever should resolve the future is stuck or gone,
this wait has no end, and the limit that was given changes nothing.

Instead: Wrap the wait in `asyncio.wait_for` or `asyncio.timeout` with the limit that was given.

Source: https://docs.python.org/3/library/asyncio-task.html#timeouts
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Fact, Usage
from reviewer.domain.finding import Confidence, Finding, Question, Severity
from reviewer.flow.waiting import is_bounded

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import asyncio

class Worker:
    async def clean_up(self, timeout: float):
        self.queue.put_nowait(("stop", timeout))
        await asyncio.shield(self.done)  #!
""",
    """
import asyncio

async def ask(queue, timeout_seconds):
    future = asyncio.get_running_loop().create_future()
    queue.put_nowait((future, timeout_seconds))
    return await future  #!
""",
)
GOOD = (
    """
import asyncio

class Worker:
    async def clean_up(self, timeout: float):
        self.queue.put_nowait("stop")
        await asyncio.wait_for(asyncio.shield(self.done), timeout)
""",
    """
import asyncio

class Worker:
    async def clean_up(self):
        await asyncio.shield(self.done)
""",
    """
import asyncio

async def ask(queue, timeout):
    future = asyncio.get_running_loop().create_future()
    async with asyncio.timeout(timeout):
        return await future
""",
)

_FUTURES = frozenset({"asyncio.Future", "concurrent.futures.Future"})
_BOUNDING_CALLS = frozenset({"asyncio.wait_for", "asyncio.wait", "asyncio.timeout", "anyio.fail_after"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find waits without a limit in coroutines that were given one."""
    if not view.unit.is_async or view.is_test:
        return
    limit = next(
        (p.name for p in view.unit.parameters if p.name in ("timeout", "deadline") or "timeout" in p.name), None
    )
    if limit is None:
        return
    bounded = any(isinstance(fact, Call) and fact.callee in _BOUNDING_CALLS for fact in view.unit.facts)
    if bounded:
        return
    for fact in view.unit.facts:
        what = _waited_for(fact)
        if what is None or is_bounded(fact.context):
            continue
        if fact.context.function != view.unit.name or fact.context.inside("handler", "finally") is not None:
            continue
        yield rule.finding(
            view,
            fact,
            f"{what} is awaited without the limit that {limit} gives",
            confidence=Confidence.MEDIUM,
        )


def _waited_for(fact: Fact) -> str | None:
    if isinstance(fact, Call) and fact.awaited and fact.callee == "asyncio.shield" and fact.arguments:
        return fact.arguments[0].value.text
    if isinstance(fact, Call) and fact.awaited and fact.text.endswith(".wait") and not fact.arguments:
        receiver = fact.receiver
        return receiver.text if receiver is not None and receiver.type == "asyncio.Event" else None
    if isinstance(fact, Usage) and fact.operation == "await":
        maker = (fact.subject.made_by or "").rpartition(".")[2]
        return fact.subject.text if fact.subject.type in _FUTURES or maker == "create_future" else None
    return None
