"""None that is expected elsewhere.

An attribute is compared with None in one place and used without a look in another of the same file.

Why: The comparison shows that it can be None; where the other place runs first, or after a reset, AttributeError or
TypeError about 'NoneType' follows.

Instead: Make the same check here, or see to it that the attribute always holds a value and drop the other check.

Source: https://docs.python.org/3/library/constants.html#None
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.provenance import ends
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Unit, Usage, Value
from reviewer.domain.finding import Confidence, Evidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.LOW

BAD = (
    """
class Feed:
    def close(self):
        if self.client is not None:
            self.client.close()

    def read(self):
        return self.client.read()  #!
""",
)
GOOD = (
    """
class Feed:
    def close(self):
        if self.client is not None:
            self.client.close()

    def read(self):
        if self.client is None:
            return b""
        return self.client.read()
""",
    """
class Feed:
    def read(self):
        return self.client.read()
""",
)

_NEEDY = frozenset({"len", "iter", "next", "int", "float", "sorted", "list", "dict", "sum"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find attributes used unguarded that other functions compare with None."""
    if view.is_test or view.unit.name.endswith("__init__"):
        return
    seen: set[str] = set()
    for fact in view.unit.facts:
        if not isinstance(fact, Call):
            continue
        value = _used(fact)
        if value is None or value.text in seen or value.none or value.guards or value.made_by:
            continue
        seen.add(value.text)
        error = "AttributeError" if value is fact.receiver else "TypeError"
        place = _compared(view, value.text)
        if place is None or ends(view, fact, error) or _assigned_here(view.unit, value.text):
            continue
        yield rule.finding(
            view,
            fact,
            f"{value.text} is used here without a check, but line {place} allows for None",
            confidence=Confidence.LOW,
            exceptions=(error,),
            evidence=(Evidence(view.path, place, f"{value.text} is compared with None here"),),
        )


def _used(fact: Call) -> Value | None:
    receiver = fact.receiver
    if receiver is not None and "." in receiver.text and receiver.text.replace(".", "").replace("_", "").isalnum():
        return receiver
    if fact.callee in _NEEDY and fact.arguments and "." in fact.arguments[0].value.text:
        value = fact.arguments[0].value
        return value if value.text.replace(".", "").replace("_", "").isalnum() else None
    return None


def _compared(view: View, text: str) -> int | None:
    """A line of another function of the same class, or for other attributes of the file, that compares with None."""
    owner = view.unit.name.rpartition(".")[0]
    for peer in view.peers:
        if peer is view.unit or (text.startswith("self.") and peer.name.rpartition(".")[0] != owner):
            continue
        for fact in peer.facts:
            if (
                isinstance(fact, Usage)
                and fact.operation == "test"
                and fact.detail == "not-none"
                and fact.subject.text == text
                and " None" in fact.code
            ):
                return fact.span.line
    return None


def _assigned_here(unit: Unit, text: str) -> bool:
    return any(getattr(fact, "target", None) == text for fact in unit.facts)
