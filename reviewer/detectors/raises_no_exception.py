"""Raise of something that is no exception.

What stands after `raise` is a text, a constant or a class that does not inherit from BaseException.

Why: Python answers with "exceptions must derive from BaseException", so the handlers that wait for the meant error do
not see it and its message is lost.

Instead: Raise an exception class, NotImplementedError rather than NotImplemented.

Source: https://docs.python.org/3/reference/simple_stmts.html#the-raise-statement
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Raise
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
def area(shape):
    raise NotImplemented  #!
""",
    """
class Refused:
    pass

def pay(amount):
    if amount < 0:
        raise Refused()  #!
""",
    """
def pay(amount):
    if amount < 0:
        raise "negative amount"  #!
""",
)
GOOD = (
    """
class Refused(ValueError):
    pass

def pay(amount):
    if amount < 0:
        raise Refused(amount)
    raise NotImplementedError
""",
    """
from shop.errors import Base

class Refused(Base):
    pass

def pay(amount, error):
    if amount < 0:
        raise Refused(amount)
    raise error
""",
)

_VALUES = frozenset({"NotImplemented", "str", "bytes", "int", "float", "tuple", "list", "dict", "set", "bool"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find raises of values, and of classes of the file that inherit from no exception."""
    for fact in view.unit.facts:
        if isinstance(fact, Raise) and fact.exception and not fact.reraise and _is_none(view, fact.exception):
            yield rule.finding(
                view,
                fact,
                f"'{fact.code}' raises TypeError: {fact.exception.lstrip('.')} is not an exception",
                confidence=Confidence.HIGH,
                exceptions=("TypeError",),
            )


def _is_none(view: View, name: str) -> bool:
    if name in _VALUES:
        return True
    if not name.startswith(".") or not view.flow.definitions.is_class(name[1:]):
        return False
    # A base that is unknown, or a metaclass's doing, may be an exception.
    return view.hierarchy.ancestors(name) in ((name,), (name, "object"))
