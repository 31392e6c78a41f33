"""Clean-up that the first failure ends.

A loop closes, stops or disconnects one thing after the other without a handler inside the loop; or a socket is shut
down before it is closed. It is loud where the step is awaited, asks the other side, or where it is known to fail. Steps
that are awaited one under the other are told quietly, at the first.

Why: One thing that is already gone, or whose other side does not answer, raises; all that follow stay open, with their
connections, processes and files.

Instead: Give each step its own `try`, go on, and report the failures at the end.

Source: https://docs.python.org/3/library/contextlib.html#contextlib.ExitStack
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.detectors.judging import method
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.surviving import words_of
from reviewer.detectors.wording import callee
from reviewer.domain.fact import Call, Loop
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
class Providers:
    async def aclose(self):
        for provider in self.providers:
            await provider.aclose()  #!
""",
    """
class Clients:
    async def stop_all(self):
        for name, client in self.clients.items():
            await client.disconnect()  #!
""",
    """
class Server:
    def close(self):
        self.socket.shutdown(2)  #!
        self.socket.close()
""",
    """
class Server:
    def close(self):
        self.socket.shutdown(2)  #!
        self.socket.close()

    async def shutdown(self):
        await self.clients.close()  #~
        await self.database.close()
""",
)
GOOD = (
    """
class Providers:
    async def aclose(self):
        for provider in self.providers:
            try:
                await provider.aclose()
            except Exception as error:
                self.log.error("cannot close: %s", error)
""",
    """
class Files:
    def close(self):
        for file in self.files:
            file.close()  #~
""",
    """
class Server:
    def close(self):
        try:
            self.socket.shutdown(2)
        except OSError:
            pass
        self.socket.close()
""",
)

_STEPS = frozenset({"close", "aclose", "disconnect", "shutdown", "stop", "terminate", "kill", "cleanup", "dispose"})
_ENDING = frozenset(
    {"close", "aclose", "stop", "shutdown", "cleanup", "clean", "disconnect", "exit", "aexit", "teardown", "dispose",
     "terminate", "release", "del"}
)  # fmt: skip


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find clean-up steps whose failure leaves out the steps after them."""
    if view.is_test:
        return
    yield from _in_a_row(view, rule)
    for fact in view.unit.facts:
        if isinstance(fact, Loop):
            yield from _looped(view, rule, fact)
        elif isinstance(fact, Call) and method(fact) == "shutdown" and _is_half_of_socket_close(view, fact):
            yield rule.finding(
                view,
                fact,
                f"{callee(fact)} raises OSError on a socket that is not connected, and the close after it is left out",
                confidence=Confidence.HIGH,
                exceptions=("OSError",),
            )


def _in_a_row(view: View, rule: Rule) -> Iterator[Finding]:
    if not words_of(view.unit.name.rpartition(".")[2]) & _ENDING:
        return
    steps = [
        fact
        for fact in view.unit.facts
        if isinstance(fact, Call) and fact.awaited and method(fact) in _STEPS and fact.receiver is not None
        if not fact.context.tries and fact.context.inside("for", "while", "comprehension", "finally", "handler") is None
    ]
    if not steps:
        return
    first = steps[0]
    left = [step for step in steps if step.text.rpartition(".")[0] != first.text.rpartition(".")[0]]
    if left and first.span.line < left[0].span.line:
        yield rule.finding(
            view,
            first,
            f"when {callee(first)} fails, {left[0].text.rpartition('.')[0]} stays open",
            severity=Severity.LOW,
            confidence=Confidence.MEDIUM,
            evidence=(rule.at(view, left[0], "the step that is left out"),),
        )


def _looped(view: View, rule: Rule, loop: Loop) -> Iterator[Finding]:
    block = loop.block
    if block is None or block.kind != "for" or not words_of(view.unit.name.rpartition(".")[2]) & _ENDING:
        return
    items = set(re.findall(r"\w+", block.target))
    for fact in loop.body:
        if not isinstance(fact, Call) or method(fact) not in _STEPS or fact.receiver is None:
            continue
        if fact.receiver.text.partition(".")[0] not in items or fact.context.inside("for") != block:
            continue
        inner = any(attempt.handlers and attempt.span.line >= loop.span.line for attempt in fact.context.tries)
        if inner or loop.breaks:
            continue
        yield rule.finding(
            view,
            fact,
            f"when one {callee(fact)} fails, the rest of {block.text} stays open",
            severity=None if fact.awaited else Severity.LOW,
            confidence=Confidence.MEDIUM,
        )


def _is_half_of_socket_close(view: View, call: Call) -> bool:
    receiver = call.receiver
    how = call.arguments[0].value if len(call.arguments) == 1 else None
    if receiver is None or how is None or not (how.literal in ("0", "1", "2") or "SHUT_" in how.text):
        return False
    if any(attempt.handlers for attempt in call.context.tries):
        return False
    return any(
        isinstance(fact, Call) and fact.text == f"{receiver.text}.close" and fact.span.line > call.span.line
        for fact in view.unit.facts
    )
