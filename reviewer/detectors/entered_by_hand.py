"""Task group or scope entered by hand.

`__aenter__` (or `__enter__`) of a task group, a cancel scope or another context manager is called directly.

Why: Whoever enters by hand must leave by hand, on every path and in the same task. An error or a cancellation between
the two leaves the scope open: children run on, and leaving it later from another task breaks the cancel scopes of
both.

Instead: Use `async with`, or an `AsyncExitStack` that is closed in the task that filled it.

Source: https://anyio.readthedocs.io/en/stable/cancellation.html#avoiding-cancel-scope-stack-corruption
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.generator_holds_scope import SCOPES
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import anyio

class Client:
    async def connect(self):
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()  #!
""",
    """
async def connect(session):
    await session.__aenter__()  #!
    return session
""",
)
GOOD = (
    """
import anyio

async def run(work):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work)
""",
    """
class Client:
    async def __aenter__(self):
        await self.inner.__aenter__()
        return self
""",
    """
async def connect(session):
    try:
        await session.__aenter__()
        await session.hello()
    finally:
        await session.__aexit__(None, None, None)
""",
)

_ENTERS = frozenset({"__aenter__", "__enter__"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find context managers that are entered by a direct call."""
    if view.is_test:
        return
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.text.rpartition(".")[2] not in _ENTERS or fact.receiver is None:
            continue
        made = fact.receiver.made_by or fact.receiver.type or ""
        scope = made in SCOPES or made == "anyio.abc.TaskGroup"
        if fact.receiver.text == "super()" or (not scope and view.unit.name.endswith(("__aenter__", "__enter__"))):
            continue
        if any(attempt.has_finally for attempt in fact.context.tries) and not scope:
            continue
        yield rule.finding(
            view,
            fact,
            f"{fact.receiver.text} is entered by hand"
            + (", though a cancel scope must be left by the task that entered it" if scope else ""),
            severity=Severity.MEDIUM if scope else Severity.LOW,
            confidence=Confidence.HIGH if scope else Confidence.MEDIUM,
        )
