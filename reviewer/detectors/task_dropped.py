"""Background task that nobody keeps.

`create_task`, `ensure_future` or `gather` is called and what it gives is thrown away. It is quiet where a name, or a
list of tasks, holds it and is never read.

Why: The loop holds only a weak reference: the garbage collector may end the task in the middle, its exception is
reported late or never, and at shutdown nobody waits for it.

Instead: Keep the task (in a set, with `add_done_callback(tasks.discard)`), or start it in a `TaskGroup`.

Source: https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import uses_of
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Store
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import asyncio

async def serve(work):
    asyncio.create_task(work())  #!
""",
    """
import asyncio

def on_signal(stop):
    loop = asyncio.get_running_loop()
    loop.create_task(stop())  #!
""",
    """
import asyncio

async def serve(work):
    task = asyncio.create_task(work())  #!
""",
    """
import asyncio

async def serve(works):
    asyncio.create_task(works.first())  #!
    tasks = [asyncio.create_task(work()) for work in works]  #~
    return len(works)
""",
)
GOOD = (
    """
import asyncio

async def serve(self, work):
    self.task = asyncio.create_task(work())
""",
    """
import asyncio

async def serve(work, tasks):
    task = asyncio.create_task(work())
    tasks.add(task)
    task.add_done_callback(tasks.discard)
""",
    """
import asyncio

async def serve(work):
    async with asyncio.TaskGroup() as group:
        group.create_task(work())
""",
    """
import asyncio

async def serve(works):
    tasks = [asyncio.create_task(work()) for work in works]
    await asyncio.wait(tasks)
""",
)

_STARTERS = frozenset(
    {"asyncio.create_task", "asyncio.AbstractEventLoop.create_task", "asyncio.ensure_future", "asyncio.gather"}
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find tasks that are thrown away."""
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.known is None or fact.known.name not in _STARTERS or fact.awaited:
            continue
        holder = _holder(view, fact)
        unread = holder is not None and not _read(view, fact, holder)
        if fact.use != "discarded" and not unread:
            continue
        work = (
            fact.arguments[0].value.text if fact.arguments and fact.callee != "asyncio.gather" else "the gathered work"
        )
        yield rule.finding(
            view,
            fact,
            f"no reference is kept to the task of {work}",
            severity=Severity.LOW if view.is_test or unread else None,
            confidence=Confidence.MEDIUM if unread else Confidence.HIGH,
            explanation=(
                f"{fact.text}() returns a task to which the loop holds only a weak reference: it can be "
                f"garbage-collected half-way, and when {work} raises, nobody sees the exception. {rule.how}"
            ),
        )


def _holder(view: View, call: Call) -> str | None:
    """The name that holds the task, or the list that a comprehension makes of tasks; None for anything else."""
    if call.use == "assigned":
        return call.target if call.target is not None and call.target.isidentifier() else None
    listing = call.context.inside("comprehension")
    if call.use != "argument" or listing is None:
        return None
    for fact in view.unit.facts:
        if isinstance(fact, Store) and fact.kind == "name" and fact.span.line <= call.span.line <= fact.span.end_line:
            made = fact.value.text.startswith("[") and fact.span.line <= listing.span.line
            return fact.target if made and _is_item(call, fact) else None
    return None


def _is_item(call: Call, listed: Store) -> bool:
    """The task itself is what the comprehension lists."""
    return listed.value.text.lstrip("[ ").startswith(f"{call.text}(")


def _read(view: View, call: Call, word: str) -> bool:
    """The name that holds the task is used later, in this function or in one defined inside it."""
    if any(use.operation != "argument" or use.subject.text == word for use in uses_of(view.unit, call)):
        return True
    # A function inside the unit reads the name as a free variable; its facts belong to a unit of its own.
    later = view.lines[call.span.end_line : view.unit.end_line]
    return any(word in line for line in later)
