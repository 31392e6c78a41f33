"""Resource that stays open when something fails.

A file, socket, connection or client is opened, and when a later call raises, nothing closes it: there is no `with`,
and the close stands in no `finally` (or nowhere).

Why: Each failure leaves one open. After some hundreds the process has no file descriptor, or the server no
connection, left, and everything else in the process fails with "too many open files".

Instead: Open it in a `with` block, close it in a `finally`, or close it in a handler before raising again.

Source: https://docs.python.org/3/reference/compound_stmts.html#the-with-statement
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import handed_on, method, place, uses_of
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import callee
from reviewer.domain.fact import Call, Usage
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import socket

def connect(address):
    peer = socket.socket()  #!
    peer.settimeout(5)
    peer.connect(address)
    return peer
""",
    """
import psycopg2

def count(dsn):
    connection = psycopg2.connect(dsn)  #!
    cursor = connection.cursor()
    cursor.execute("select count(*) from orders")
    found = cursor.fetchone()
    connection.close()
    return found
""",
    """
import json

def load(path):
    file = open(path, encoding="utf-8")  #!
    return json.load(file)
""",
)
GOOD = (
    """
import socket

def connect(address):
    peer = socket.socket()
    try:
        peer.settimeout(5)
        peer.connect(address)
    except OSError:
        peer.close()
        raise
    return peer
""",
    """
import contextlib
import socket

def ask(address):
    with socket.create_connection(address, timeout=5) as peer:
        return peer.recv(10)

def again(address):
    peer = socket.create_connection(address, timeout=5)
    with contextlib.closing(peer):
        return peer.recv(10)

def once_more(address):
    peer = socket.create_connection(address, timeout=5)
    try:
        return peer.recv(10)
    finally:
        peer.close()
""",
    """
import socket

class Wire:
    def open(self, address):
        peer = socket.create_connection(address, timeout=5)
        self.peer = peer

def make(address, wrap):
    peer = socket.create_connection(address, timeout=5)
    return wrap(peer)
""",
)

_SCARCE_KINDS = frozenset({"db", "cache", "queue", "other"})
_SCARCE = frozenset({"socket.socket", "ssl.SSLContext.wrap_socket"})
"""What the other side has few of, and what the interpreter does not close soon by itself."""
_SELF_ENDING = frozenset({"subprocess.Popen", "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell"})
_TAKES_OVER = frozenset({"closing", "enter_context", "enter_async_context", "push", "callback", "register", "append"})
_CLOSERS = frozenset({"close", "aclose", "shutdown", "disconnect", "__exit__", "release", "dispose", "quit", "detach"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find resources of a function that a failure leaves open."""
    if view.unit.kind in ("module", "class") or view.is_test:
        return
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.known is None or not fact.known.releases:
            continue
        if fact.use != "assigned" or fact.target is None or not fact.target.isidentifier():
            continue
        if fact.known.name in _SELF_ENDING or fact.context.tries:
            continue  # a clause around the opening mostly has the close
        if fact.receiver is not None and fact.receiver.made_at is not None:
            continue  # a part of another resource (a cursor, a channel) that is closed with it
        risky = _leaks(view, fact)
        if risky is not None:
            yield _finding(view, rule, fact, risky)


def _leaks(view: View, opened: Call) -> Call | None:
    """The call that may raise while nothing would close the resource; None when all is well."""
    made, name = place(opened), opened.target
    risky: Call | None = None
    own_risk: Call | None = None
    released = False
    for fact in view.unit.facts:
        if fact.span.line < opened.span.line or fact is opened:
            continue
        if isinstance(fact, Usage):
            if fact.operation == "context" and fact.subject.made_at == made:
                return None
            continue
        if not isinstance(fact, Call):
            continue
        on_it = fact.receiver is not None and (fact.receiver.made_at == made or fact.receiver.text == name)
        if on_it and (method(fact) in _CLOSERS | set(opened.known.releases if opened.known else ())):
            if fact.context.inside("finally", "handler") is not None:
                return None
            released = True
        elif not released and _may_raise(fact) and not _is_handled(fact):
            risky = risky or fact
            own_risk = own_risk or (fact if on_it else None)
    if _handed_on(view, opened) or _returned(view, name):
        # Up to the point where somebody else has it, only its own set-up is this function's business.
        return own_risk if _is_scarce(opened) and _returned(view, name) else None
    return risky


def _may_raise(call: Call) -> bool:
    return call.known is not None and bool(call.known.raises or call.known.raises_input)


def _handed_on(view: View, opened: Call) -> bool:
    """Somebody else has it now; a described function that only reads from it (`json.load(file)`) does not count."""
    if not handed_on(view.unit, opened):
        return False
    for use in uses_of(view.unit, opened):
        if use.operation in ("return", "yield", "store", "spread"):
            return True
        if use.operation == "argument":
            last = (use.callee or "").rpartition(".")[2]
            if not last.islower() or last in _TAKES_OVER or view.knowledge.callable(use.callee or "") is None:
                return True
    return False


def _is_handled(call: Call) -> bool:
    return any(attempt.handlers or attempt.has_finally for attempt in call.context.tries)


def _returned(view: View, name: str | None) -> bool:
    return any(
        isinstance(fact, Usage) and fact.operation == "return" and fact.subject.text == name for fact in view.unit.facts
    )


def _is_scarce(call: Call) -> bool:
    known = call.known
    return known is not None and (known.kind in _SCARCE_KINDS or known.name in _SCARCE)


def _finding(view: View, rule: Rule, opened: Call, risky: Call) -> Finding:
    return rule.finding(
        view,
        opened,
        f"{opened.target} stays open when {callee(risky)} fails",
        severity=None if _is_scarce(opened) else Severity.LOW,
        confidence=Confidence.MEDIUM,
        exceptions=tuple(risky.known.raises)[:3] if risky.known is not None else (),
        evidence=(rule.at(view, risky, f"{callee(risky)} may raise here, and nothing closes {opened.target}"),),
    )
