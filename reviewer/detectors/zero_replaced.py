"""Zero replaced by the default.

A number that may be left out gets its default by `value or 30`, which replaces a 0 that somebody has given as well.

Loud for names whose zero says something of its own (a temperature, a number of retries, a delay, an offset), quiet for
the others.

Why: `temperature=0`, `retries=0` or `timeout=0` are said on purpose; the program then silently does the opposite, and
no error tells.

Instead: Write `30 if value is None else value`; where 0 is no legal value, refuse it.

Source: https://docs.python.org/3/reference/expressions.html#boolean-operations
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Usage
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.MEDIUM

BAD = (
    """
def ask(client, temperature: float | None = None):
    return client.ask(temperature=temperature or 0.7)  #!
""",
    """
class Mount:
    cache_ttl: int | None = None

    def options(self):
        return f"ttl={self.cache_ttl or 7200}"  #!
""",
    """
class Settings:
    delay_seconds: float | None

    def describe(self):
        return f"delay={self.delay_seconds or 2.5}"  #!
""",
    """
def fetch(client, retries=None):
    attempts = retries or 3  #!
    return client.fetch(attempts)
""",
)
GOOD = (
    """
def ask(client, temperature: float | None = None):
    return client.ask(temperature=0.7 if temperature is None else temperature)
""",
    """
def count(found: int | None) -> int:
    return found or 0
""",
    """
def serve(app, port: int | None = None):
    app.run(port or 8080)  #~
""",
)

_MEANT = re.compile(
    r"(^|_)(temperature|retries|retry_count|delay|backoff|offset|seed|ttl|index|idx|threshold|penalty|timeout|expiry"
    r"|expires|max_age|tolerance|margin|padding|verbosity)(_seconds|_secs?|_ms|_s)?$"
)
"""Numbers whose zero says something: off, none, at once, the first."""


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find optional numbers whose zero is lost."""
    seen: set[str] = set()
    for fact in view.unit.facts:
        if not isinstance(fact, Usage) or fact.operation != "default" or fact.subject.text in seen:
            continue
        value = fact.subject
        declared = value.type in ("int", "float") and ("." in value.text or value.parameter is not None)
        if not (declared or (value.none and value.type is None)) or value.made_by or value.text.endswith(")"):
            continue
        if value.none is None and fact.detail == "1":
            continue  # a count that is to divide by
        if not fact.detail.strip("0."):
            continue  # zero replaced by zero
        if value.guards & {"truthy", "nonzero", "compared"}:
            continue
        seen.add(value.text)
        meant = _MEANT.search(value.text.rpartition(".")[2]) is not None and not view.is_test
        yield rule.finding(
            view,
            fact,
            f"{value.text} or {fact.detail} replaces a given 0 by {fact.detail}",
            severity=Severity.MEDIUM if meant else Severity.LOW,
            confidence=Confidence.MEDIUM if meant else Confidence.LOW,
            explanation=f"{value.text} may be left out, and 0 counts as left out here: who asks for 0 gets"
            f" {fact.detail} and no word of it. {rule.how}",
        )
