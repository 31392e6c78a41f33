"""Return in a finally block.

A `return` in `finally` takes the place of whatever was on its way out, an exception included.

Why: The error of the body is dropped without a trace, and the caller goes on with the value from the clean-up.

Instead: Let `finally` only release; return after it, or in the handler that knows the error.

Source: https://docs.python.org/3/tutorial/errors.html#defining-clean-up-actions
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Return, TryStatement
from reviewer.domain.finding import Confidence, Evidence, Finding, Question, Severity

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
def total(rows):
    result = 0
    try:
        for row in rows:
            result += int(row)
    finally:
        return result  #!
""",
)
GOOD = (
    """
def total(rows, log):
    result = 0
    try:
        for row in rows:
            result += int(row)
    finally:
        log.close()
    return result
""",
    """
def outer(rows, log):
    try:
        rows.load()
    finally:
        def done():
            return log
        log.close(done)
""",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find returns that stand in a `finally` of their own function."""
    for fact in view.unit.facts:
        if not isinstance(fact, TryStatement):
            continue
        for final in fact.finals:
            if not isinstance(final, Return) or final.yields or final.context.function != fact.context.function:
                continue
            yield rule.finding(
                view,
                final,
                f"'{final.code}' in finally discards an exception that is propagating out of {fact.context.function}",
                severity=Severity.LOW if view.is_test else None,
                confidence=Confidence.HIGH,
                evidence=(Evidence(view.path, fact.span.line, "the try whose error is lost"),),
                explanation=f"{rule.why} {rule.how}",
            )
