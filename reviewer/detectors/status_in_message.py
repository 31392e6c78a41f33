"""Status of a failure guessed from the text of the error.

A handler looks for a status number in `str(error)` instead of reading the error's own attribute.

Why: The text belongs to the library and to the other side: "404" stands as well in a URL, an id or a length, and
another version words it differently. The wrong branch is taken, and a failure is reported as something else.

Instead: Catch the library's own error class and compare its status attribute; let every other error through.

Source: https://docs.python.org/3/tutorial/errors.html#handling-exceptions
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Usage
from reviewer.domain.finding import Confidence, Evidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
def delete(client, key):
    try:
        client.delete(key)
    except Exception as error:
        if "404" in str(error):  #!
            return False
        raise
""",
    """
def delete(client, key, log):
    try:
        client.delete(key)
    except Exception as error:
        text = str(error).lower()
        if "429" in text or "rate limit" in text:  #!
            return False
        raise
""",
)
GOOD = (
    """
import requests

def delete(url):
    try:
        requests.delete(url, timeout=5).raise_for_status()
    except requests.HTTPError as error:
        if error.response.status_code == 404:
            return False
        raise
""",
    """
def find(text):
    return "404" in str(text)
""",
)

_STATUS = re.compile(r"""["'](?:HTTP ?)?[1-5]\d\d["']""")


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find status numbers that are looked for in the text of a caught error."""
    for fact in view.unit.facts:
        if not isinstance(fact, Usage) or fact.operation != "contains" or not _STATUS.fullmatch(fact.detail):
            continue
        block = fact.context.inside("handler")
        handler = block.handler if block is not None else None
        if handler is None or handler.name is None or fact.subject.made_by is None:
            continue
        if fact.subject.made_by.partition(".")[0] not in ("str", "repr"):
            continue
        caught = " or ".join(handler.types)
        yield rule.finding(
            view,
            fact,
            f"status {fact.detail} is looked for in the text of any {caught}",
            severity=Severity.LOW if view.is_test else None,
            confidence=Confidence.HIGH,
            exceptions=handler.types,
            evidence=(Evidence(view.path, handler.span.line, f"catches {caught}"),),
            explanation=f"{fact.detail} may stand in the error's text for another reason (a URL, an id, a size), "
            "and then "
            "another failure is taken for this one; a library that words its message anew breaks it as well. "
            f"{rule.how}",
        )
