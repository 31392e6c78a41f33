"""Types that an isinstance chain leaves over.

A function tells types of its argument apart, and what remains is used as if it could only be one.

Why: The callers evidently pass several types; None, a number or a new class falls through all branches to the last,
which then fails with TypeError or AttributeError about a value that looks harmless.

Instead: Name the last type as well, and raise TypeError or pass the value on unchanged for all others.

Source: https://docs.python.org/3/library/functions.html#isinstance
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.provenance import ends
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Usage, Value
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.LOW

BAD = (
    """
def encode(value):
    if isinstance(value, dict):
        return {key: encode(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(part) for part in value]
    return value.encode("utf-8")  #!
""",
    """
def follow(base, url):
    if isinstance(url, Link):
        url = url.url
    return base.join(url)
""".replace("    return base.join(url)", "    else:\n        url = base.join(url)  #!\n    return url"),
)
GOOD = (
    """
def encode(value):
    if isinstance(value, dict):
        return {key: encode(part) for key, part in value.items()}
    if isinstance(value, str):
        return value.encode("utf-8")
    return value
""",
    """
def name(value):
    if isinstance(value, dict):
        return value["name"]
    return str(value)
""",
    """
def first(value: str | bytes) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value.strip()
""",
    """
import json

def written(value):
    return json.dumps(value, default=str) if value is not None else None

def flat(value):
    return value if isinstance(value, str) or isinstance(value, int) else written(value)
""",
)

_EXCLUDED = ("not-isinstance:", "not-attribute:")
_ANY = frozenset(
    {
        "str", "repr", "isinstance", "type", "print", "bool", "hasattr", "getattr", "id", "issubclass", "callable",
        "super", "format", "list.append", "setattr", "json.dumps", "cast", "typing.cast",
    }
)  # fmt: skip
"""What takes any value."""
_ASKING = ("is_", "has_", "can_", "should_", "check", "validate", "isinstance")
_ANY_METHODS = (
    "append",
    "add",
    "insert",
    "put",
    "debug",
    "info",
    "warning",
    "error",
    "exception",
    "log",
    "get",
    "setdefault",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find uses of a parameter behind negative isinstance tests."""
    annotated = {parameter.name for parameter in view.unit.parameters if parameter.annotation not in (None, "Any")}
    seen: set[str] = set()
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.callee in _ANY or fact.use == "condition":
            continue
        name = fact.text.rpartition(".")[2]
        if name in _ANY_METHODS or name.startswith(_ASKING):
            continue
        value = _left_over(fact)
        if value is None or value.text in seen or value.parameter in annotated:
            continue
        seen.add(value.text)
        if fact.text.endswith(("Error", "Exception", "Warning")) or ends(view, fact, "TypeError"):
            continue
        if _takes_any(view, fact):
            continue
        chain = sum(guard.startswith((*_EXCLUDED, "failed:")) for guard in value.guards) > 1
        excluded = ", ".join(sorted(guard.partition(":")[2] for guard in value.guards if guard.startswith(_EXCLUDED)))
        yield rule.finding(
            view,
            fact,
            f"{value.text} may be of any type but {excluded} here, and {fact.text}() takes it for one",
            severity=Severity.MEDIUM if chain and not view.is_test else Severity.LOW,
            confidence=Confidence.MEDIUM if chain else Confidence.LOW,
            exceptions=("TypeError", "AttributeError"),
        )


def _takes_any(view: View, call: Call) -> bool:
    """Whether it calls a function of the file that does nothing with what it is given but what any value survives."""
    inner = view.flow.callee(call)
    unit = view.flow.definitions.unit(inner) if inner is not None else None
    if unit is None:
        return False
    calls = [fact for fact in unit.facts if isinstance(fact, Call) and any(one.parameter for one in _operands(fact))]
    uses = [fact for fact in unit.facts if isinstance(fact, Usage) and fact.subject.parameter]
    return (
        bool(calls)
        and all(fact.callee in _ANY for fact in calls)
        and all(use.operation in ("test", "return", "argument") for use in uses)
    )


def _operands(call: Call) -> list[Value]:
    """The receiver, where there is one, and the arguments."""
    given = [argument.value for argument in call.arguments]
    return given if call.receiver is None else [call.receiver, *given]


def _left_over(fact: Call) -> Value | None:
    """The receiver or argument that is known only by what it is not."""
    for value in _operands(fact):
        if value.parameter is None or value.type is not None or value.literal is not None:
            continue
        excluded = any(guard.startswith(_EXCLUDED) for guard in value.guards)
        if excluded and not any(_admits(guard, value.guards) for guard in value.guards):
            return value
    return None


def _admits(guard: str, guards: frozenset[str]) -> bool:
    """Whether a guard says what the value is; a predicate that came out false does not."""
    if guard.startswith("passed:"):
        return "failed" + guard[6:] not in guards
    return guard.startswith(("isinstance:", "attribute:", "checked:"))
