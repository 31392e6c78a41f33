"""Work given to a thread or process whose outcome nobody looks at.

The future of `executor.submit`, `loop.run_in_executor` or `asyncio.run_coroutine_threadsafe` is thrown away.

Why: What the function raises stays inside the future. The work fails, nothing is logged, and the caller goes on as if
it were done.

Instead: Await or keep the future, or add a callback that logs `future.exception()`.

Source: https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Future.exception
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import asyncio

async def start(job):
    loop = asyncio.get_running_loop()
    loop.run_in_executor(None, job.run)  #!
""",
    """
from concurrent.futures import ThreadPoolExecutor

class Mailer:
    def __init__(self):
        self.pool = ThreadPoolExecutor(2)

    def send(self, mail):
        self.pool.submit(self.deliver, mail)  #!

    def deliver(self, mail):
        ...
""",
    """
import asyncio

def notify(loop, send):
    asyncio.run_coroutine_threadsafe(send(), loop)  #!
""",
)
GOOD = (
    """
import asyncio

async def start(job):
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, job.run)
""",
    """
import asyncio

def notify(loop, send):
    return asyncio.run_coroutine_threadsafe(send(), loop).result(timeout=5)
""",
    """
import asyncio

def notify(loop):
    async def send():
        try:
            await deliver()
        except Exception as error:
            print(error)
    asyncio.run_coroutine_threadsafe(send(), loop)
""",
)

_NOT_HERE = frozenset({"asyncio.create_task", "asyncio.AbstractEventLoop.create_task", "asyncio.ensure_future"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find futures of other threads that are thrown away."""
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.use != "discarded" or fact.awaited or fact.known is None:
            continue
        if not fact.known.keep or fact.known.name in _NOT_HERE or fact.known.name == "asyncio.shield":
            continue
        plain = [argument.value for argument in fact.arguments if argument.keyword is None]
        # run_in_executor names the executor before the function
        work = plain[1:2] if fact.known.name.endswith("run_in_executor") else plain[:1]
        if work and _handles_itself(view, work[0].symbol or work[0].made_by):
            continue
        name = work[0].text if work else "the work"
        yield rule.finding(
            view,
            fact,
            f"the outcome of {name} is never checked: the future of {fact.text}() is dropped",
            severity=Severity.LOW if view.is_test else None,
            confidence=Confidence.HIGH,
            explanation=(
                f"What {name} raises stays inside the future: it fails, and no log line and no caller tells. {rule.how}"
            ),
        )


def _handles_itself(view: View, symbol: str | None) -> bool:
    """The work is a function of this file whose calls all stand under a handler of its own."""
    if symbol is None or symbol[0] != ".":
        return False
    unit = view.flow.definitions.unit(symbol[1:])
    if unit is None:
        return False
    calls = [
        fact for fact in unit.facts if isinstance(fact, Call) and fact.context.inside("handler", "finally") is None
    ]
    return bool(calls) and all(any(t.handlers for t in call.context.tries) for call in calls)
