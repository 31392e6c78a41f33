"""None used as if it were a value.

A result that may be None, by its documentation, its annotation or its own code, is used without a look.

Why: The case without a result (no match, no row, a variable that is not set, an option not given) is ordinary; then
AttributeError or TypeError about 'NoneType' appears far from the cause.

Instead: Handle the missing value: return early, raise an error that names what is missing, or use a default.

Source: https://docs.python.org/3/library/re.html#re.match
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.misuse import NEEDY, RAISES, first_misuses, misuse
from reviewer.detectors.provenance import ends
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import scope
from reviewer.domain.fact import Usage, Value
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import re

def version(text):
    return re.search(r"v([0-9]+)", text).group(1)  #!
""",
    """
import os

def folder():
    return os.environ.get("CACHE").rstrip("/")  #!
""",
    """
def find(rows, name):
    for row in rows:
        if row.name == name:
            return row
    return None

def price(rows):
    return find(rows, "tea").price  #!
""",
    """
def names(columns=None):
    return len(columns)  #!
""",
    """
def words(client, messages):
    answer = client.chat.completions.create(messages=messages, timeout=30)
    return answer.choices[0].message.content.split()  #!
""",
    """
def texts(chunk):
    return [part.text for part in chunk.candidates[0].content.parts]  #!
""",
    """
def label(table, name):
    rate = table.get("rate")
    return f"{rate:.2f}", sorted(table, key=lambda row: row.get("age"))  #!
""",
)
GOOD = (
    """
import yaml

def show(row):
    return yaml.dump([row], sort_keys=False).strip()
""",
    """
def texts(chunk):
    return [part.text for part in chunk.candidates[0].content.parts or []]
""",
    """
import re

def version(text):
    match = re.search(r"v([0-9]+)", text)
    return match.group(1) if match else None
""",
    """
import os

def folder():
    return os.environ.get("CACHE", "/tmp").rstrip("/")
""",
    """
def names(columns=None):
    columns = columns or []
    return len(columns)
""",
)

_RAISES = RAISES | {"call": "TypeError", "context": "AttributeError"}
_NEEDY = NEEDY | {"iter", "next", "str.join"}
_NEEDY_MODULES = ("re.", "os.path.", "json.loads", "pathlib.Path", "datetime.datetime.", "shlex.")
_LOOKUPS = frozenset({"dict.get", "os.environ.get", "os.getenv", "shutil.which", "re.match", "re.search"})
_WEAK = (
    "as under pythonw",
    "no standard output",
    "is None until it is set",
    "its annotation allows None",
    "is None when it is not given",
    "starts as None",
    "ends without a value on some path",
)
"""Reasons that a program's own order of steps often rules out, where no guard can be seen."""


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find uses that None does not survive."""
    for fact, error in first_misuses(view, _error):
        if not ends(view, fact, error):
            yield _finding(view, rule, fact, error)


def _error(fact: Usage) -> str | None:
    if not fact.subject.none or _told_elsewhere(fact.subject):
        return None
    if fact.operation in _RAISES:
        return _RAISES[fact.operation]
    if fact.operation == "format" and fact.detail:
        return "TypeError"  # None takes no format specification
    if fact.operation != "argument":
        return None
    if _is_lookup(fact) and (fact.callee is None or "." in fact.callee) and not _reports(fact):
        return "TypeError"
    if fact.subject.none == "it is None on one path" and fact.detail.isdigit() and not _reports(fact):
        return "TypeError"
    if fact.callee is None or fact.detail != "0":
        return None
    return "TypeError" if fact.callee in _NEEDY or fact.callee.startswith(_NEEDY_MODULES) else None


def _is_lookup(fact: Usage) -> bool:
    """A search handed on where it stands, as in `send(table.get(name))`: nobody can have looked at the result."""
    value = fact.subject
    return (
        value.text.endswith(")") and value.made_by in _LOOKUPS and value.made_at == (fact.span.line, fact.span.column)
    )


def _reports(fact: Usage) -> bool:
    """An argument of a log line, for which None is as good as any value."""
    return "log" in (fact.callee or "") or ".log" in fact.code or "logger" in fact.code or "print(" in fact.code


def _told_elsewhere(value: Value) -> bool:
    return value.made_by == "dict.get" and value.none is not None and value.none.endswith("with null")


def _finding(view: View, rule: Rule, fact: Usage, error: str) -> Finding:
    value = fact.subject
    none = value.none or ""
    weak = none.endswith(_WEAK) or view.is_test or fact.operation == "argument"
    # What is asked for with a default is mostly there, and seldom null.
    weak = weak or value.made_by == "getattr" or (value.made_by == "dict.pop" and none.endswith("with null"))
    return misuse(
        view,
        rule,
        fact,
        error,
        f"{value.text} may be None ({value.none}) and is used without a check",
        severity=Severity.LOW if weak else Severity.MEDIUM,
        confidence=Confidence.LOW if weak else Confidence.MEDIUM,
        explanation=f"When {value.text} is None, this raises {error} out of {scope(fact.context.function)}.",
    )
