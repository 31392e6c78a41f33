"""Default that null defeats.

`data.get("key", default)` is used at once; the default stands in for a missing key only, not for one that holds null.

Loud where the data is known to come from outside, or a parameter declared a mapping of anything is named for it
(`payload`, `event`, `response`); quiet for other parameters, whose contents the caller owns.

Why: JSON and YAML know null, and many senders write it for "nothing" (`"text": null`, a YAML key without a value). Then
`get` gives None in spite of the default, and the method, loop or arithmetic behind it raises.

Instead: Write `data.get("key") or default`, or check the value's type.

Source: https://docs.python.org/3/library/stdtypes.html#dict.get
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.provenance import ends, made_here, severity_of, source_of
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Usage, Value
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import json
import sys

def main():
    event = json.load(sys.stdin)
    if not isinstance(event, dict):
        return ""
    return event.get("text", "").strip()  #!
""",
    """
import yaml

def globs(text):
    meta = yaml.safe_load(text) or {}
    found = []
    for pattern in meta.get("globs", []):  #!
        found.append(pattern)
    return found
""",
)
GOOD = (
    """
import json
import sys

def main():
    event = json.load(sys.stdin)
    if not isinstance(event, dict):
        return ""
    text = event.get("text", "")
    if not isinstance(text, str):
        return ""
    return text.strip()
""",
    """
def width(options):
    return dict(options).get("width", 80) * 2
""",
)

_RAISES = {
    "method": "AttributeError",
    "attribute": "AttributeError",
    "key": "TypeError",
    "index": "TypeError",
    "slice": "TypeError",
    "iterate": "TypeError",
    "unpack": "TypeError",
    "contains": "TypeError",
    "spread": "TypeError",
    "arithmetic": "TypeError",
    "compare": "TypeError",
    "divide": "TypeError",
}
_NEEDY = frozenset(
    {"len", "int", "float", "sorted", "list", "set", "tuple", "sum", "max", "min", "enumerate", "dict", "str.join"}
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find results of `get` with a default that are used as if they could not be None."""
    seen: set[str] = set()
    for fact in view.unit.facts:
        if not isinstance(fact, Usage) or not fact.subject.none or not _defaulted(fact.subject):
            continue
        error = _RAISES.get(fact.operation)
        if error is None and fact.operation == "argument" and fact.callee in _NEEDY and fact.detail == "0":
            error = "TypeError"
        if error is None or fact.subject.text in seen:
            continue
        seen.add(fact.subject.text)
        if not ends(view, fact, error):
            yield _finding(view, rule, fact, error)


def _defaulted(value: Value) -> bool:
    return value.decoded and value.made_by == "dict.get" and value.none is not None and value.none.endswith("with null")


def _finding(view: View, rule: Rule, fact: Usage, error: str) -> Finding:
    value = fact.subject
    return rule.finding(
        view,
        fact,
        f"{value.text} is None when {source_of(value)} says null: the default only stands in for a missing key",
        severity=severity_of(view, value),
        confidence=Confidence.HIGH if value.boundary else Confidence.MEDIUM,
        exceptions=(error,),
        evidence=made_here(view, value, fact.span.line),
        explanation=f"An explicit null gets past the default, and using it raises {error}. {rule.how}",
    )
