"""Task group or scope entered by hand.

`__aenter__` (or `__enter__`) of a task group, a cancel scope or another context manager is called directly, or it is
pushed on an exit stack that the object keeps. It is quiet where no scope is known to be involved, and in a method
`__aenter__`, whose own caller leaves by `async with`.

Why: Whoever enters by hand must leave by hand, on every path and in the same task. An error or a cancellation between
the two leaves the scope open: children run on, and leaving it later from another task breaks the cancel scopes of
both.

Instead: Use `async with`, or an `AsyncExitStack` that is closed in the task that filled it.

Source: https://anyio.readthedocs.io/en/stable/cancellation.html#avoiding-cancel-scope-stack-corruption
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.generator_holds_scope import SCOPES
from reviewer.detectors.judging import method
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Value
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
    """
import contextlib
import anyio

class Client:
    async def connect(self):
        self.stack = contextlib.AsyncExitStack()
        self.tasks = await self.stack.enter_async_context(anyio.create_task_group())  #!

    async def open(self, wire, session):
        self.stack = contextlib.AsyncExitStack()
        self.wire = await self.stack.enter_async_context(wire())  #~
        self.session = await self.stack.enter_async_context(session(self.wire))
        await self.session.hello()
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
import contextlib
import anyio

class Client:
    async def __aenter__(self):
        await self.inner.__aenter__()
        self.tasks = anyio.create_task_group()
        await self.tasks.__aenter__()  #~
        return self

class Server:
    async def run(self, wire):
        async with contextlib.AsyncExitStack() as stack:
            tasks = await stack.enter_async_context(anyio.create_task_group())
            tasks.start_soon(await stack.enter_async_context(wire()))

    async def open(self, wire):
        async with contextlib.AsyncExitStack() as stack:
            self.wire = await stack.enter_async_context(wire())
            await self.wire.hello()
            self.stack = stack.pop_all()
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
_PUSHES = frozenset({"enter_async_context", "enter_context"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find context managers that are entered by a direct call, or through an exit stack that is kept."""
    if view.is_test:
        return
    managed = view.unit.name.endswith(("__aenter__", "__enter__"))
    pushed = False
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.receiver is None:
            continue
        if method(fact) in _PUSHES and fact.receiver.text.startswith("self.") and not managed:
            scope = bool(fact.arguments) and _is_scope(fact.arguments[0].value)
            if scope or (not pushed and _may_fail_after(view, fact)):
                yield _finding(view, rule, fact, fact.arguments[0].value.text, scope=scope)
            pushed = True
        if method(fact) not in _ENTERS:
            continue
        scope = _is_scope(fact.receiver)
        if fact.receiver.text == "super()" or (not scope and managed):
            continue
        if any(attempt.has_finally for attempt in fact.context.tries) and not scope:
            continue
        yield _finding(view, rule, fact, fact.receiver.text, scope=scope, quiet=managed)


def _is_scope(value: Value) -> bool:
    made = value.made_by or value.type or ""
    return made in SCOPES or made == "anyio.abc.TaskGroup"


def _may_fail_after(view: View, entered: Call) -> bool:
    """Something else is awaited before the function ends, and nothing would close the stack."""
    if any(attempt.handlers or attempt.has_finally for attempt in entered.context.tries):
        return False
    return any(
        isinstance(fact, Call) and fact.awaited and fact.span.line > entered.span.end_line and not fact.context.tries
        for fact in view.unit.facts
    )


def _finding(view: View, rule: Rule, fact: Call, entered: str, *, scope: bool, quiet: bool = False) -> Finding:
    return rule.finding(
        view,
        fact,
        f"{entered} is entered by hand"
        + (", though a cancel scope must be left by the task that entered it" if scope else ""),
        severity=Severity.MEDIUM if scope and not quiet else Severity.LOW,
        confidence=Confidence.HIGH if scope else Confidence.MEDIUM,
    )
