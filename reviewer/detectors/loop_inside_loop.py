"""Event loop started inside a running one.

A coroutine calls `asyncio.run` or `run_until_complete`, or blocks on a future that only its own loop can finish.

Why: The first raises RuntimeError at once ("cannot be called from a running event loop"); the second waits for ever,
as the loop that should do the work is the one that stands still.

Instead: Await the coroutine; from another thread, use `asyncio.run_coroutine_threadsafe` and wait there.

Source: https://docs.python.org/3/library/asyncio-runner.html#asyncio.run
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import method
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.HIGH

BAD = (
    """
import asyncio

async def load(work):
    return asyncio.run(work())  #!
""",
    """
import asyncio

async def load(work):
    loop = asyncio.get_running_loop()
    return asyncio.run_coroutine_threadsafe(work(), loop).result()  #!
""",
)
GOOD = (
    """
import asyncio

async def load(work):
    return await work()

def main(work):
    return asyncio.run(work())
""",
    """
import asyncio

async def load(work):
    def other_thread():
        return asyncio.run(work())
    return await asyncio.to_thread(other_thread)
""",
)

_RUNS = frozenset({"asyncio.run", "asyncio.AbstractEventLoop.run_until_complete"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find coroutines that start a loop, or block on their own."""
    if not view.unit.is_async:
        return
    own_loop = {
        fact.target
        for fact in view.unit.facts
        if isinstance(fact, Call) and fact.callee in ("asyncio.get_running_loop", "asyncio.get_event_loop")
    }
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or not fact.context.is_async or fact.awaited:
            continue
        if fact.known is not None and fact.known.name in _RUNS:
            message = f"{fact.text}() in the coroutine {view.unit.name} raises RuntimeError: a loop is running already"
        elif method(fact) == "result" and fact.receiver is not None and _waits_for_own_loop(view, fact, own_loop):
            message = "result() waits for work that only this loop can do, and holds the loop"
        else:
            continue
        yield rule.finding(
            view,
            fact,
            message,
            severity=Severity.LOW if view.is_test else None,
            confidence=Confidence.HIGH,
            exceptions=("RuntimeError",) if "RuntimeError" in message else (),
            explanation=f"{message[:1].upper()}{message[1:]}. {rule.how}",
        )


def _waits_for_own_loop(view: View, call: Call, own_loop: set[str | None]) -> bool:
    receiver = call.receiver
    if receiver is None or receiver.made_by != "asyncio.run_coroutine_threadsafe":
        return False
    for fact in view.unit.facts:
        if isinstance(fact, Call) and (fact.span.line, fact.span.column) == receiver.made_at:
            loop = fact.argument("loop", 1)
            return loop is not None and loop.text in own_loop
    return False
