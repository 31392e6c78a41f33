"""Answer that is left unread on a connection which goes on being used.

A function sends a question over a connection that the object keeps, waits for the answer under a time limit, and when
the time is up neither closes the connection nor reads on.

Why: The answer comes after all, and the next question gets it. From the first slow answer on, every caller gets the
answer to somebody else's question, until the process is restarted.

Instead: Close or replace the connection when the time is up, or give each question an id and drop answers of others.

Source: https://datatracker.ietf.org/doc/html/rfc9112#section-9.3.2
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.detectors.judging import method
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Fact, Store
from reviewer.domain.finding import Confidence, Finding, Question, Severity
from reviewer.flow.waiting import is_bounded

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import asyncio

class Wire:
    async def ask(self, line):
        async with self.lock:
            self.writer.write(line)
            await self.writer.drain()
            return await asyncio.wait_for(self.reader.readline(), timeout=5)  #!
""",
    """
import asyncio

class Feed:
    async def ask(self, question):
        await self.socket.send_json(question)
        try:
            async with asyncio.timeout(5):
                return await self.socket.receive_json()  #!
        except TimeoutError:
            return None
""",
    """
import socket

class Wire:
    def ask(self, line):
        self.sock.sendall(line)
        try:
            return self.sock.recv(4096)  #!
        except socket.timeout:
            return b""
""",
)
GOOD = (
    """
import asyncio

class Wire:
    async def ask(self, line):
        self.writer.write(line)
        await self.writer.drain()
        try:
            return await asyncio.wait_for(self.reader.readline(), timeout=5)
        except asyncio.TimeoutError:
            self.writer.close()
            raise
""",
    """
import asyncio

class Wire:
    async def ask(self, line, number):
        self.writer.write(line)
        while True:
            answer = await asyncio.wait_for(self.reader.readline(), timeout=5)
            if answer.startswith(number):
                return answer
""",
    """
import asyncio

class Wire:
    async def ask(self, line):
        self.writer.write(line)
        return await self.reader.readline()

async def ask(address, line):
    reader, writer = await asyncio.open_connection(*address)
    writer.write(line)
    answer = await asyncio.wait_for(reader.readline(), timeout=5)
    writer.close()
    return answer
""",
)

_SENDS = frozenset({"write", "writelines", "send", "sendall", "send_json", "send_str", "send_text", "send_bytes"})
_READS = frozenset(
    {
        "read", "readline", "readexactly", "readuntil", "recv", "recv_json", "recv_bytes", "recv_string", "receive",
        "receive_json", "receive_text", "receive_str", "receive_bytes",
    }
)  # fmt: skip
_LIMITS = frozenset({"TimeoutError", "asyncio.TimeoutError", "socket.timeout", "concurrent.futures.TimeoutError"})
_GIVES_UP = re.compile(r"close|kill|terminate|disconnect|abort|reset|reconnect|restart|stop|shutdown|connect$|discard")


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find answers awaited under a limit that leaves the connection in use."""
    if view.is_test or _gives_up(view.unit.facts):
        return
    question: Call | None = None
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.receiver is None or not fact.receiver.text.startswith("self."):
            continue
        if method(fact) in _SENDS and fact.arguments:
            question = question or fact
        elif question is not None and method(fact) in _READS and _is_limited(view, fact):
            if fact.context.inside("for", "while") is not None or not _is_same_peer(question, fact):
                continue
            quiet = view.upward.is_handled(view.unit.name, "TimeoutError")
            yield rule.finding(
                view,
                fact,
                f"an answer that {fact.text}() no longer waits for is taken for the next one",
                severity=Severity.LOW if quiet else None,
                confidence=Confidence.MEDIUM,
                evidence=(rule.at(view, question, "the question"),),
            )
            return


def _gives_up(facts: tuple[Fact, ...]) -> bool:
    """The function closes or replaces the connection somewhere, or has just opened it."""
    for fact in facts:
        if isinstance(fact, Call) and _GIVES_UP.search(method(fact)):
            return True
        if isinstance(fact, Store) and fact.kind == "attribute" and _CONNECTION.search(fact.target):
            return True
    return False


_CONNECTION = re.compile(r"^self\.\w*(reader|writer|sock|socket|ws|conn|connection|process|proc|stream|client)s?$")


def _is_limited(view: View, read: Call) -> bool:
    """The wait ends by itself: inside wait_for or a block with a limit, or with a clause for the end of the time."""
    if is_bounded(read.context):
        return True
    if any(not _LIMITS.isdisjoint(handler.types) for attempt in read.context.tries for handler in attempt.handlers):
        return True
    if read.use != "argument":
        return False
    around = [fact for fact in view.unit.facts if isinstance(fact, Call) and fact.callee == "asyncio.wait_for"]
    return any(call.arguments and call.arguments[0].value.text.startswith(f"{read.text}(") for call in around)


def _is_same_peer(question: Call, read: Call) -> bool:
    """Both ends of one connection: the same thing, a writer and its reader, the two pipes of one process."""
    asked = question.receiver.text.split(".") if question.receiver is not None else []
    got = read.receiver.text.split(".") if read.receiver is not None else []
    if asked == got or (len(asked) > 2 and asked[:-1] == got[:-1]):
        return True
    return "writ" in asked[-1] and "read" in got[-1]
