"""Thread lock held across an `await`.

A coroutine enters a `threading` lock with a plain `with`, or acquires it, and awaits something (or an asynchronous
generator or context manager yields) before it is released.

Why: The coroutine is suspended with the lock in its hand. Another coroutine of the same loop that wants the lock
blocks the thread, so the first can never go on: the process stands still for good.

Instead: Use `asyncio.Lock` with `async with`, or release the thread lock before the `await`.

Source: https://docs.python.org/3/library/asyncio-sync.html#asyncio.Lock
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import method
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Block, Call, Fact, Return, Usage
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
    """
import contextlib
import threading

LOCK = threading.Lock()

async def save(store, item):
    LOCK.acquire()
    try:
        await store.save(item)  #!
    finally:
        LOCK.release()

@contextlib.asynccontextmanager
async def held(store):
    with LOCK:
        yield store  #!
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
    """
import threading

LOCK = threading.Lock()

async def count(store):
    LOCK.acquire()
    store.count += 1
    LOCK.release()
    await store.save()

def items(store):
    with LOCK:
        yield from store
""",
)

_LOCKS = frozenset({"threading.Lock", "threading.RLock", "threading.Condition", "threading.Semaphore"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find awaits while a thread lock is held, one for each block or acquisition."""
    if not view.unit.is_async or view.is_test:
        return
    told: set[Block] = set()
    acquired: dict[str, Call] = {}
    for fact in view.unit.facts:
        if isinstance(fact, Call) and _is_of_lock(fact):
            name = fact.receiver.text if fact.receiver is not None else ""
            if method(fact) == "acquire":
                acquired[name] = fact
            elif method(fact) == "release":
                acquired.pop(name, None)
        what = _suspends(fact)
        if what is None:
            continue
        block = fact.context.inside("lock", "with")
        if block is not None and not block.is_async and block not in told and block.symbol in _LOCKS:
            told.add(block)
            yield _finding(view, rule, fact, (block.text, block.span.line), what)
        for name, taken in acquired.items():
            yield _finding(view, rule, fact, (name, taken.span.line), what)
        acquired.clear()


def _is_of_lock(call: Call) -> bool:
    receiver = call.receiver
    return receiver is not None and (receiver.type in _LOCKS or receiver.made_by in _LOCKS) and not call.awaited


def _suspends(fact: Fact) -> str | None:
    """What gives control to the loop or to the consumer at a place, in a word."""
    if (isinstance(fact, Call) and fact.awaited) or (isinstance(fact, Usage) and fact.operation == "await"):
        return "await"
    return "yield" if isinstance(fact, Return) and fact.yields else None


def _finding(view: View, rule: Rule, fact: Fact, held: tuple[str, int], what: str) -> Finding:
    lock, line = held
    return rule.finding(
        view,
        fact,
        f"the thread lock {lock} is held across this {what}",
        confidence=Confidence.HIGH,
        evidence=(Evidence(view.path, line, "the lock is taken here"),),
    )
