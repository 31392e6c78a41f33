"""Lent thing that is not given back when its use fails.

Something is taken from a pool (`acquire…`, `checkout`, `getconn`, `borrow`, `lease`) and used at once, with no `try`
around the use that gives it back; or a lock or semaphore is acquired by a call, and its release stands behind what may
fail. It is quiet where nothing is known of what stands between the two, and for a temporary folder.

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
from reviewer.flow.risk import open_risks

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
    """
from psycopg2.pool import SimpleConnectionPool

def count(pool: SimpleConnectionPool):
    connection = pool.getconn()
    cursor = connection.cursor()
    cursor.execute("SELECT 1")  #!
    pool.putconn(connection)
""",
    """
import requests

class Clients:
    def ask(self, url, text):
        client = self.pool.get()
        answer = client.ask(text)  #~
        self.pool.put(client)
        return answer

    def fetch(self, url):
        token = self.pool.get()
        answer = requests.get(url, headers={"token": token}, timeout=5)  #!
        self.pool.put(token)
        return answer
""",
    """
import threading

LOCK = threading.Lock()

def read(path):
    LOCK.acquire()
    text = path.read_bytes()  #~
    LOCK.release()
    with open(path, "rb") as file:
        LOCK.acquire()
        text += file.read()  #!
        LOCK.release()
    return text
""",
    """
import shutil
import tempfile

def build(lock, source):
    folder = tempfile.mkdtemp()
    shutil.copy(source, folder)  #~
    shutil.rmtree(folder)
    lock.acquire()
    shutil.copy(source, "here")  #!
    lock.release()
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
    """
from psycopg2.pool import SimpleConnectionPool

def count(pool: SimpleConnectionPool):
    connection = pool.getconn()
    cursor = connection.cursor()
    try:
        cursor.execute("SELECT 1")
    finally:
        pool.putconn(connection)

def pay(cart):
    order = cart.checkout()
    order.save()
""",
    """
import threading

class Counter:
    def __init__(self):
        self.lock = threading.Lock()

    def read(self, path):
        self.lock.acquire()
        try:
            return path.read_bytes()
        finally:
            self.lock.release()

    def add(self, number):
        self.lock.acquire()
        self.count += int(len(self.parts))
        self.lock.release()
""",
)

_FOLDER = "tempfile.mkdtemp"
_POOL = re.compile(r"pool$", re.IGNORECASE)
_TAKES = re.compile(r"_?(acquire(_\w+)?|checkout|borrow|lease|get_connection_from_pool|getconn)$")


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find uses of lent things whose failure keeps them."""
    if view.is_test:
        return
    yield from _between(view, rule)
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


def _between(view: View, rule: Rule) -> Iterator[Finding]:
    """Find what may fail between a plain call that takes and the one that gives back, both in the function itself.

    What a `finally` or a handler gives back is given back in any case.
    """
    calls = [fact for fact in view.unit.facts if isinstance(fact, Call)]
    kept = {_given(call) for call in calls if call.context.inside("handler", "finally") is not None}
    held: dict[tuple[str, str], tuple[Call, Call | None]] = {}
    for call in calls:
        taken = _taken(call)
        if taken is not None:
            if taken not in kept:
                held[taken] = (call, None)
            continue
        given = _given(call)
        if given in held:
            start, risky = held.pop(given)
            if risky is not None and start.context.function == risky.context.function == call.context.function:
                yield _finding(view, rule, (start, risky, call), given[1] or given[0])
        elif not _is_protected(call) and (call.known is None or _is_sure(view, call)):
            for key, (start, known) in held.items():
                if known is None or (_is_sure(view, call) and not _is_sure(view, known)):
                    held[key] = (start, call)


def _taken(call: Call) -> tuple[str, str] | None:
    """The lock that a call acquires, with no name; or the pool that it takes something from, and the name for it."""
    owner = call.text.rpartition(".")[0]
    if method(call) == "acquire" and call.use == "discarded":
        return owner, ""
    if call.callee == _FOLDER and call.use == "assigned":
        return _FOLDER, call.target or ""
    lends = _TAKES.search(method(call)) is not None or _POOL.search(owner) is not None
    if call.use == "assigned" and lends and not call.awaited and call.target is not None and call.target.isidentifier():
        return owner, call.target
    return None


def _given(call: Call) -> tuple[str, str]:
    """What a call gives back, told as by `_taken`."""
    owner = call.text.rpartition(".")[0]
    if method(call) == "release" and not call.arguments:
        return owner, ""
    if call.callee == "shutil.rmtree" and call.arguments:
        return _FOLDER, call.arguments[0].value.text
    return owner, call.arguments[0].value.text if call.arguments and _is_returning(call) else " "


def _is_sure(view: View, call: Call) -> bool:
    return call.awaited or any(not risk.rare for risk in open_risks(call, view.flow))


def _finding(view: View, rule: Rule, places: tuple[Call, Call, Call], thing: str) -> Finding:
    taken, risky, given = places
    sure = _is_sure(view, risky) and taken.callee != _FOLDER
    return rule.finding(
        view,
        risky,
        f"when {risky.text}() fails, {thing} is not given back",
        severity=None if sure else Severity.LOW,
        confidence=Confidence.MEDIUM if sure else Confidence.LOW,
        evidence=(rule.at(view, taken, "taken here"), rule.at(view, given, "given back here")),
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
