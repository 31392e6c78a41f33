"""Failure of an outside call that is swallowed or looks like an empty result.

A handler around a call that leaves the process (or around one of which nothing is known) takes every error, logs
nothing, and goes on or gives an empty value. In `__del__` nothing is swallowed that the interpreter would not ignore.

Why: An outage looks like "nothing there": callers show an empty list, delete what they think is gone, or skip the
item, and no log line says why.

Instead: Log the error with what was tried, let unexpected errors propagate, or return something that differs from
an empty result.

Source: https://docs.python.org/3/howto/logging.html#when-to-use-logging
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator

from reviewer.detectors.judging import REMOTE, is_broad, leaves_process, method
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import clause
from reviewer.domain.fact import Call, Handler, TryStatement
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import requests

def orders(url):
    try:
        return requests.get(url, timeout=5).json()
    except Exception:  #!
        return []
""",
    """
async def search(services, query):
    found = []
    for service in services:
        try:
            found.extend(await service.search(query))
        except Exception:  #!
            continue
    return found
""",
)
GOOD = (
    """
import logging
import requests

def orders(url):
    try:
        return requests.get(url, timeout=5).json()
    except Exception:
        logging.exception("no orders from %s", url)
        return []
""",
    """
import os

def remove(path):
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
""",
    """
class Pool:
    def __del__(self):
        try:
            count(self.name, -1)
        except Exception:
            pass

def is_ready(thing):
    try:
        return isinstance(thing, dict) and hasattr(thing, "ready")
    except Exception:
        return False
""",
    """
async def close(self):
    try:
        await self.client.close()
    except Exception:
        pass
""",
)

_TIDYING = frozenset(
    {
        "close", "aclose", "unlink", "remove", "rmtree", "kill", "terminate", "shutdown", "disconnect", "cancel",
        "stop", "quit", "release", "rollback", "wait_closed", "cleanup", "delete_message", "unsubscribe", "join",
        "detach", "__aexit__", "__exit__", "wait", "flush", "killpg", "send_signal",
    }
)  # fmt: skip
_EMPTY = frozenset({"[]", "{}", "()", "None", "False", "''", '""', "0"})
_NETWORK = REMOTE | {"process"}
_BUILTINS = frozenset(vars(builtins))
"""Functions of the language: what they raise comes from what they are given, and from nowhere outside."""


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find silent handlers around calls that can fail for outside reasons."""
    if view.is_test or view.unit.name.rpartition(".")[2] == "__del__":
        return
    for fact in view.unit.facts:
        if not isinstance(fact, TryStatement) or fact.statement is None or fact.statement.suppress:
            continue
        if fact.context.inside("handler", "finally") is not None:
            continue  # a second attempt, or clean-up
        culprit = _culprit(fact)
        if culprit is None:
            continue
        for handler in fact.statement.handlers:
            if not _is_silent(handler):
                continue
            if is_broad(handler.types) or (handler.returns in _EMPTY and _takes_outage(view, handler, culprit)):
                yield _finding(view, rule, fact, handler, culprit)
                break


def _is_silent(handler: Handler) -> bool:
    return handler.silent and not (handler.logs or handler.uses_error or handler.reraises or handler.raises)


def _takes_outage(view: View, handler: Handler, culprit: Call) -> bool:
    """The clause takes a failure of the network, and not just an expected "no such thing"."""
    known = culprit.known
    if known is None or known.kind not in REMOTE:
        return False
    return all(view.hierarchy.covers(handler, exception) for exception in known.raises)


def _culprit(attempt: TryStatement) -> Call | None:
    """The call of the body whose failure matters most: one over the network, else an awaited one, else any "
    "outside one."""
    calls = [fact for fact in attempt.body if isinstance(fact, Call)]
    if any(method(call) in _TIDYING for call in calls):
        return None
    outside = [call for call in calls if leaves_process(call)]
    for call in outside:
        if call.known is not None and call.known.kind in _NETWORK:
            return call
    awaited = next((call for call in calls if call.awaited and call.known is None), None)
    unknown = (call for call in calls if call.known is None and call.callee not in _BUILTINS)
    return awaited or next(iter(outside), None) or next(unknown, None)


def _finding(view: View, rule: Rule, attempt: TryStatement, handler: Handler, culprit: Call) -> Finding:
    gives = handler.returns
    if gives:
        effect = f"returns {gives} as if nothing had failed"
    elif handler.leaves == "continue":
        effect = "skips the item"
    else:
        effect = "goes on as if nothing had happened"
    outside = culprit.awaited or (culprit.known is not None and culprit.known.kind in REMOTE)
    loud = outside and is_broad(handler.types)
    return rule.finding(
        view,
        attempt,
        f"every failure of {culprit.text}() is swallowed: the handler {effect}",
        severity=Severity.MEDIUM if loud else Severity.LOW,
        confidence=Confidence.LOW if _is_unknown(culprit) else Confidence.MEDIUM,
        evidence=(rule.at(view, culprit, f"{culprit.text}() {_reason(culprit)}"),),
        explanation=f"When {culprit.text}() fails, `{clause(handler)}` {effect} and writes no log line, so an outage "
        f"cannot be told from an empty answer. {rule.how}",
        span=handler.span,
    )


def _reason(culprit: Call) -> str:
    if _is_unknown(culprit):
        return "is not a known library call; whatever it raises is dropped here"
    return "can fail for reasons outside the program"


def _is_unknown(culprit: Call) -> bool:
    """Nothing says that it has to do with anything outside."""
    return culprit.known is None and not culprit.awaited
