"""Handler that expects malformed text or missing keys, and not data of another shape.

A `try` parses data from outside and takes it apart. Its clauses cover the parse or a missing key; a list, a number or
null in the place of an object raises TypeError or AttributeError, which they do not cover.

Why: Valid JSON may be anything. The author meant to survive bad data, and the commonest bad data, null or a list
instead of an object, goes through the handler.

Instead: Check the type first, or add TypeError and AttributeError to the clause.

Source: https://docs.python.org/3/library/json.html#json.loads
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.detectors.surviving import survives
from reviewer.detectors.wording import clause
from reviewer.domain.fact import Handler, TryStatement, Usage
from reviewer.domain.finding import Evidence, Finding, Question, Severity

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import json

def names(text):
    try:
        return [row["name"] for row in json.loads(text)]  #!
    except ValueError:
        return []
""",
    """
import json
import requests

def total(url):
    try:
        data = requests.get(url, timeout=5).json()
        return data["total"]  #!
    except (requests.RequestException, KeyError):
        return 0
""",
)
GOOD = (
    """
import json

def names(text):
    try:
        return [row["name"] for row in json.loads(text)]
    except (ValueError, TypeError, KeyError):
        return []
""",
    """
import json

def total(text):
    try:
        data = json.loads(text)
    except ValueError:
        return 0
    return data["total"]
""",
    """
import json

def total(text):
    try:
        data = json.loads(text)
        if isinstance(data, dict):
            return data["total"]
    except (ValueError, KeyError):
        pass
    return 0
""",
)

_RAISES = {
    "key": "TypeError",
    "iterate": "TypeError",
    "index": "TypeError",
    "unpack": "TypeError",
    "spread": "TypeError",
    "method": "AttributeError",
}
_DATA_ERRORS = ("KeyError", "json.JSONDecodeError", "ValueError", "IndexError")


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find uses of decoded data in a `try` whose clauses cover bad data of another sort."""
    for fact in view.unit.facts:
        if not isinstance(fact, TryStatement) or fact.statement is None:
            continue
        handler = _for_bad_data(view, fact)
        if handler is None:
            continue
        for use in fact.body:
            if isinstance(use, Usage) and _takes_apart(use) and use.context.tries[:1] == (fact.statement,):
                raised = _RAISES[use.operation]
                if view.hierarchy.catcher(use.context, raised) is None:
                    yield _finding(view, rule, use, handler, raised)
                    break


def _for_bad_data(view: View, attempt: TryStatement) -> Handler | None:
    for handler in attempt.statement.handlers if attempt.statement is not None else ():
        if survives(handler) and any(view.hierarchy.covers(handler, error) for error in _DATA_ERRORS):
            return handler
    return None


def _takes_apart(use: Usage) -> bool:
    if not use.subject.decoded or use.operation not in _RAISES or use.stored:
        return False
    return not any(guard.startswith(("isinstance", "key:", "attribute:")) for guard in use.subject.guards)


def _finding(view: View, rule: Rule, use: Usage, handler: Handler, raised: str) -> Finding:
    what = use.subject.text or "the data"
    outside = use.subject.boundary or "outside data"
    quiet = view.is_test or use.subject.boundary in ("file", "configuration")
    return rule.finding(
        view,
        use,
        f"`{clause(handler)}` does not catch the {raised} raised when {what} ({outside}) has another shape",
        severity=Severity.LOW if quiet else Severity.MEDIUM,
        exceptions=(raised,),
        evidence=(Evidence(view.path, handler.span.line, f"`{clause(handler)}` does not catch {raised}"),),
    )
