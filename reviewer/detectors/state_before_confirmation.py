"""Local state that says it is done before the other side has confirmed.

An object is marked (a status, a flag) and only then the remote call is made that the mark speaks of; when the call
fails, the error leaves the function and the mark stays.

Why: The order counts as paid, the message as sent, the job as done, and nothing was. A retry that looks at the mark
skips the work for good.

Instead: Make the call first and set the mark after it succeeded, or set it back in a handler.

Source: https://microservices.io/patterns/data/transactional-outbox.html
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Store
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import requests

def pay(order, token):
    order.status = "paid"  #!
    answer = requests.post("https://gateway.example.com/charges", json={"token": token}, timeout=5)
    answer.raise_for_status()
""",
    """
import boto3

class Outbox:
    def flush(self, message):
        message.sent = True  #!
        boto3.client("sqs").send_message(QueueUrl="q", MessageBody=message.body)
""",
)
GOOD = (
    """
import requests

def pay(order, token):
    answer = requests.post("https://gateway.example.com/charges", json={"token": token}, timeout=5)
    answer.raise_for_status()
    order.status = "paid"
""",
    """
import requests

def pay(order, token):
    order.status = "paid"
    try:
        requests.post("https://gateway.example.com/charges", json={"token": token}, timeout=5).raise_for_status()
    except requests.RequestException:
        order.status = "new"
        raise
""",
    """
import requests

def pay(order, token):
    order.status = "pending"
    requests.post("https://gateway.example.com/charges", json={"token": token}, timeout=5).raise_for_status()
""",
)

_REMOTE = frozenset({"http", "cloud", "queue", "llm"})
_DONE = frozenset(
    {
        "paid", "sent", "done", "published", "synced", "processed", "delivered", "completed", "complete", "finished",
        "confirmed", "refunded", "cancelled", "canceled", "shipped", "uploaded", "saved", "notified", "registered",
        "charged", "success", "succeeded", "closed", "deleted",
    }
)  # fmt: skip
"""What a mark says when the work behind it is over."""


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find marks of finished work that are set before the call that does the work."""
    if view.is_test:
        return
    marks: list[Store] = []
    for fact in view.unit.facts:
        if isinstance(fact, Store):
            if fact.kind in ("attribute", "item") and _says_done(fact) and fact.context.inside("handler") is None:
                marks.append(fact)
        elif isinstance(fact, Call) and marks and _may_fail(view, fact):
            for mark in marks:
                if mark.context.blocks == fact.context.blocks[: len(mark.context.blocks)]:
                    yield _finding(view, rule, mark, fact)
            marks = []


def _says_done(mark: Store) -> bool:
    value = mark.value.literal or ""
    name = mark.target.rpartition(".")[2].strip("[]'\"").lower()
    return value.strip("'\"").lower() in _DONE or (value == "True" and name.removeprefix("is_") in _DONE)


def _may_fail(view: View, call: Call) -> bool:
    """A remote call that changes something there, some of whose failures leave the function with nothing put back."""
    known = call.known
    if known is None or known.kind not in _REMOTE or known.idempotent:
        return False
    if call.context.inside("handler") is not None or any(attempt.has_finally for attempt in call.context.tries):
        return False
    return any(view.hierarchy.catcher(call.context, kind) is None for kind in known.raises) and not call.context.tries


def _finding(view: View, rule: Rule, mark: Store, call: Call) -> Finding:
    return rule.finding(
        view,
        mark,
        f"{mark.target} is {mark.value.text} before {call.text}() has succeeded",
        confidence=Confidence.MEDIUM,
        evidence=(rule.at(view, call, "the call that may fail"),),
        explanation=f"When {call.text}() fails, {mark.target} stays {mark.value.text} though nothing happened on the "
        f"other side. {rule.how}",
    )
