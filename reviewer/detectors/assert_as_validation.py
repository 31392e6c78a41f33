"""Assert as validation.

What a caller, a file or the network gave is checked with `assert`.

Why: Under `python -O` the check is gone and the bad value goes on; without -O the caller gets an AssertionError, mostly
without a word, that no handler for bad input expects and that turns a wrong request into a server error.

Instead: Raise ValueError (or the error your callers handle) with a message that names the value; keep `assert` for what
can never happen.

Source: https://docs.python.org/3/reference/simple_stmts.html#the-assert-statement
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.provenance import ends, source_of
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Assertion, Value
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.LOW

BAD = (
    """
import requests

def total(url):
    body = requests.get(url, timeout=5).json()
    assert "total" in body  #!
    return body
""",
    """
def withdraw(account, amount):
    assert amount > 0  #!
    account.balance -= amount
""",
)
GOOD = (
    """
def withdraw(account, amount):
    if amount <= 0:
        raise ValueError("the amount must be above zero")
    account.balance -= amount
""",
    """
def total():
    rows = [1, 2]
    assert len(rows) == 2
    return sum(rows)
""",
    """
import subprocess

def lines(command):
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    return process.stdout.readlines()
""",
)

_STREAMS = ("StreamReader", "StreamWriter")


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find assertions about values that come from elsewhere."""
    if view.is_test:
        return
    for fact in view.unit.facts:
        if not isinstance(fact, Assertion) or ends(view, fact, "AssertionError"):
            continue
        value = _doubtful(fact)
        if value is None:
            continue
        loud = value.boundary is not None
        source = source_of(value) or "elsewhere"
        yield rule.finding(
            view,
            fact,
            f"assert {fact.test} validates what comes from {source}, and python -O removes it",
            severity=Severity.MEDIUM if loud else Severity.LOW,
            confidence=Confidence.MEDIUM if loud else Confidence.LOW,
            exceptions=("AssertionError",),
        )


def _doubtful(fact: Assertion) -> Value | None:
    """The value from elsewhere that the assertion speaks of."""
    for value in sorted(fact.subjects, key=lambda subject: subject.boundary is None):
        if _is_handle(value):
            continue  # an open stream is no data: that it is there follows from how it was opened
        if value.boundary or value.decoded or value.parameter or value.none:
            return value
    return next((value for value in fact.subjects if "." in value.text and value.type is None), None)


def _is_handle(value: Value) -> bool:
    return value.type is not None and (value.type.startswith("io.") or value.type.endswith(_STREAMS))
