"""Uses that a value of the wrong kind does not survive: what the rules about None and about decoded data share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reviewer.detectors.provenance import made_here
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Usage
from reviewer.domain.finding import Confidence, Finding, Severity

RAISES = {
    "method": "AttributeError",
    "attribute": "AttributeError",
    "key": "TypeError",
    "index": "TypeError",
    "slice": "TypeError",
    "iterate": "TypeError",
    "unpack": "TypeError",
    "contains": "TypeError",
    "spread": "TypeError",
    "arithmetic": "TypeError",
    "compare": "TypeError",
    "divide": "TypeError",
}
"""Operation -> what it raises on a value of a kind that does not have it."""
NEEDY = frozenset({"len", "int", "float", "sorted", "list", "set", "tuple", "sum", "max", "min", "enumerate", "dict"})
"""Functions that raise TypeError on None."""


def first_misuses(view: View, error_of: Callable[[Usage], str | None]) -> Iterator[tuple[Usage, str]]:
    """The first failing use of each value of a unit, by the text of the value, with what it raises.

    Args:
        view: what is looked at.
        error_of: what a use may raise; None where it does not fail or is told elsewhere.
    """
    seen: set[str] = set()
    for fact in view.unit.facts:
        if not isinstance(fact, Usage) or fact.subject.text in seen:
            continue
        error = error_of(fact)
        if error is not None:
            seen.add(fact.subject.text)
            yield fact, error


def misuse(
    view: View,
    rule: Rule,
    use: Usage,
    error: str,
    message: str,
    *,
    severity: Severity,
    confidence: Confidence,
    explanation: str,
    hushed: str = "",
) -> Finding:
    """The finding on a use that raises, with the place where the value was made and the rule's advice.

    Args:
        view: where the use was seen.
        rule: whose finding it is.
        use: the use.
        error: what it raises.
        message: one line naming the value.
        severity: the harm.
        confidence: how likely it is true.
        explanation: what happens; the advice follows.
        hushed: why it is to stay quiet whatever else speaks for it, in words.
    """
    return rule.finding(
        view,
        use,
        message,
        severity=severity,
        confidence=confidence,
        exceptions=(error,),
        evidence=made_here(view, use.subject, use.span.line),
        explanation=f"{explanation} {rule.how}",
        hushed=hushed,
    )
