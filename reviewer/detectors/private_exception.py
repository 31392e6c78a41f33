"""Handler that names an exception through a library's private module.

An `except` clause reaches the exception through a module whose name begins with an underscore.

Why: Such a module is not imported with the package and may be moved in any release. The clause is looked up only when
an error is already there; then it raises AttributeError itself, and the error that it was meant for goes on
unhandled.

Instead: Import the exception by its public name at the top of the file.

Source: https://peps.python.org/pep-0008/#public-and-internal-interfaces (PEP 8)
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import clause
from reviewer.domain.fact import Handler, TryStatement
from reviewer.domain.finding import Evidence, Finding, Question, Severity

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import browserlib

def visit(page, url):
    try:
        page.goto(url)
    except browserlib._core._errors.TimeoutError:  #!
        return None
    return page
""",
)
GOOD = (
    """
from browserlib import TimeoutError as PageTimeout

def visit(page, url):
    try:
        page.goto(url)
    except PageTimeout:
        return None
    return page
""",
    """
class _Stop(Exception):
    pass

def visit(page, url):
    try:
        page.goto(url)
    except _Stop:
        return None
    return page
""",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find clauses whose exception is written with a private module in the middle."""
    for fact in view.unit.facts:
        if not isinstance(fact, TryStatement) or fact.statement is None:
            continue
        for handler in fact.statement.handlers:
            for name in _private(handler):
                yield rule.finding(
                    view,
                    fact,
                    f"{clause(handler)} finds {name} in a private module, which may not be there when an error comes",
                    span=handler.span,
                    severity=Severity.LOW if view.is_test else None,
                    exceptions=("AttributeError",),
                    evidence=(Evidence(view.path, fact.span.line, "the try that it guards"),),
                )


def _private(handler: Handler) -> Iterator[str]:
    for name in handler.types:
        parts = name.split(".")
        # A leading part that is private is the file's own; the last one is the class.
        if any(part.startswith("_") and not part.startswith("__") for part in parts[1:-1]) and name in handler.code:
            yield name
