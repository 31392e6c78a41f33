"""Search that raises when it finds nothing.

`index`, `rindex` or `remove` is called, and nothing says that the searched part occurs.

Why: Other than `find`, these raise ValueError when the part is missing, which is ordinary for outside text and for
lists that others change.

Instead: Test with `in` first, use `find` or `partition`, or catch ValueError.

Source: https://docs.python.org/3/library/stdtypes.html#str.index
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.provenance import ends, source_of
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.LOW

BAD = (
    """
def after(text: str) -> str:
    return text[text.index("=") + 1 :]  #!
""",
    """
import sys

def target():
    return sys.argv[sys.argv.index("--to") + 1]  #!
""",
)
GOOD = (
    """
def after(text: str) -> str:
    if "=" not in text:
        return ""
    return text[text.index("=") + 1 :]
""",
    """
def after(text: str) -> str:
    try:
        return text[text.index("=") + 1 :]
    except ValueError:
        return ""
""",
)

_SEARCHES = frozenset(
    {"str.index", "str.rindex", "bytes.index", "bytes.rindex", "list.index", "tuple.index", "list.remove"}
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find searches that end in ValueError."""
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.receiver is None or not fact.arguments:
            continue
        value = fact.receiver
        by_name = fact.callee is None and value.parameter and fact.text.endswith((".index", ".rindex"))
        if fact.callee not in _SEARCHES and not by_name:
            continue
        if any(guard.startswith(("key:", "passed:")) for guard in value.guards) or ends(view, fact, "ValueError"):
            continue
        if "in" in fact.arguments[0].value.guards:
            continue
        loud = value.boundary is not None and not view.is_test
        source = source_of(value)
        yield rule.finding(
            view,
            fact,
            f"{fact.text}({fact.arguments[0].value.text}) raises ValueError when it does not occur"
            + (f" in what comes from {source}" if source else ""),
            severity=Severity.MEDIUM if loud else Severity.LOW,
            confidence=Confidence.MEDIUM if loud else Confidence.LOW,
            exceptions=("ValueError",),
        )
