"""Argument whose type is assumed.

A parameter without an annotation, or a part of one, goes into something that only text survives: a regular
expression, a path function, `join`, `.decode()`.

Why: Callers pass what they have: None for "not set", a number from JSON, one text instead of a list of them. Then
TypeError or AttributeError speaks of a line that is right, and `join` of one text puts a comma between its letters.

Instead: Annotate the parameter so that a type checker finds such callers, and convert or refuse what comes from
outside.

Source: https://docs.python.org/3/library/re.html#re.sub
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.provenance import ends
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Value
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.LOW

BAD = (
    """
import re

def number(text):
    return re.sub(r"[^0-9]", "", text)  #!
""",
    """
def update(headers):
    for name, value in headers.items():
        print(name, value.decode("utf-8"))  #!
""",
    """
def send(receivers):
    return ",".join(receivers)  #!
""",
)
GOOD = (
    """
import re

def number(text):
    if not isinstance(text, str):
        return ""
    return re.sub(r"[^0-9]", "", text)
""",
    """
def update(headers):
    for name, value in headers.items():
        if value is None:
            continue
        print(name, value.decode("utf-8"))
""",
    """
def send(receivers: list[str]) -> str:
    return ",".join(receivers)
""",
)

_TEXT_MODULES = ("re.", "os.path.", "json.loads", "base64.", "shlex.", "str.join", "datetime.datetime.")
_TEXT_METHODS = frozenset({"decode", "encode", "strip", "lstrip", "rstrip", "splitlines", "lower", "upper", "title"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find unchecked parameters, and parts of them, where only text fits."""
    if view.is_test:
        return
    seen: set[str] = set()
    for fact in view.unit.facts:
        if not isinstance(fact, Call):
            continue
        value = _operand(fact)
        if value is None or value.text in seen or not _open(value):
            continue
        seen.add(value.text)
        error = "AttributeError" if value is fact.receiver else "TypeError"
        if ends(view, fact, error):
            continue
        yield rule.finding(
            view,
            fact,
            f"{value.text} is taken for {_wanted(fact)} by {fact.text}(),"
            f" and nothing says what the parameter `{value.parameter}` holds",
            confidence=Confidence.LOW,
            exceptions=(error,),
        )


def _wanted(fact: Call) -> str:
    return "a list of texts" if fact.text.endswith(".join") else "text"


def _operand(fact: Call) -> Value | None:
    known = fact.known
    if known is not None and known.name.startswith(_TEXT_MODULES) and "TypeError" in known.raises_input:
        if known.name == "str.join" and len(fact.arguments) != 1:
            return None
        plain = [argument.value for argument in fact.arguments if argument.keyword is None]
        index = max(known.passes or 0, 0)
        return plain[index] if index < len(plain) else None
    receiver = fact.receiver
    if receiver is not None and fact.text.endswith(".join") and _is_constant(receiver) and len(fact.arguments) == 1:
        return fact.arguments[0].value
    if receiver is not None and receiver.parameter and fact.text.rpartition(".")[2] in _TEXT_METHODS:
        return receiver if receiver.text != receiver.parameter else None
    return None


def _is_constant(value: Value) -> bool:
    """A constant by its name, as in `SEPARATOR.join(parts)`."""
    return value.text.rpartition(".")[2].isupper()


def _open(value: Value) -> bool:
    """A parameter or part of one of which nothing is known but that it is not None."""
    if value.parameter is None or value.type is not None or value.decoded or value.boundary or value.made_by:
        return False
    return (
        value.none is None
        and not any(guard != "not-none" for guard in value.guards if value.text == value.parameter)
        and not (value.guards and value.text != value.parameter)
    )
