"""Optional step that may hold everything up.

An awaited task or callback whose failure is survived (a handler logs it and goes on) has no time limit. It is loud for
a task that the function started and for a callback that it was handed, low for other things that are awaited.

Why: The handler says that the rest must go on without it. A failure is survived, a silence is not: a step that never
answers holds the whole function, and whoever waits for it.

Instead: Put it under `asyncio.wait_for` or `asyncio.timeout` inside the same `try`.

Source: https://docs.python.org/3/library/asyncio-task.html#timeouts
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import clause
from reviewer.domain.fact import Call, TryStatement, Usage
from reviewer.domain.finding import Confidence, Finding, Question, Severity
from reviewer.flow.waiting import is_bounded

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
async def subscribe(self, subscriber, event, log):
    try:
        await subscriber(event)  #!
    except Exception as error:
        log.error("not told: %s", error)
    return self.id
""",
    """
import asyncio

async def state(shoot, page, log):
    picture = None
    task = asyncio.create_task(shoot(page))
    content = await page.content()
    try:
        picture = await task  #!
    except Exception as error:
        log.warning("no picture: %s", error)
    return content, picture
""",
)
GOOD = (
    """
import asyncio

async def subscribe(self, subscriber, event, log):
    try:
        await asyncio.wait_for(subscriber(event), timeout=5)
    except Exception as error:
        log.error("not told: %s", error)
    return self.id
""",
    """
async def subscribe(subscriber, event):
    await subscriber(event)
""",
    """
async def show(send, text, log):
    try:
        async for event in send(text):
            log.info(event)
    except Exception as error:
        log.error("not shown: %s", error)
""",
    """
async def finish(call, log):
    result = call()
    try:
        await result  #~
    except Exception as error:
        log.error("not finished: %s", error)
""",
    """
import asyncio

async def stop(task):
    task = asyncio.create_task(task())
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
""",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find awaited tasks and callbacks that may fail but not hang."""
    if not view.unit.is_async or view.is_test:
        return
    parameters = {parameter.name for parameter in view.unit.parameters}
    calls = [fact.text for fact in view.unit.facts if isinstance(fact, Call)]
    cancelled = {text.removesuffix(".cancel") for text in calls if text.endswith(".cancel")}
    for fact in view.unit.facts:
        if not isinstance(fact, TryStatement) or fact.statement is None:
            continue
        handler = next((h for h in fact.statement.handlers if h.types == ("Exception",)), None)
        if (
            handler is None
            or not (handler.logs or handler.silent)
            or handler.reraises
            or handler.raises
            or handler.returns is not None
        ):
            continue
        if len([part for part in fact.body if _awaits(part)]) != 1:
            continue
        for part in fact.body:
            what = _favour(part, parameters)
            if what is None or what in cancelled or part.code.startswith(f"{what} =") or is_bounded(part.context):
                continue
            yield rule.finding(
                view,
                part,
                f"{what} may fail but may not hang: it is awaited without a limit",
                severity=None if what in parameters or _is_task(part) else Severity.LOW,
                confidence=Confidence.MEDIUM,
                explanation=f"`{clause(handler)}` lets {view.unit.name} go on when {what} fails; when {what} never "
                "comes back, "
                f"nothing goes on. {rule.how}",
            )


def _awaits(fact: object) -> bool:
    return (isinstance(fact, Call) and fact.awaited) or (isinstance(fact, Usage) and fact.operation == "await")


def _favour(fact: object, parameters: set[str]) -> str | None:
    """The awaited task or handed-in callback; None for anything else."""
    if isinstance(fact, Usage) and fact.operation == "await":
        return fact.subject.text if fact.subject.text.replace(".", "").isidentifier() else None
    if isinstance(fact, Call) and fact.awaited and fact.use != "iterated" and fact.text in parameters:
        return fact.text
    return None


def _is_task(fact: object) -> bool:
    """A local task, by its type or, where that is unknown, by its name."""
    if not isinstance(fact, Usage) or not fact.subject.text.isidentifier():
        return False
    return fact.subject.type == "asyncio.Task" or fact.subject.text.lower().endswith("task")
