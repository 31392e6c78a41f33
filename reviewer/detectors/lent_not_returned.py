"""Lent thing that is not given back when its use fails.

Something is taken from a pool (`acquire…`, `checkout`, `borrow`, `lease`) and used at once, with no `try` around the
use that gives it back.

Why: A failing use leaves the thing taken: each failure makes the pool smaller by one, until nobody gets anything any
more and all wait, long after the first cause has gone.

Instead: Give it back in a `finally`, or in an `except BaseException` that raises again; or take it by a `with`.

Source: https://docs.python.org/3/reference/compound_stmts.html#the-try-statement
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.detectors.judging import method
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Fact, Store, Usage
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
class Pool:
    async def send(self, request):
        connection = await self.acquire_connection(request.origin)
        answer = await connection.send(request)  #!
        return answer
""",
    """
async def count(pool):
    connection = await pool.acquire()
    rows = await connection.fetch("SELECT 1")  #!
    await pool.release(connection)
    return rows
""",
)
GOOD = (
    """
async def count(pool):
    connection = await pool.acquire()
    try:
        return await connection.fetch("SELECT 1")
    finally:
        await pool.release(connection)
""",
    """
async def count(pool):
    async with pool.acquire() as connection:
        return await connection.fetch("SELECT 1")
""",
    """
async def take(pool):
    connection = await pool.acquire()
    return connection
""",
)

_TAKES = re.compile(r"_?(acquire(_\w+)?|checkout|borrow|lease|get_connection_from_pool|getconn)$")


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find uses of lent things whose failure keeps them."""
    if view.is_test:
        return
    lent: dict[tuple[str, str], Call] = {}
    for fact in view.unit.facts:
        if isinstance(fact, Store):
            known = lent.get((fact.context.function, fact.value.text))
            if known is not None:
                del lent[fact.context.function, fact.value.text]  # kept by somebody who may give it back
        elif isinstance(fact, Usage):
            if fact.operation in ("context", "return", "yield", "store"):
                lent.pop((fact.context.function, fact.subject.text), None)
        elif isinstance(fact, Call):
            if _is_lent(fact):
                lent[fact.context.function, fact.target or ""] = fact
                continue
            taken = _uses(lent, fact)
            if taken is None:
                continue
            del lent[fact.context.function, taken.target or ""]
            if fact.awaited and not _is_returning(fact) and not _is_protected(fact):
                yield rule.finding(
                    view,
                    fact,
                    f"when {fact.text}() fails, {taken.target} is not given back",
                    confidence=Confidence.MEDIUM,
                    evidence=(rule.at(view, taken, "taken here"),),
                )


def _is_lent(call: Call) -> bool:
    """A thing with a name: a lock's acquire gives none."""
    if call.target is None or not call.target.isidentifier() or call.use != "assigned" or not call.awaited:
        return False
    return _TAKES.search(method(call)) is not None and not re.search(r"lock|sem", call.text, re.IGNORECASE)


def _uses(lent: dict[tuple[str, str], Call], call: Call) -> Call | None:
    receiver = call.receiver.text.partition(".")[0] if call.receiver is not None else ""
    for name in (receiver, *(argument.value.text for argument in call.arguments)):
        taken = lent.get((call.context.function, name))
        if taken is not None:
            return taken
    return None


def _is_returning(call: Call) -> bool:
    return re.search(r"release|close|return|put|free|give", method(call)) is not None


def _is_protected(fact: Fact) -> bool:
    return any(attempt.handlers or attempt.has_finally for attempt in fact.context.tries)
