"""Coroutine that is made and never awaited.

The call of a coroutine function stands without `await`: its body does not run, and what is used further is the
coroutine itself and not its result.

Why: The work is silently not done (Python prints "was never awaited" to stderr, if at all), and code that goes on
with the coroutine fails later, far from the cause.

Instead: Put `await` before the call, or hand the coroutine to `asyncio.create_task` and keep the task.

Source: https://docs.python.org/3/library/asyncio-dev.html#detect-never-awaited-coroutines
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import uses_of
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.HIGH

BAD = (
    """
import asyncio

async def wait():
    asyncio.sleep(1)  #!
""",
    """
async def store(order):
    ...

async def handle(order):
    store(order)  #!
""",
    """
class Box:
    async def store(self, order):
        ...

    def handle(self, order):
        self.store(order)  #!
""",
    """
from fastapi import Request

async def add(request: Request, queue):
    data = request.json()  #!
    await queue.send(data)
""",
)
GOOD = (
    """
import asyncio

async def wait():
    await asyncio.sleep(1)
""",
    """
import asyncio

async def store(order):
    ...

async def handle(orders):
    waiting = [store(order) for order in orders]
    await asyncio.gather(*waiting)
    last = store(None)
    await last
    asyncio.run_coroutine_threadsafe(store(1), None)
    return store(2)
""",
    """
async def rows():
    yield 1

async def handle():
    async for row in rows():
        print(row)
""",
)

_PARTS = frozenset(
    {"key", "index", "slice", "attribute", "method", "unpack", "iterate", "divide", "arithmetic", "compare"}
)
_RUNS = frozenset({"asyncio.gather", "asyncio.shield"})
_OWN_METHODS = frozenset({"close", "send", "throw", "add_done_callback", "cancel", "done", "result", "__await__"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find coroutines that are dropped, or used as if they were their results."""
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or not fact.coroutine or fact.awaited:
            continue
        if fact.use == "argument" or (fact.known is not None and (fact.known.keep or fact.known.name in _RUNS)):
            continue  # a task or future runs without `await`
        how = _misused(view, fact)
        if how is not None:
            yield rule.finding(
                view,
                fact,
                f"{fact.text}() is not awaited: {how}",
                confidence=Confidence.HIGH if fact.use == "discarded" else Confidence.MEDIUM,
                severity=Severity.LOW if view.is_test else None,
                explanation=(
                    f"{fact.text} is a coroutine function, so the call alone runs nothing; {how}. "
                    "Whoever waits for the effect gets none, and no exception tells. Put `await` before the call."
                ),
            )


def _misused(view: View, call: Call) -> str | None:
    if call.context.inside("lambda") is not None:
        return None
    if call.use == "discarded":
        return "its body never runs"
    if call.use == "condition":
        return "a coroutine is always true"
    uses = list(uses_of(view.unit, call))
    if any(use.operation in ("await", "return", "yield", "spread", "store") for use in uses):
        return None
    for use in uses:
        if use.operation in _PARTS and use.detail not in _OWN_METHODS:
            return "the coroutine is used as if it were its result"
    if call.use == "assigned" and view.unit.is_async and (call.result.decoded or call.result.boundary):
        # Nobody passes unread data around as a coroutine, but for functions that run one (create_task, gather).
        given = [use for use in uses if use.operation == "argument"]
        if given and not any((use.callee or "").startswith(("asyncio.", "anyio.", "trio.")) for use in given):
            return "the coroutine is passed on as if it were its result"
    return None
