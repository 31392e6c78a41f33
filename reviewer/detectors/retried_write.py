"""Call that is not safe to repeat, in a retry.

A call whose effect adds up (a POST, a message sent, a row inserted) is tried again after a failure.

Why: After a timeout or a broken connection nobody knows whether the first attempt was done. The second one does it
again: two payments, two mails, two rows.

Instead: Send an idempotency key that stays the same over the attempts, or look first whether the effect is there.

Source: https://docs.stripe.com/api/idempotent_requests
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import REMOTE, leaves_process
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import clause
from reviewer.domain.fact import Call, Context, Handler
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.LOW

BAD = (
    """
import time
import requests

def pay(url, order):
    for attempt in range(3):
        try:
            return requests.post(url, json=order, timeout=5)  #!
        except requests.Timeout:
            time.sleep(2 ** attempt)
""",
    """
import requests
from tenacity import retry, stop_after_attempt

@retry(stop=stop_after_attempt(3))
def pay(url, order):
    requests.post(url, json=order, timeout=5).raise_for_status()  #!
""",
)
GOOD = (
    """
import time
import requests

def load(url):
    for attempt in range(3):
        try:
            return requests.get(url, timeout=5)
        except requests.Timeout:
            time.sleep(2 ** attempt)
""",
    """
import requests

def pay(url, orders):
    for order in orders:
        try:
            requests.post(url, json=order, timeout=5)
        except requests.Timeout as error:
            print(error)
""",
    """
import time
import requests

def pay(url, order, key):
    for attempt in range(3):
        try:
            return requests.post(url, json=order, timeout=5, headers={"Idempotency-Key": key})
        except requests.Timeout:
            time.sleep(2 ** attempt)
""",
)

_DECORATORS = ("tenacity.retry", "backoff.on_exception", "backoff.on_predicate", "retrying.retry")


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find calls that are not idempotent where a failure leads to another attempt."""
    if view.is_test:
        return
    decorated = any(name.startswith(_DECORATORS) for name in view.unit.decorators)
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.known is None or fact.known.idempotent is not False:
            continue
        if fact.known.kind not in REMOTE or not leaves_process(fact) or _has_key(fact):
            continue
        handler = _retrying(fact.context)
        if not decorated and handler is None:
            continue
        by = "the decorator" if handler is None else f"`{clause(handler)}`"
        yield rule.finding(
            view,
            fact,
            f"{fact.text}() may be done twice: {by} leads to another attempt",
            confidence=Confidence.MEDIUM,
            exceptions=handler.types if handler is not None else (),
        )


def _has_key(call: Call) -> bool:
    return any("idempoten" in f"{argument.keyword} {argument.value.text}".lower() for argument in call.arguments)


def _retrying(context: Context) -> Handler | None:
    """The clause after which a loop of attempts goes on; a loop over items is no retry."""
    loop = context.inside("for", "while")
    if loop is None or (loop.kind == "for" and not loop.text.startswith("range(")):
        return None
    for attempt in context.tries:
        if attempt.span.line < loop.span.line:
            break  # the try stands around the loop
        for handler in attempt.handlers:
            ends = handler.reraises or handler.raises or handler.returns is not None or handler.leaves == "break"
            if not ends or handler.may_reraise:
                return handler
    return None
