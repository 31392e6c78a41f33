"""Loop that cannot be stopped.

Inside an endless loop a clause takes `BaseException`, `KeyboardInterrupt`, `EOFError` of the input or, around an
`await`, `asyncio.CancelledError`, and the loop goes on.

Why: The request to stop (a cancelled task, Ctrl-C, the end of the input) is taken for one more failure. Shutdown waits
for ever, or the loop spins because the end of the input comes back at once.

Instead: Catch `Exception`, and let what asks to stop through, or leave the loop.

Source: https://docs.python.org/3/library/asyncio-task.html#task-cancellation
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import method
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import clause, exception
from reviewer.domain.fact import Call, Handler, Raise, Return, TryStatement, Usage
from reviewer.domain.finding import Confidence, Evidence, Finding, Question, Severity

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import asyncio
import logging

async def consume(queue, handle):
    while True:
        item = await queue.get()
        try:
            await handle(item)
        except:  #!
            logging.exception("failed")
""",
    """
import asyncio
import logging

async def beat(send):
    while True:
        try:
            await send()
            await asyncio.sleep(5)
        except asyncio.CancelledError:  #!
            logging.info("cancelled")
""",
    """
def prompt(run):
    while True:
        try:
            run(input("> "))
        except BaseException as error:  #!
            print(error)
""",
)
GOOD = (
    """
import asyncio
import logging

async def consume(queue, handle):
    while True:
        try:
            await handle(await queue.get())
        except asyncio.CancelledError:
            logging.info("stopping")
            break
        except BaseException:
            logging.exception("failed")
""",
    """
import asyncio

async def stop(tasks):
    for task in tasks:
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass
""",
    """
import asyncio

async def newest(start, changes):
    while True:
        task = asyncio.create_task(start())
        await changes.wait()
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass
""",
    """
def prompt(run):
    while True:
        try:
            run(input("> "))
        except (EOFError, KeyboardInterrupt):
            break
        except:
            print("error")

def again(run):
    while True:
        try:
            run(input("> "))
        except KeyboardInterrupt:
            print("use exit to leave")
        except EOFError:
            return
""",
)

_CANCELLED = "asyncio.CancelledError"
_INPUT = frozenset({"input"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find clauses in endless loops that take the request to stop and go on."""
    if view.is_test:
        return
    for fact in view.unit.facts:
        if not isinstance(fact, TryStatement) or fact.statement is None:
            continue
        loop = fact.context.inside("while")
        if loop is None or not loop.endless or fact.context.inside("for", "while") is not loop:
            continue
        signal = _signal(fact)
        if signal is None:
            continue
        for handler, inside in zip(fact.statement.handlers, fact.in_handlers, strict=False):
            if not view.hierarchy.may_cover(handler, signal):
                continue
            if _goes_on(view, handler) and not any(_leaves(part, handler) for part in inside):
                yield rule.finding(
                    view,
                    fact,
                    f"{clause(handler)} catches {exception(signal)}, and the endless loop goes on",
                    confidence=Confidence.HIGH,
                    exceptions=(signal,),
                    evidence=(Evidence(view.path, loop.span.line, "the loop that cannot be stopped"),),
                    span=handler.span,
                )
            break


def _signal(attempt: TryStatement) -> str | None:
    """What would ask the body to stop: the cancellation of its own task, the end of the input."""
    calls = [fact for fact in attempt.body if isinstance(fact, Call)]
    if any(call.callee in _INPUT for call in calls):
        return "EOFError"
    if not attempt.context.is_async:
        return None
    awaited = [fact for fact in attempt.body if isinstance(fact, Usage) and fact.operation == "await"]
    # Who awaits a task that was made elsewhere may mean the cancellation of that one.
    if awaited or not any(call.awaited for call in calls) or any(method(call) == "cancel" for call in calls):
        return None
    return _CANCELLED


def _goes_on(view: View, handler: Handler) -> bool:
    if handler.reraises or handler.may_reraise or handler.raises or handler.returns is not None:
        return False
    written = view.lines[handler.span.line - 1 : handler.span.end_line]
    return not any(line.split("#")[0].strip().endswith("break") for line in written)


def _leaves(fact: object, handler: Handler) -> bool:
    """Something in the clause ends the loop, the function or the program, perhaps on a condition."""
    if isinstance(fact, Raise | Return):
        return True
    if isinstance(fact, Call):
        asks = any(argument.value.text == handler.name for argument in fact.arguments) and fact.callee == "isinstance"
        return asks or any(word in method(fact).lower() for word in ("exit", "quit", "abort", "stop", "shutdown"))
    return False
