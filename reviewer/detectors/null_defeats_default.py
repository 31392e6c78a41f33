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

import re
from collections.abc import Iterator

from reviewer.detectors.misuse import NEEDY, RAISES, first_misuses, misuse
from reviewer.detectors.provenance import ends, severity_of, source_of
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
    """
import json

def count(path):
    with open(path, encoding="utf-8") as file:
        kept = json.load(file)
    if isinstance(kept, dict):
        kept["calls"] = kept.get("calls", 0) + 1  #~
        with open(path, "w", encoding="utf-8") as file:
            json.dump(kept, file)
""",
    """
from typing import Any

def best(ranked_results: list[dict[str, Any]], least: float) -> list[dict[str, Any]]:
    return [one for one in ranked_results if one.get("score", 0.0) > least]  #~
""",
)

_WRITES_JSON = re.compile(r"\bjson\.dump\(|\.write(_text|_bytes)?\(\s*json\.dumps\(")
"""A line that writes a file of JSON."""
_NEEDY = NEEDY | {"str.join"}


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find results of `get` with a default that are used as if they could not be None."""
    for fact, error in first_misuses(view, _error):
        if not ends(view, fact, error):
            yield _finding(view, rule, fact, error)


def _error(fact: Usage) -> str | None:
    if not _defaulted(fact.subject):
        return None
    if fact.operation == "argument" and fact.callee in _NEEDY and fact.detail == "0":
        return "TypeError"
    return RAISES.get(fact.operation)


def _defaulted(value: Value) -> bool:
    return value.decoded and value.made_by == "dict.get" and value.none is not None and value.none.endswith("with null")


def _finding(view: View, rule: Rule, fact: Usage, error: str) -> Finding:
    value = fact.subject
    if value.boundary == "file" and any(_WRITES_JSON.search(line) for line in view.lines):
        hushed = "the same program writes such files, and knows what it writes"
    else:
        hushed = ""
    return misuse(
        view,
        rule,
        fact,
        error,
        f"{value.text} is None when {source_of(value)} holds null: the default only replaces a missing key",
        severity=Severity.LOW if hushed else severity_of(view, value),
        confidence=Confidence.HIGH if value.boundary else Confidence.MEDIUM,
        hushed=hushed,
        explanation=f"An explicit null gets past the default, and using it raises {error}.",
    )
