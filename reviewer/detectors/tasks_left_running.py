"""Task that goes on after its group has failed.

Started tasks are awaited together with `asyncio.gather`, and nothing cancels them when one of the group fails.

Why: `gather` hands on the first exception and leaves the others running: they go on calling, writing and costing money
for a result that nobody wants, may touch what the caller has closed, and their own failures are seen by nobody.

Instead: Cancel and await the rest when the group fails, or use `asyncio.TaskGroup`, which does so.

Source: https://docs.python.org/3/library/asyncio-task.html#asyncio.gather
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import listed
from reviewer.domain.fact import Call, Usage
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import asyncio

async def answer(check, ask, log):
    asked = asyncio.create_task(ask())
    try:
        await asyncio.gather(check(), asked)  #!
    except ValueError as error:
        log.error("refused: %s", error)
""",
)
GOOD = (
    """
import asyncio

async def answer(check, ask, log):
    asked = asyncio.create_task(ask())
    try:
        await asyncio.gather(check(), asked)
    except ValueError as error:
        asked.cancel()
        log.error("refused: %s", error)
""",
    """
import asyncio

async def answer(check, ask):
    asked = asyncio.create_task(ask())
    checked = await asyncio.gather(check(), asked, return_exceptions=True)
    return checked
""",
    """
import asyncio

async def answer(check, ask):
    return await asyncio.gather(check(), ask())
""",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find gathered tasks that nobody cancels when one of them fails."""
    if view.is_test:
        return
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.callee != "asyncio.gather" or not fact.awaited:
            continue
        if fact.argument("return_exceptions") is not None or fact.context.inside("handler", "finally") is not None:
            continue
        tasks = [
            argument.value.text
            for argument in fact.arguments
            if argument.value.type == "asyncio.Task" and argument.value.text.isidentifier()
        ]
        if not tasks or len(fact.arguments) < 2 or _is_cancelled(view, tasks):
            continue
        yield rule.finding(
            view,
            fact,
            f"{listed(tasks, 'and')} {'goes' if len(tasks) == 1 else 'go'} on when another part of the group fails",
            severity=None if any(attempt.handlers for attempt in fact.context.tries) else Severity.LOW,
            confidence=Confidence.MEDIUM,
        )


def _is_cancelled(view: View, tasks: list[str]) -> bool:
    """The function cancels one of them, or looks after it in a clean-up."""
    for fact in view.unit.facts:
        if isinstance(fact, Call) and fact.text.endswith(".cancel"):
            return True
        if (
            isinstance(fact, Usage)
            and fact.subject.text in tasks
            and fact.context.inside("handler", "finally") is not None
        ):
            return True
    return False
