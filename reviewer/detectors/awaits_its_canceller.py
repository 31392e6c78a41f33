"""Task that awaits the very method which cancels it.

A method runs as a task kept in an attribute, and awaits another method that cancels this attribute.

Why: The cancellation hits the awaiting task itself, in the middle of the clean-up that it has just begun: the rest of
the clean-up does not happen, or the task waits for itself.

Instead: Start the clean-up as a task of its own, or leave out `asyncio.current_task()` when cancelling.

Source: https://docs.python.org/3/library/asyncio-task.html#task-cancellation
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Unit
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.HIGH

BAD = (
    """
import asyncio

class Daemon:
    def start(self):
        self._watch_task = asyncio.create_task(self._watch())

    async def _watch(self):
        while self.alive():
            await asyncio.sleep(2)
        await self.shutdown()  #!

    async def shutdown(self):
        if self._watch_task:
            self._watch_task.cancel()
        await self.server.close()
""",
)
GOOD = (
    """
import asyncio

class Daemon:
    def start(self):
        self._watch_task = asyncio.create_task(self._watch())

    async def _watch(self):
        while self.alive():
            await asyncio.sleep(2)
        self._shutdown_task = asyncio.create_task(self.shutdown())

    async def shutdown(self):
        self._watch_task.cancel()
        await self.server.close()
""",
    """
import asyncio

class Daemon:
    def start(self):
        self._watch_task = asyncio.create_task(self._watch())

    async def _watch(self):
        await self.shutdown()

    async def shutdown(self):
        if self._watch_task is not asyncio.current_task():
            self._watch_task.cancel()
""",
)

_STARTERS = ("create_task", "ensure_future", "create_background_task")


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find awaited methods that cancel the task which awaits them."""
    unit = view.unit
    if not unit.is_async or unit.kind != "method":
        return
    owner = unit.name.rpartition(".")[0]
    for fact in unit.facts:
        if not isinstance(fact, Call) or not fact.awaited or not (fact.callee or "").startswith(f".{owner}."):
            continue
        other = view.flow.definitions.unit((fact.callee or "")[1:])
        if other is None or other is unit:
            continue
        for cancel in _cancels(other):
            place = cancel.text.removesuffix(".cancel")
            started = _started_as(view, unit, owner, place)
            if started is not None:
                yield rule.finding(
                    view,
                    fact,
                    f"{fact.text}() cancels {place}, which is this task itself",
                    severity=Severity.LOW if view.is_test else None,
                    confidence=Confidence.HIGH,
                    evidence=(
                        rule.at(view, started, f"{unit.name} runs as {place}"),
                        rule.at(view, cancel, f"{other.name} cancels it"),
                    ),
                )
                break


def _cancels(unit: Unit) -> Iterator[Call]:
    facts = [fact for fact in unit.facts if isinstance(fact, Call)]
    if any(fact.callee == "asyncio.current_task" for fact in facts):
        return  # it looks who is asking
    for fact in facts:
        if fact.text.startswith("self.") and fact.text.endswith(".cancel"):
            yield fact


def _started_as(view: View, unit: Unit, owner: str, place: str) -> Call | None:
    """The call in the class that starts the unit as a task and keeps it in the attribute."""
    method = f"self.{unit.name.rpartition('.')[2]}("
    for name in view.flow.definitions.referring(unit.name):
        caller = view.flow.definitions.unit(name) if name.startswith(owner + ".") else None
        for fact in caller.facts if caller is not None else ():
            if (
                isinstance(fact, Call)
                and fact.target == place
                and fact.text.rpartition(".")[2] in _STARTERS
                and fact.arguments
                and fact.arguments[0].value.text.startswith(method)
            ):
                return fact
    return None
