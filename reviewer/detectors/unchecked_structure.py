"""Decoded data used as if its shape were known.

JSON or YAML is decoded and at once used as a mapping or a list, without a look at what it is.

Loud where the data is known to come from outside, or a parameter declared a mapping of anything is named for it
(`payload`, `event`, `response`); quiet for other parameters, whose contents the caller owns.

Why: Valid JSON may be a list, a number or null, and any field may hold another type than expected; then `.get` raises
AttributeError and a loop TypeError, past the handlers written for malformed text. A text where a list is expected is
even iterated character by character.

Instead: Check with `isinstance` (the container and its items), or decode into a model that validates, and refuse what
does not fit with a message that names the field.

Source: https://docs.python.org/3/library/json.html#json.loads
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from reviewer.detectors.misuse import RAISES, first_misuses, misuse
from reviewer.detectors.provenance import (
    Validations,
    checked,
    ends,
    is_text_key,
    looked_at,
    parts_looked_at,
    really_decoded,
    severity_of,
    source_of,
    spelled,
)
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import scope
from reviewer.domain.fact import Place, Return, Store, Usage
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import json
import sys

def main():
    event = json.loads(sys.stdin.read())
    return event.get("name")  #!
""",
    """
import json

def names(path):
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    if not isinstance(data, list):
        raise ValueError("no list")
    return [item.get("name") for item in data]  #!
""",
    """
from typing import Any

def apply(payload: dict[str, Any]) -> list[str]:
    return [str(name) for name in payload["names"] or []]  #!
""",
    """
import json
from typing import Any

def arguments(text: str) -> dict[str, Any]:
    try:
        return json.loads(text) if text else {}  #!
    except ValueError:
        return {}
""",
    """
import json
from typing import Any

def call(tool, text: str):
    given: dict[str, Any] = json.loads(text)  #!
    return tool(given)
""",
    """
def mark(message):
    if isinstance(message.content, list) and message.content:
        message.content[-1]["cache"] = True  #!
""",
)
GOOD = (
    """
import json
import jsonschema

SCHEMA = {"type": "array"}

def rows(path):
    with open(path) as file:
        data = json.load(file)
    jsonschema.validate(data, SCHEMA)
    return [row for row in data]

def title(path):
    with open(path) as file:
        data = json.load(file)
    if isinstance(data, dict) and isinstance(data.get("title"), str):
        return data["title"].strip()
    return ""
""",
    """
import json
from typing import Any

def arguments(text: str) -> dict[str, Any]:
    given = json.loads(text)
    if not isinstance(given, dict):
        raise ValueError("no object")
    return given
""",
    """
from typing import Any

def globs(meta: dict[str, Any]) -> list[str]:
    found = []
    for pattern in meta.get("globs") or []:  #~
        found.append(pattern)
    return found
""",
    """
import json
import sys

def main():
    event = json.loads(sys.stdin.read())
    if not isinstance(event, dict):
        return None
    return event.get("name")
""",
    """
import json

def load(text):
    try:
        return json.loads(text).get("name")
    except (ValueError, AttributeError):
        return None
""",
)

_EXPECTS = {
    "method": "has no {detail}()",
    "attribute": "has no {detail}",
    "key": "is not a mapping",
    "index": "is not a list",
    "slice": "is not a list or string",
    "iterate": "is not a list",
    "unpack": "is not a list",
    "contains": "is not a container",
    "spread": "is not a mapping",
    "arithmetic": "is not a number",
    "compare": "is not a number",
}
_ITERATING = frozenset(
    {"enumerate", "sorted", "reversed", "list", "tuple", "set", "zip", "iter", "map", "filter", "range"}
)
"""What goes through its argument and gives something that can be gone through."""


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find uses of decoded data that only one type survives."""
    looked, parts, validations = looked_at(view), parts_looked_at(view), Validations(view)
    told: set[Place | None] = set()
    for fact, error in first_misuses(view, partial(_error, view, looked)):
        if spelled(fact.subject.text) in parts or validations.hold(fact.subject, fact.span.line):
            continue
        told.add(fact.subject.made_at)
        if not ends(view, fact, error):
            yield _finding(view, rule, fact, error)
    yield from _declared(view, rule, told | {place for _, place in looked})


def _error(view: View, looked: frozenset[tuple[str, Place | None]], fact: Usage) -> str | None:
    value = fact.subject
    operation = _operation(fact)
    if not value.decoded or operation not in _EXPECTS:
        return None
    if not value.text or value.none or value.type is not None or checked(value):
        return None
    if fact.operation == "key" and is_text_key(fact.detail) and not fact.stored and not _key_is_sure(view, fact):
        return None  # told by missing-key
    if value.made_by in _ITERATING or (value.text, value.made_at) in looked:
        return None
    return RAISES[operation]


def _operation(fact: Usage) -> str:
    return "iterate" if fact.operation == "argument" and fact.callee in _ITERATING else fact.operation


def _declared(view: View, rule: Rule, told: set[Place | None]) -> Iterator[Finding]:
    """Find data that is called a mapping or list by an annotation only, and goes on under that name."""
    for fact in view.unit.facts:
        if isinstance(fact, Return):
            value, kind = fact.value, _CONTAINER.match(view.unit.returns or "")
            if fact.yields or fact.context.function != view.unit.name:
                continue
        elif isinstance(fact, Store):
            value, kind = fact.value, _DECLARED.match(fact.code)
        else:
            continue
        if value is None or kind is None or not really_decoded(value) or value.made_at in told:
            continue
        if value.made_by is None or not value.made_by.startswith(_ANY_SHAPE) or value.none or checked(value):
            continue
        told.add(value.made_at)
        wanted, others = ("list", "mapping") if kind["type"] in ("list", "List", "Sequence") else ("dict", "list")
        source = f"what {value.made_by}() gives" + (f" from {source_of(value)}" if source_of(value) else "")
        yield rule.finding(
            view,
            fact,
            f"{source} is declared as a {wanted} but never checked: it may be a {others}, a number or null",
            severity=Severity.LOW if view.is_test else Severity.MEDIUM,
            exceptions=("AttributeError", "TypeError"),
            explanation=f"An annotation checks nothing. Whoever uses the {wanted} gets AttributeError or TypeError, far"
            f" from the handlers for malformed text. {rule.how}",
        )


_CONTAINER = re.compile(r"(typing\.|t\.)?(?P<type>[dD]ict|[lL]ist|Mapping|Sequence)\b(?!.*(\||Union))")
_DECLARED = re.compile(r"[\w.]+ *: *(typing\.|t\.)?(?P<type>[dD]ict|[lL]ist|Mapping|Sequence)\b[^|=]*=")
_ANY_SHAPE = ("json.", "yaml.", "ast.literal_eval")
"""Decoders that give whatever type stands in the text."""


def _key_is_sure(view: View, fact: Usage) -> bool:
    return f"key:{fact.detail}" in fact.subject.guards or ends(view, fact, "KeyError")


def _finding(view: View, rule: Rule, fact: Usage, error: str) -> Finding:
    value = fact.subject
    severity = severity_of(view, value)
    loud = severity is not Severity.LOW
    reason = _EXPECTS[_operation(fact)].format(detail=fact.detail)
    return misuse(
        view,
        rule,
        fact,
        error,
        f"{value.text} comes from {source_of(value) or 'elsewhere'} and its type is never checked:"
        f" {error} when it {reason}",
        severity=severity,
        confidence=Confidence.MEDIUM if loud else Confidence.LOW,
        explanation=f"Decoded data may be of any type. When {value.text} {reason}, {error} propagates out of"
        f" {scope(fact.context.function)}.",
    )
