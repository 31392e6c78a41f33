"""Generator in which next() may run dry.

A generator calls `next` without a default, and nothing there handles StopIteration.

Why: Since Python 3.7 a StopIteration that leaves a generator's body becomes RuntimeError, so the loop over the
generator does not end quietly but fails.

Instead: Give `next` a default, or catch StopIteration and return.

Source: https://peps.python.org/pep-0479/ (PEP 479)
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import callee
from reviewer.domain.fact import Call, Value
from reviewer.domain.finding import Finding, Question, Severity

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
def pairs(lines):
    source = iter(lines)
    for line in source:
        yield line, next(source)  #!
""",
)
GOOD = (
    """
def pairs(lines):
    source = iter(lines)
    for line in source:
        yield line, next(source, None)
""",
    """
def pairs(lines):
    source = iter(lines)
    while True:
        try:
            yield next(source), next(source)
        except StopIteration:
            return
""",
    """
import itertools

def numbered(rows):
    numbers = itertools.count()
    for row in rows:
        yield next(numbers), row
""",
)

_ENDLESS = frozenset({"itertools.count", "itertools.cycle", "itertools.repeat"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find `next` without a default in generators."""
    if not view.unit.is_generator:
        return
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.callee != "next" or len(fact.arguments) != 1:
            continue
        source = fact.arguments[0].value
        if fact.context.inside("lambda") is not None or _endless(source):
            continue
        if view.hierarchy.catcher(fact.context, "StopIteration") is None:
            yield rule.finding(
                view,
                fact,
                f"{callee(fact)} on {source.text} raises RuntimeError out of this generator when nothing is left",
                severity=Severity.MEDIUM if source.made_by == "iter" and not view.is_test else Severity.LOW,
                exceptions=("StopIteration", "RuntimeError"),
            )


def _endless(source: Value) -> bool:
    return source.made_by in _ENDLESS or source.type in _ENDLESS
