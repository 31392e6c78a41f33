"""Clean-up that turns a finished answer into a failure.

An async generator hands out items in a `try` and awaits the closing of their source in the `finally`, with no handler
around the closing.

Why: When the source cannot be closed (its connection is already gone), the consumer, who has got all items, gets an
exception after the last one and takes the whole for failed; after a real failure, the closing hides its cause.

Instead: Put the closing in a `try` of its own, log what it raises, and let only the first exception through.

Source: https://docs.python.org/3/reference/compound_stmts.html#finally-clause
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import method
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.surviving import words_of
from reviewer.detectors.wording import callee
from reviewer.domain.fact import Call, Return, TryStatement
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
async def answer(source):
    try:
        async for item in source:
            yield item
    finally:
        await source.aclose()  #!
""",
)
GOOD = (
    """
async def answer(source, log):
    try:
        async for item in source:
            yield item
    finally:
        try:
            await source.aclose()
        except Exception as error:
            log.debug("cannot close: %s", error)
""",
    """
async def answer(source):
    try:
        return await source.read()
    finally:
        await source.aclose()
""",
    """
from contextlib import asynccontextmanager

@asynccontextmanager
async def opened(source):
    try:
        yield source
    finally:
        await source.aclose()
""",
)

_CLOSES = frozenset({"close", "aclose", "disconnect", "shutdown", "cleanup"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find unprotected closings in the `finally` of generators that hand out items."""
    unit = view.unit
    if view.is_test or not unit.is_async or not unit.is_generator:
        return
    for fact in unit.facts:
        if not isinstance(fact, TryStatement) or not fact.finals:
            continue
        # A context manager yields once, outside of any loop.
        if not any(
            isinstance(part, Return) and part.yields and part.context.inside("for", "while") is not None
            for part in fact.body
        ):
            continue
        for part in fact.finals:
            if not isinstance(part, Call) or not part.awaited or not words_of(method(part)) & _CLOSES:
                continue
            if any(attempt.handlers for attempt in part.context.tries):
                continue
            yield rule.finding(
                view,
                part,
                f"{callee(part)} in the finally may fail after the last item, and the finished answer fails with it",
                confidence=Confidence.MEDIUM,
            )
