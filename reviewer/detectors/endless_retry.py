"""Retry without limit or pause.

A loop without an end tries a call again after each failure, with no pause in between and no count of the attempts.

Why: While the other side is down the loop spins at full speed: it fills the log, takes a core, and hits the other
side with thousands of requests a second just when it tries to come back.

Instead: Wait longer after each failure, with some randomness, and give up after a number of attempts or a time.

Source: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import leaves_process, method
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Fact, Handler, Loop, Raise, Return, Store, TryStatement
from reviewer.domain.finding import Confidence, Evidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import requests

def load(url):
    while True:
        try:
            return requests.get(url, timeout=5)  #!
        except requests.RequestException:
            continue
""",
    """
import logging
import redis

def consume(client: redis.Redis, handle):
    while True:
        try:
            handle(client.get("job"))  #!
        except redis.RedisError:
            logging.exception("cannot read")
""",
)
GOOD = (
    """
import time
import requests

def load(url):
    while True:
        try:
            return requests.get(url, timeout=5)
        except requests.RequestException:
            time.sleep(1)
""",
    """
import requests

def load(url):
    attempts = 0
    while True:
        try:
            return requests.get(url, timeout=5)
        except requests.RequestException:
            attempts += 1
            if attempts > 3:
                raise
""",
)

_PAUSES = frozenset({"sleep", "wait", "sleep_for", "pause", "backoff", "wait_for", "select", "poll"})
_NOT_OUTSIDE = frozenset({"file", "process", None})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find endless loops that try an outside call again at once."""
    if view.is_test:
        return
    for fact in view.unit.facts:
        if not isinstance(fact, Loop) or fact.block is None or not fact.block.endless:
            continue
        if any(isinstance(part, Call) and method(part).lstrip("_") in _PAUSES for part in fact.body):
            continue
        for part in fact.body:
            if isinstance(part, TryStatement) and part.statement is not None:
                found = _again(part)
                if found is not None:
                    yield _finding(view, rule, *found)
                    break


def _again(attempt: TryStatement) -> tuple[Call, Handler] | None:
    """The outside call of a try body, and the clause that lets the loop try it again at once."""
    tried = next(
        (
            fact
            for fact in attempt.body
            if isinstance(fact, Call)
            and leaves_process(fact)
            and fact.known is not None
            and fact.known.kind not in _NOT_OUTSIDE
        ),
        None,
    )
    if tried is None or attempt.statement is None:
        return None
    for handler, facts in zip(attempt.statement.handlers, attempt.in_handlers, strict=False):
        if handler.reraises or handler.may_reraise or handler.raises or handler.returns is not None:
            continue
        if handler.leaves == "break" or any(_bounds(fact) for fact in facts) or "BlockingIOError" in handler.types:
            continue
        return tried, handler
    return None


def _bounds(fact: Fact) -> bool:
    """It leaves the loop, counts, or waits for something."""
    return isinstance(fact, Raise | Return | Store) or (isinstance(fact, Call) and fact.awaited)


def _finding(view: View, rule: Rule, call: Call, handler: Handler) -> Finding:
    return rule.finding(
        view,
        call,
        f"{call.text}() is tried again at once and for ever when it fails",
        confidence=Confidence.MEDIUM,
        exceptions=handler.types,
        evidence=(Evidence(view.path, handler.span.line, "the loop goes on from here without a pause"),),
    )
