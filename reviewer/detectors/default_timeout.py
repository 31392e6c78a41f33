"""Client that keeps the library's own timeout.

A client that lives on (it is kept, returned, or made at module level) is made without a timeout, so that all its
calls get the library's default.

Why: The default knows nothing of this service: a few seconds cut off slow but healthy answers, many minutes hold a
worker long after its caller has gone.

Instead: Give the client a timeout that fits its slowest call, apart for connecting and reading where the library can.

Source: https://www.python-httpx.org/advanced/timeouts/
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import handed_on
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import httpx

def make(url):
    return httpx.AsyncClient(base_url=url)  #!
""",
    """
import httpx

class Api:
    def __init__(self, url):
        self.client = httpx.Client(base_url=url)  #!
""",
)
GOOD = (
    """
import httpx

def make(url):
    return httpx.AsyncClient(base_url=url, timeout=httpx.Timeout(30, connect=5))
""",
    """
import httpx

def load(url):
    with httpx.Client() as client:
        return client.get(url, timeout=20).text
""",
)

_SHORT = 5.0
"""Seconds under which healthy answers are cut off: a model, a report or an upload takes longer."""


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find long-lived clients that are made without a timeout."""
    if view.is_test:
        return
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.known is None or fact.known.timeout is None or fact.open_ended:
            continue
        timeout = fact.known.timeout
        if fact.known.kind is not None or not fact.known.releases or not isinstance(timeout.default, int | float):
            continue
        if timeout.parameter is None or fact.argument(timeout.parameter, timeout.position) is not None:
            continue
        if fact.use == "with" or not (handed_on(view.unit, fact) or fact.context.import_time):
            continue
        yield rule.finding(
            view,
            fact,
            f"every call of this {fact.known.name} gets the library's {_span(timeout.default)}",
            severity=None if timeout.default <= _SHORT else Severity.LOW,
            confidence=Confidence.MEDIUM,
            explanation=f"Without {timeout.parameter}= the client gives up after {_span(timeout.default)} of silence, "
            f"whatever it asks for. {rule.why} {rule.how}",
        )


def _span(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds >= 120 else f"{seconds:g} seconds"
