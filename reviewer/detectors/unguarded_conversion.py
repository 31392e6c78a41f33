"""Conversion of outside text without a way out.

Text from outside, or a parameter, goes through `int()`, `float()`, `datetime.fromisoformat()`, an enum or another
strict conversion, and nothing catches what it raises on other text.

Why: Sooner or later the text is empty, "n/a", of another format or a new member; then ValueError ends the request or
the start of the program, and its message does not say which setting or field was wrong.

Instead: Catch the exception where the text comes in and answer with the name of the field; or give the default that
makes sense.

Source: https://docs.python.org/3/library/functions.html#int
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.provenance import ends, made_here, source_of
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import scope
from reviewer.domain.fact import Call, Value
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import os

def workers():
    return int(os.environ.get("WORKERS", "4"))  #!
""",
    """
from urllib.parse import parse_qs

def page(environ, query: str):
    return int(parse_qs(query).get("page", ["1"])[0])  #!
""",
    """
from datetime import datetime

def when(text: str):
    return datetime.strptime(text, "%Y-%m-%d")  #!
""",
)
GOOD = (
    """
import os

def workers():
    try:
        return int(os.environ.get("WORKERS", "4"))
    except ValueError:
        return 4
""",
    """
import re

def number(text):
    return int("4") + int(3.5) + (int(text) if text.isdigit() else 0)
""",
    """
def size(rows):
    return int(len(rows) / 2)
""",
)

_NUMBERS = ("int", "float", "bool")
_OWN = frozenset({"TypeError", "KeyError", "IndexError", "RecursionError", "StopIteration", "AttributeError"})
"""Errors that other rules tell of."""
_NOT_CONVERSIONS = (
    "list.",
    "set.",
    "dict",
    "str.index",
    "str.rindex",
    "bytes.index",
    "bytes.rindex",
    "tuple.",
    "bytearray.pop",
    "random.",
    "statistics.",
    "max",
    "min",
    "next",
    "json.dump",
)
_QUIET = ("urllib.parse.", "os.path.", "chr", "datetime.datetime.replace", "datetime.date.replace", "bytes.", "str.")


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find strict conversions of text nobody has checked."""
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or not fact.arguments:
            continue
        if fact.known is None:
            if fact.callee is not None and fact.callee.startswith("."):
                yield from _of_enumeration(view, rule, fact)
            continue
        known = fact.known
        if not known.raises_input:
            continue
        if known.kind is not None or known.name.startswith(_NOT_CONVERSIONS):
            continue
        value = _operand(fact)
        if value is None or not _doubtful(value, known.name):
            continue
        errors = tuple(name for name in known.raises_input if name not in _OWN)
        if value.type != "bytes":
            errors = tuple(name for name in errors if name != "UnicodeDecodeError")
        open_errors = tuple(name for name in errors if not ends(view, fact, name))
        if open_errors:
            yield _finding(view, rule, fact, value, open_errors)


def _of_enumeration(view: View, rule: Rule, fact: Call) -> Iterator[Finding]:
    """A member looked up by its value, `Status(row["status"])`, for an enumeration of this file."""
    value = fact.arguments[0].value
    if len(fact.arguments) != 1 or not _doubtful(value, fact.callee or "") or ends(view, fact, "ValueError"):
        return
    if not any(base.startswith("enum.") for base in view.hierarchy.ancestors(fact.callee or "")):
        return
    loud = value.boundary is not None and not view.is_test
    yield rule.finding(
        view,
        fact,
        f"{fact.text}({value.text}) raises ValueError when the value is not one of the members",
        severity=Severity.MEDIUM if loud else Severity.LOW,
        confidence=Confidence.MEDIUM if loud else Confidence.LOW,
        exceptions=("ValueError",),
        evidence=made_here(view, value, fact.span.line),
    )


def _operand(fact: Call) -> Value | None:
    known = fact.known
    if known is None:
        return None
    if known.passes == -1 or known.name.startswith("str.format"):
        return fact.receiver
    plain = [argument.value for argument in fact.arguments if argument.keyword is None]
    index = known.passes or 0
    return plain[index] if index < len(plain) else None


def _doubtful(value: Value, callee: str) -> bool:
    if value.literal is not None or value.type in _NUMBERS or not (value.boundary or value.parameter or value.decoded):
        return False
    if value.made_by == "re.Match.group":
        return False  # what the pattern lets through is its own check
    if callee == "decimal.Decimal" and value.type == "str" and not value.boundary:
        return True
    return not any(
        guard in ("compared", "in") or guard.startswith(("checked:isd", "checked:isn", "isinstance:int", "passed:"))
        for guard in value.guards
    )


def _finding(view: View, rule: Rule, fact: Call, value: Value, errors: tuple[str, ...]) -> Finding:
    known = fact.known
    assert known is not None  # noqa: S101 - chosen by check
    loud = value.boundary is not None and not view.is_test and not known.name.startswith(_QUIET)
    when = known.raises_input[errors[0]]
    return rule.finding(
        view,
        fact,
        f"{fact.text}({value.text}) raises {errors[0].rpartition('.')[2]} when {when}",
        severity=Severity.MEDIUM if loud else Severity.LOW,
        confidence=Confidence.MEDIUM if loud else Confidence.LOW,
        exceptions=errors,
        evidence=made_here(view, value, fact.span.line),
        explanation=f"{value.text} comes from {source_of(value)}; when {when}, {errors[0]} propagates out of"
        f" {scope(fact.context.function)}. {rule.how}",
    )
