"""Loop in which one bad item ends all.

A loop hands each of its files or records to a function that reads or parses it, with no handler in the loop.

Why: One broken file, written by somebody else, keeps all the others from being loaded; often the program does not
start.

Instead: Handle the failure of one item in the loop, log which one it was, and go on with the next.

Source: https://docs.python.org/3/tutorial/errors.html#handling-exceptions
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.detectors.surviving import words_of
from reviewer.detectors.wording import callee
from reviewer.domain.fact import Block, Call
from reviewer.domain.finding import Confidence, Evidence, Finding, Question, Severity
from reviewer.flow.risk import open_risks

QUESTION = Question.THROWS
SEVERITY = Severity.LOW

BAD = (
    """
from shop.skills import load_skill

def load_all(paths, skills):
    for path in paths:
        load_skill(path, skills)  #!
""",
    """
import json
from pathlib import Path

def load(path: Path):
    return json.loads(path.read_text())

def load_all(names):
    for name in names:
        keep(load(Path(name)))  #!
""",
)
GOOD = (
    """
from shop.skills import load_skill

def load_all(paths, skills, log):
    for path in paths:
        try:
            load_skill(path, skills)
        except (OSError, ValueError) as error:
            log.warning("%s is left out: %s", path, error)
""",
    """
def total(prices):
    result = 0
    for price in prices:
        result += rounded(price)
    return result

def rounded(price):
    return round(price, 2)
""",
)

_TAKING_IN = frozenset({"load", "parse", "read", "import", "decode", "deserialize", "validate"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find calls in a `for` loop that take in its item and are not protected."""
    if view.is_test:
        return
    told: set[int] = set()
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.known is not None or fact.callee is None or fact.context.tries:
            continue
        loop = fact.context.inside("for")
        if loop is None or loop.span.line in told or fact.context.inside("handler") or not _takes_item(fact, loop):
            continue
        own = fact.callee.startswith(".")
        last = fact.callee.rpartition(".")[2]
        if own and not any(risk.steps for risk in open_risks(fact, view.flow)):
            continue
        if last[:1].isupper() or not words_of(last) & _TAKING_IN:
            continue
        told.add(loop.span.line)
        yield rule.finding(
            view,
            fact,
            f"one item on which {callee(fact)} fails aborts the whole loop over {loop.text}",
            confidence=Confidence.LOW,
            evidence=(Evidence(view.path, loop.span.line, "the loop"),),
        )


def _takes_item(call: Call, loop: Block) -> bool:
    """An argument of the call mentions what the loop binds."""
    bound = set(re.findall(r"\w+", loop.target))
    return any(bound & set(re.findall(r"\w+", argument.value.text)) for argument in call.arguments)
