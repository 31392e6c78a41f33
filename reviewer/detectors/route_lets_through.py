"""Request handler that lets a check's exception through.

A route calls functions of the project that raise for bad input or a missing thing, and neither the route, nor anything
it passes, nor a handler that is registered with the application handles that.

Why: What was meant as "your request is wrong" reaches the client as an internal server error, and fills the error log
with traces that nobody can act on.

Instead: Turn the exception into the status that it means, in the route or in a registered exception handler.

Source: https://www.rfc-editor.org/rfc/rfc9110#name-500-internal-server-error (RFC 9110)
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import callee, exception, listed
from reviewer.domain.fact import Call
from reviewer.domain.finding import Confidence, Finding, Question, Severity
from reviewer.flow.risk import names, names_outside, open_risks

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
from fastapi import FastAPI

app = FastAPI()

def page_of(text):
    number = text.strip()
    if not number.isdigit():
        raise ValueError(f"no page number: {text}")
    return int(number)

@app.get("/items")
def items(page: str):
    return list_items(page_of(page))  #!
""",
)
GOOD = (
    """
from fastapi import FastAPI, HTTPException

app = FastAPI()

def page_of(text):
    if not text.isdigit():
        raise HTTPException(422, "no page number")
    return int(text)

@app.get("/items")
def items(page: str):
    return list_items(page_of(page))
""",
    """
from fastapi import FastAPI

app = FastAPI()

class Unknown(Exception):
    pass

def find(name):
    raise Unknown(name)

@app.get("/items")
def items(name: str):
    return find(name)  #~
""",
)

_PLAIN = frozenset({"ValueError", "KeyError", "TypeError", "LookupError"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find calls in routes that let a `raise` of the project out of the route."""
    boundary = view.upward.boundary(view.unit.name)
    if boundary is None or boundary.kind != "route":
        return
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or not view.flow.follows(fact):
            continue
        risks = open_risks(fact, view.flow)
        found = [risk for risk in risks if risk.raised and not boundary.handles(risk.outside, view.hierarchy)]
        if found:
            whole = view.upward.connected(boundary)
            found = [risk for risk in found if not whole.handles(risk.outside, view.hierarchy)]
        if not found:
            continue
        raised = names(found)
        told = listed([exception(name) for name in raised])
        first = found[0]
        # A class of the project's own is likely turned into a status by a handler that another file registers.
        loud = any(risk.exception in _PLAIN for risk in found) and not view.is_test
        yield rule.finding(
            view,
            fact,
            f"{callee(fact)} may raise {told} out of the route {boundary.name}",
            severity=Severity.MEDIUM if loud else Severity.LOW,
            confidence=Confidence.MEDIUM,
            exceptions=names_outside(found),
            evidence=rule.way(view, first.steps),
        )
