"""Thread lock held across an `await`.

A coroutine enters a `threading` lock with a plain `with` and awaits something inside.

Why: The coroutine is suspended with the lock in its hand. Another coroutine of the same loop that wants the lock
blocks the thread, so the first can never go on: the process stands still for good.

Instead: Use `asyncio.Lock` with `async with`, or release the thread lock before the `await`.

Source: https://docs.python.org/3/library/asyncio-sync.html#asyncio.Lock
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Block, Call, Usage
from reviewer.domain.finding import Confidence, Evidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.HIGH

BAD = (
    """
import threading

class Box:
    def __init__(self):
        self._lock = threading.Lock()

    async def put(self, queue, item):
        with self._lock:
            await queue.put(item)  #!
""",
)
GOOD = (
    """
import asyncio

class Box:
    def __init__(self):
        self._lock = asyncio.Lock()

    async def put(self, queue, item):
        async with self._lock:
            await queue.put(item)
""",
    """
import threading

class Box:
    def __init__(self):
        self._lock = threading.Lock()

    async def put(self, queue, item):
        with self._lock:
            self.count += 1
        await queue.put(item)
""",
)

_LOCKS = frozenset({"threading.Lock", "threading.RLock", "threading.Condition", "threading.Semaphore"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find awaits inside the block of a thread lock, one for each block."""
    if not view.unit.is_async or view.is_test:
        return
    told: set[Block] = set()
    for fact in view.unit.facts:
        waits = (isinstance(fact, Call) and fact.awaited) or (isinstance(fact, Usage) and fact.operation == "await")
        block = fact.context.inside("lock", "with") if waits else None
        if block is None or block.is_async or block in told or block.symbol not in _LOCKS:
            continue
        told.add(block)
        yield rule.finding(
            view,
            fact,
            f"the thread lock {block.text} is held across this await",
            confidence=Confidence.HIGH,
            evidence=(Evidence(view.path, block.span.line, "the lock is taken here"),),
        )
