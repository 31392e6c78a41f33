"""As many calls at once as there are items.

A list of coroutines, one for each item of some data, is gathered at once, with nothing that bounds how many run. It is
loud where the name of the call says that it writes or carries data; low otherwise.

Why: With many items all calls start in the same moment: the connection pool, the file handles or the other side's
rate limit run out, and calls fail that would have succeeded one after the other.

Instead: Bound them with an `asyncio.Semaphore`, work in batches, or await one after the other.

Source: https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.detectors.judging import method
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.surviving import words_of
from reviewer.detectors.wording import callee
from reviewer.domain.fact import Call
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import asyncio

async def register(store, tools):
    tasks = []
    for tool in tools:
        tasks.append(store.create_tool(tool))
    await asyncio.gather(*tasks)  #!
""",
    """
import asyncio

async def upload(store, names):
    await asyncio.gather(*[store.upload(name) for name in names])  #!
""",
    """
import asyncio

async def register(store, tools):
    tasks = []
    for tool in tools:
        task = store.create_tool(tool)
        tasks.append(task)
    await asyncio.gather(*tasks)  #!
""",
)
GOOD = (
    """
import asyncio

async def register(store, tools):
    limit = asyncio.Semaphore(5)

    async def one(tool):
        async with limit:
            await store.create_tool(tool)

    await asyncio.gather(*[one(tool) for tool in tools])
""",
    """
import asyncio

async def load(store, names):
    return await asyncio.gather(*[store.load(name) for name in names])  #~
""",
    """
import asyncio

async def both(store):
    await asyncio.gather(store.create(1), store.create(2))
""",
)

_WRITES = frozenset(
    {"create", "insert", "update", "upsert", "delete", "save", "write", "upload", "add", "send", "post", "put",
     "register", "publish", "download"}
)  # fmt: skip
_BOUNDS = re.compile(r"semaphore|limiter|throttle|batch|chunk|\bsem\b|concurren", re.IGNORECASE)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find gathers over one coroutine for each item."""
    if view.is_test or not view.unit.is_async:
        return
    per_item: list[Call] = []
    bounded: bool | None = None
    for fact in view.unit.facts:
        if not isinstance(fact, Call):
            continue
        if fact.callee != "asyncio.gather":
            if not fact.awaited and fact.context.inside("for", "comprehension") is not None:
                per_item.append(fact)
            continue
        starred = [argument.value.text for argument in fact.arguments if argument.keyword == "*"]
        made = _made(per_item, fact, starred[0]) if len(starred) == 1 else None
        if made is None:
            continue
        if bounded is None:
            here = view.lines[view.unit.line - 1 : view.unit.end_line]
            bounded = any(_BOUNDS.search(line) for line in here)
        if bounded:
            return
        items = made.context.inside("for", "comprehension")
        writes = bool(words_of(method(made)) & _WRITES) and made.receiver is not None
        yield rule.finding(
            view,
            fact,
            f"{callee(made)} runs for all of {items.text if items is not None else starred[0]} at once",
            severity=None if writes else Severity.LOW,
            confidence=Confidence.MEDIUM,
            evidence=(rule.at(view, made, "one for each item"),),
        )


def _made(per_item: list[Call], gather: Call, starred: str) -> Call | None:
    """The call that makes one of the gathered coroutines: in a comprehension, or appended to the list in a loop."""
    for call in reversed(per_item):
        if call.context.function != gather.context.function:
            continue
        block = call.context.inside("for", "comprehension")
        if block is None or (block.value is not None and block.value.literal is not None):
            continue
        if f"{call.text}(" in starred:
            return call
        if call.text == f"{starred}.append" and call.arguments:
            return _appended(per_item, call)
    return None


def _appended(per_item: list[Call], append: Call) -> Call | None:
    given = append.arguments[0].value.text
    for call in reversed(per_item):
        if call is not append and (call.target == given or given.startswith(f"{call.text}(")):
            return call
    return None
