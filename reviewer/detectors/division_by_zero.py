"""Division by what may be zero.

Something is divided by a count, a sum, a length or an outside number, and nothing excludes zero.

Why: The empty case is the first day of a new customer, an empty batch, a file of size 0; ZeroDivisionError then ends
what would have been a harmless report.

Instead: Treat zero before dividing: `total / count if count else 0`, or return early.

Source: https://docs.python.org/3/library/exceptions.html#ZeroDivisionError
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.provenance import calls_by_place, ends, made_here, maker, source_of
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Usage, Value
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.MEDIUM

BAD = (
    """
def mean(rows):
    return sum(rows) / len(rows)  #!
""",
    """
def rate(rows):
    good = [row for row in rows if row.good]
    return sum(row.price for row in good) / len(good)  #!
""",
    """
import os

def share(total):
    return total / int(os.environ["PARTS"])  #!
""",
)
GOOD = (
    """
def mean(rows):
    if not rows:
        return 0
    return sum(rows) / len(rows)
""",
    """
def mean(rows):
    count = len(rows)
    return sum(rows) / count if count else 0
""",
    """
def half(size):
    return size / 2 + size / max(1, size)
""",
    """
def label(name, size):
    return "%s has %s" % (name, size)
""",
)

_COUNTS = frozenset({"len", "sum"})
_NUMBERS = (None, "int", "float")


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find divisors that may be zero."""
    calls: dict[tuple[str, int, int], Call] | None = None
    seen: set[str] = set()
    for fact in view.unit.facts:
        if not isinstance(fact, Usage) or fact.operation != "divide" or fact.subject.text in seen:
            continue
        value = fact.subject
        if value.literal is not None or value.type not in _NUMBERS or value.guards & {"nonzero", "truthy"}:
            continue
        if value.made_by not in _COUNTS and not value.boundary and not value.parameter:
            continue
        if _is_formatting(fact) or ends(view, fact, "ZeroDivisionError"):
            continue
        measured = None
        if value.made_by in _COUNTS:
            if calls is None:
                calls = calls_by_place(view.unit.facts)
            made = maker(calls, value)
            measured = made.arguments[0].value if made is not None and made.arguments else None
            if measured is not None and _never_empty(measured):
                continue
        seen.add(value.text)
        yield _finding(view, rule, fact, measured)


def _never_empty(value: Value) -> bool:
    if (
        value.type in ("list", "tuple", "dict", "set")
        and value.literal is None
        and not value.empty
        and not value.made_by
    ):
        return not value.parameter  # a display with elements
    return bool(value.guards & {"truthy", "length"}) or any(guard.startswith("passed:") for guard in value.guards)


def _is_formatting(fact: Usage) -> bool:
    """`template % values` of unknown sides is as likely text as arithmetic."""
    start = fact.code.find(fact.detail + " %") if fact.detail else -1
    return "%" in fact.code and (start >= 0 or "/" not in fact.code) and fact.subject.made_by not in _COUNTS


def _finding(view: View, rule: Rule, fact: Usage, measured: Value | None) -> Finding:
    value = fact.subject
    loud = (value.boundary is not None or (measured is not None and bool(measured.empty))) and not view.is_test
    if measured is not None:
        reason = f"{measured.text} {'is empty' if not measured.empty else 'may be empty: ' + measured.empty}"
    else:
        reason = f"{source_of(value)} gives 0"
    return rule.finding(
        view,
        fact,
        f"{fact.detail + ' / ' if fact.detail else ''}{value.text} raises ZeroDivisionError when {reason}",
        severity=Severity.MEDIUM if loud else Severity.LOW,
        confidence=Confidence.MEDIUM if loud else Confidence.LOW,
        exceptions=("ZeroDivisionError",),
        evidence=made_here(view, value, fact.span.line),
    )
