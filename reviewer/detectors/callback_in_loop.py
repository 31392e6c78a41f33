"""Callback that is called in the event loop because it is no coroutine function.

A coroutine asks `iscoroutinefunction` about a callable that it was handed, awaits it when it is, and calls it
in place when it is not.

Why: A plain function that waits (a request, a file, `time.sleep`) then stops the whole event loop. And the question
itself misses callable objects and wrapped functions that give a coroutine: it is dropped, and the work never happens.

Instead: Call it by `asyncio.to_thread`, and await the result where `inspect.isawaitable` says that it is one.

Source: https://docs.python.org/3/library/inspect.html#inspect.iscoroutinefunction
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Usage
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import asyncio

async def tell(callback, event):
    if asyncio.iscoroutinefunction(callback):
        await callback(event)
    else:
        callback(event)  #!
""",
    """
import inspect

class Tool:
    async def run(self, value):
        if inspect.iscoroutinefunction(self.func):
            return await self.func(value)
        return self.func(value)  #!
""",
)
GOOD = (
    """
import inspect

async def tell(callback, event):
    result = callback(event)
    if inspect.isawaitable(result):
        await result
""",
    """
import asyncio

async def tell(callback, event):
    if asyncio.iscoroutinefunction(callback):
        await callback(event)
    else:
        await asyncio.to_thread(callback, event)
""",
    """
import inspect

async def tell(callback, event):
    if inspect.iscoroutinefunction(callback):
        return await callback(event)
    result = callback(event)
    if inspect.isawaitable(result):
        result = await result
    return result
""",
)

_ASKS = frozenset({"asyncio.iscoroutinefunction", "inspect.iscoroutinefunction"})
_ASKS_RESULT = ("isawaitable", "iscoroutine", "isfuture")


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find callables that a coroutine calls in place when they are no coroutine functions."""
    if view.is_test:
        return
    asked: dict[tuple[str, str], Call] = {}
    plain: list[tuple[Call, Call]] = []
    for fact in view.unit.facts:
        if not isinstance(fact, Call):
            if isinstance(fact, Usage) and fact.detail.endswith("Awaitable"):
                return
            continue
        if fact.text.rpartition(".")[2] in _ASKS_RESULT:
            return  # the result is asked as well
        if fact.callee in _ASKS and fact.arguments:
            asked[fact.context.function, fact.arguments[0].value.text] = fact
        elif fact.context.is_async and not fact.awaited and fact.use != "argument":
            question = asked.get((fact.context.function, fact.text))
            if question is not None and fact.context.inside("lambda") is None:
                plain.append((question, fact))
    for question, call in plain:
        yield rule.finding(
            view,
            call,
            f"{call.text}() runs in the event loop unless it is a coroutine function: it may block or give a coroutine",
            confidence=Confidence.MEDIUM,
            evidence=(rule.at(view, question, "asks for coroutine functions only"),),
        )
