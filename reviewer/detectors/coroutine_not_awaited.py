"""Coroutine that is made and never awaited.

The call of a coroutine function stands without `await`: its body does not run, and what is used further is the
coroutine itself and not its result. It is quiet where a coroutine function returns the coroutine, since its caller may
await twice.

Why: The work is silently not done (Python prints "was never awaited" to stderr, if at all), and code that goes on
with the coroutine fails later, far from the cause.

Instead: Put `await` before the call, or hand the coroutine to `asyncio.create_task` and keep the task.

Source: https://docs.python.org/3/library/asyncio-dev.html#detect-never-awaited-coroutines
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.detectors.judging import method, uses_of
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
    """
class Door:
    async def may_enter(self, user):
        return await self.table.find(user)

    async def enter(self, user):
        if not self.may_enter(user):  #!
            raise PermissionError(user)

    async def leave(self, user):
        allowed = self.may_enter(user)  #!
        if allowed:
            return "bye"

    async def count(self, user):
        return len(self.may_enter(user))  #!
""",
    """
import httpx

async def load(url):
    client = httpx.AsyncClient(timeout=5)
    try:
        return await client.get(url)
    finally:
        client.aclose()  #!
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
    return store(2)  #~
""",
    """
async def store(order):
    ...

def handle(order):
    return store(order)

async def choose(order, check):
    waiting = store(order)
    if not check(store(order)) or waiting is None:
        return
    await waiting
""",
    """
async def rows():
    yield 1

async def handle():
    async for row in rows():
        print(row)
""",
    """
import abc
from collections.abc import AsyncGenerator

class Agent(abc.ABC):
    @abc.abstractmethod
    async def stream(self) -> AsyncGenerator[str, None]:
        raise NotImplementedError

async def run(agent: Agent):
    chunks = agent.stream()
    async for chunk in chunks:
        print(chunk)
""",
)

_PARTS = frozenset(
    {"key", "index", "slice", "attribute", "method", "unpack", "iterate", "divide", "arithmetic", "compare"}
)
_RUNS = frozenset({"asyncio.gather", "asyncio.shield"})
_OWN_METHODS = frozenset({"close", "send", "throw", "add_done_callback", "cancel", "done", "result", "__await__"})
_BY_NAME = frozenset({"aclose", "__aenter__", "__aexit__", "wait_closed"})
"""Methods that are coroutine functions wherever they occur: protocols of the language and its streams name them so."""
_LOOKS_INTO = frozenset(
    {
        "len", "sorted", "list", "tuple", "set", "dict", "sum", "min", "max", "any", "all", "int", "float", "bool",
        "enumerate", "iter", "next", "reversed", "zip", "map", "filter", "json.dumps", "json.loads",
    }
)  # fmt: skip
"""Callables that use what they are given on the spot, so that a coroutine is never what they wanted."""
_NEGATED = re.compile(r"(?<!\bis)\s\bnot\s*$")


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find coroutines that are dropped, or used as if they were their results."""
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.awaited or not (fact.coroutine or _is_by_name(fact)):
            continue
        if fact.known is not None and (fact.known.keep or fact.known.name in _RUNS):
            continue  # a task or future runs without `await`
        how = _misused(view, fact)
        if how is not None:
            quiet = view.is_test or fact.use == "returned"
            yield rule.finding(
                view,
                fact,
                f"{fact.text}() is not awaited: {how}",
                confidence=Confidence.HIGH if fact.use == "discarded" else Confidence.MEDIUM,
                severity=Severity.LOW if quiet else None,
                explanation=(
                    f"{fact.text} is a coroutine function, so the call alone runs nothing; {how}. "
                    "Whoever waits for the effect gets none, and no exception tells. Put `await` before the call."
                ),
            )


def _is_by_name(call: Call) -> bool:
    """A dropped call of a method that is a coroutine function by its name, where nothing else is known of it."""
    unknown = call.known is None and (call.callee is None or not call.callee.startswith("."))
    return unknown and call.receiver is not None and call.use == "discarded" and method(call) in _BY_NAME


def _misused(view: View, call: Call) -> str | None:
    if call.context.inside("lambda") is not None:
        return None
    if call.use == "discarded":
        return "its body never runs"
    if call.use == "condition" or (call.use == "other" and _is_negated(view, call)):
        return "a coroutine is always true"
    uses = list(uses_of(view.unit, call))
    if call.use == "argument":
        taken = any(use.operation == "argument" and use.callee in _LOOKS_INTO for use in uses)
        return "the coroutine is used as if it were its result" if taken else None
    if call.use == "returned" and call.context.is_async and not _promises_coroutine(view):
        return f"who awaits {view.unit.name} gets a coroutine that still has to be awaited"
    if any(use.operation in ("await", "return", "yield", "spread", "store") for use in uses):
        return None
    if any(use.operation == "test" and use.detail == "truthy" for use in uses):
        return "a coroutine is always true"
    for use in uses:
        if use.operation in _PARTS and use.detail not in _OWN_METHODS:
            return "the coroutine is used as if it were its result"
    if call.use == "assigned" and view.unit.is_async and (call.result.decoded or call.result.boundary):
        # Nobody passes unread data around as a coroutine, but for functions that run one (create_task, gather).
        given = [use for use in uses if use.operation == "argument"]
        if given and not any((use.callee or "").startswith(("asyncio.", "anyio.", "trio.")) for use in given):
            return "the coroutine is passed on as if it were its result"
    return None


def _is_negated(view: View, call: Call) -> bool:
    """Whether `not` stands right before the call."""
    line = view.lines[call.span.line - 1] if call.span.line <= len(view.lines) else ""
    return _NEGATED.search(f" {line[: call.span.column - 1]}") is not None


def _promises_coroutine(view: View) -> bool:
    """The annotation says that the caller gets something to await."""
    return re.search(r"Awaitable|Coroutine|Future|Task|Any", view.unit.returns or "") is not None
