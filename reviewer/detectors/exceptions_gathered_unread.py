"""Failures gathered and thrown away.

`asyncio.gather(..., return_exceptions=True)` is awaited and its result is not looked at.

Why: With `return_exceptions` a failure comes back as a value among the results. Where nobody reads them, every
failure of every part is lost without a trace.

Instead: Go through the results and log or raise those that are exceptions.

Source: https://docs.python.org/3/library/asyncio-task.html#asyncio.gather
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import uses_of
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Usage
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import asyncio

async def notify(hooks, event):
    await asyncio.gather(*[hook.post(event) for hook in hooks], return_exceptions=True)  #!
""",
)
GOOD = (
    """
import asyncio

async def notify(hooks, event, log):
    results = await asyncio.gather(*[hook.post(event) for hook in hooks], return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            log.warning("hook failed: %r", result)
""",
    """
import asyncio

async def notify(hooks, event):
    await asyncio.gather(*[hook.post(event) for hook in hooks])
""",
    """
import asyncio

async def stop(tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
""",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find gathered results that hold failures and are not read."""
    if not view.unit.is_async:
        return
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.callee != "asyncio.gather" or not fact.awaited:
            continue
        flag = fact.argument("return_exceptions")
        if flag is None or flag.literal != "True" or fact.use not in ("discarded", "assigned"):
            continue
        if (fact.use == "assigned" and any(True for _ in uses_of(view.unit, fact))) or _cleans_up(view, fact):
            continue
        parts = fact.arguments[0].value.text if fact.arguments else "the parts"
        yield rule.finding(
            view,
            fact,
            "exceptions of the gathered calls are returned as results that nothing reads",
            severity=Severity.LOW if view.is_test else None,
            confidence=Confidence.HIGH,
            explanation=f"When one of {parts} fails, its exception is one of the results, and the results are dropped: "
            f"nothing is logged and nobody is told. {rule.how}",
        )


def _cleans_up(view: View, gather: Call) -> bool:
    """It waits for what was cancelled, or closes things: there the failures are what was asked for."""
    if gather.context.inside("finally", "handler") is not None:
        return True
    if any("cancel" in argument.value.text.lower() for argument in gather.arguments):
        return True
    name = view.unit.name.rpartition(".")[2]
    if name.strip("_").startswith(("stop", "close", "aclose", "shutdown", "cleanup", "cancel", "disconnect", "aexit")):
        return True
    for fact in view.unit.facts:
        if isinstance(fact, Call) and fact.text.endswith(".cancel"):
            return True
        if isinstance(fact, Usage) and fact.operation == "method" and fact.detail == "cancel":
            return True
    return False
