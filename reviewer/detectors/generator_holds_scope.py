"""Task group or time limit held open across a `yield`.

An asynchronous generator yields inside a task group, a nursery or a cancel scope.

Why: A scope must be left by the task that entered it. When the consumer stops early, the generator is closed later,
from another task or by the garbage collector: the scope breaks ("exit cancel scope in a different task"), the
children are cancelled at a random time, and a cancellation meant for them hits the consumer.

Instead: Keep the scope outside of the generator (a context manager that gives the iterator), or yield after it.

Source: https://anyio.readthedocs.io/en/stable/cancellation.html#avoiding-cancel-scope-stack-corruption
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Block, Return
from reviewer.domain.finding import Confidence, Evidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.HIGH

BAD = (
    """
import anyio

async def lines(stream, log):
    async with anyio.create_task_group() as group:  #!
        group.start_soon(log)
        async for line in stream:
            yield line
""",
    """
import asyncio

async def lines(stream):
    async with asyncio.timeout(5):  #!
        async for line in stream:
            yield line
""",
)
GOOD = (
    """
import contextlib
import anyio

@contextlib.asynccontextmanager
async def running(log):
    async with anyio.create_task_group() as group:
        group.start_soon(log)
        yield group
""",
    """
import anyio

async def lines(stream, log):
    async with anyio.create_task_group() as group:
        group.start_soon(log)
    async for line in stream:
        yield line
""",
)

SCOPES = frozenset(
    {
        "anyio.create_task_group",
        "anyio.CancelScope",
        "anyio.fail_after",
        "anyio.move_on_after",
        "asyncio.TaskGroup",
        "asyncio.timeout",
        "asyncio.timeout_at",
        "async_timeout.timeout",
        "trio.CancelScope",
        "trio.fail_after",
        "trio.move_on_after",
        "trio.open_nursery",
    }
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find scopes that stay open while an asynchronous generator is suspended."""
    unit = view.unit
    if not unit.is_async or not unit.is_generator or _is_managed(unit.decorators):
        return
    told: set[Block] = set()
    for fact in unit.facts:
        if not isinstance(fact, Return) or not fact.yields:
            continue
        for block in fact.context.blocks:
            if block.kind != "with" or block.symbol not in SCOPES or block in told:
                continue
            told.add(block)
            yield rule.finding(
                view,
                fact,
                f"{block.symbol} stays open while the generator {unit.name} is suspended",
                severity=Severity.LOW if view.is_test else None,
                confidence=Confidence.HIGH,
                evidence=(Evidence(view.path, fact.span.line, "gives control to the consumer inside the scope"),),
                span=block.span,
            )


def _is_managed(decorators: tuple[str, ...]) -> bool:
    """A context manager or fixture: whoever enters it leaves it, in the same task."""
    return any("contextmanager" in name.lower() or "fixture" in name.lower() for name in decorators)
