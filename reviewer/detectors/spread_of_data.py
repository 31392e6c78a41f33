"""Decoded data spread into a call.

A decoded mapping is handed on as keyword arguments: `Config(**json.load(file))`.

Why: The call's signature then is a contract with whoever writes the data: a key that is new, renamed or left out raises
TypeError (or the model's ValidationError) from inside the construction, also when only the other side was updated.

Instead: Pick the known keys, or validate with a model that ignores extra ones and names the missing; handle its error.

Source: https://docs.python.org/3/tutorial/controlflow.html#unpacking-argument-lists
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.provenance import MODEL, checked, ends, made_here, severity_of, source_of
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Usage
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import json

def load(path, Config):
    with open(path, encoding="utf-8") as file:
        return Config(**json.load(file))  #!
""",
)
GOOD = (
    """
import json

def load(path, Config):
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    try:
        return Config(**data)
    except (TypeError, ValueError):
        return Config()
""",
    """
import json

def merge(text):
    return {"size": 1, **json.loads(text)}
""",
    """
import pydantic
import yaml

class Template(pydantic.BaseModel):
    name: str

class Longer(Template):
    prompt: str = ""

def load(text):
    given = yaml.safe_load(text) or {}
    try:
        return Longer(**given)
    except pydantic.ValidationError:
        return None
""",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find keyword arguments taken from data that nobody has checked."""
    for fact in view.unit.facts:
        if not isinstance(fact, Usage) or fact.operation != "spread" or fact.detail != "**":
            continue
        value = fact.subject
        if not value.decoded or checked(value) or not _in_call(fact) or ends(view, fact, "TypeError"):
            continue
        if fact.callee is not None and MODEL in view.hierarchy.ancestors(fact.callee):
            continue  # it takes any keys, and says which of them it does not want by an error of its own
        if value.text == value.parameter:
            continue  # forwarding: the caller's keys are the caller's business
        severity = severity_of(view, value)
        yield rule.finding(
            view,
            fact,
            f"**{value.text} passes the keys of {source_of(value)} as arguments: one too many or too few: TypeError",
            severity=severity,
            confidence=Confidence.MEDIUM if severity is not Severity.LOW else Confidence.LOW,
            exceptions=("TypeError",),
            evidence=made_here(view, value, fact.span.line),
        )


def _in_call(fact: Usage) -> bool:
    """Whether the statement's line shows the spread inside parentheses; in braces it only merges mappings."""
    before, found, _ = fact.code.partition(f"**{fact.subject.text}")
    return bool(found) and "{" not in before
