"""Streamed answer that is never closed.

The lines or chunks of a streamed HTTP answer are read, and the answer is neither entered by a `with` nor closed.

Why: The connection goes back to its pool only when the answer is read to its end or closed. An error in between, an
early return, or a consumer that stops keeps the connection; soon the pool, or the server, has none left.

Instead: Put the answer in a `with` block around the reading, or close it in a `finally`.

Source: https://requests.readthedocs.io/en/latest/user/advanced/#body-content-workflow
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import method
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Usage
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.UNAVAILABLE
SEVERITY = Severity.MEDIUM

BAD = (
    """
import requests

def events(url):
    answer = requests.get(url, stream=True, timeout=5)
    for line in answer.iter_lines():  #!
        yield line
""",
    """
import requests

def save(url, file):
    answer = requests.get(url, stream=True, timeout=5)
    for chunk in answer.iter_content(8192):  #!
        file.write(chunk)
""",
)
GOOD = (
    """
import requests

def events(url):
    with requests.get(url, stream=True, timeout=5) as answer:
        for line in answer.iter_lines():
            yield line
""",
    """
import requests

def events(url):
    answer = requests.get(url, stream=True, timeout=5)
    try:
        for line in answer.iter_lines():
            yield line
    finally:
        answer.close()
""",
    """
import requests

def lines(answer: requests.Response):
    for line in answer.iter_lines():
        yield line

def words(url):
    answer = requests.get(url, timeout=5)
    for line in answer.iter_lines():
        print(line)
""",
)

_READS = frozenset({"iter_lines", "iter_content"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find streamed answers that are read and not closed."""
    if view.is_test:
        return
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or method(fact) not in _READS or fact.receiver is None:
            continue
        answer = fact.receiver
        if answer.type != "requests.Response" or answer.parameter is not None or answer.made_by is None:
            continue
        if not _is_streamed(view, answer.settings, answer.made_by) or _is_closed(view, answer.text):
            continue
        yield rule.finding(
            view,
            fact,
            f"the streamed answer {answer.text} is never closed",
            severity=None if view.unit.is_generator else Severity.LOW,
            confidence=Confidence.MEDIUM,
        )


def _is_streamed(view: View, settings: tuple[tuple[str, str], ...] | None, made_by: str) -> bool:
    """It was asked for with `stream=True`, here or in the function of this file that gives it."""
    if not made_by.startswith("."):
        return ("stream", "True") in (settings or ())
    maker = view.flow.definitions.unit(made_by[1:])
    if maker is None:
        return False
    requests = [fact for fact in maker.facts if isinstance(fact, Call) and fact.result.type == "requests.Response"]
    return any((given := call.argument("stream")) is not None and given.literal == "True" for call in requests)


def _is_closed(view: View, answer: str) -> bool:
    for fact in view.unit.facts:
        if isinstance(fact, Call) and fact.text in (f"{answer}.close", f"{answer}.__exit__"):
            return True
        if isinstance(fact, Usage) and fact.operation == "context" and answer in (fact.subject.text, fact.detail):
            return True
        if any(block.kind == "with" and answer in block.text for block in fact.context.blocks):
            return True
        if isinstance(fact, Call) and any(a.value.text == answer for a in fact.arguments):
            return True  # somebody else has it
    bound = f" as {answer}:"
    return any(bound in line for line in view.lines[view.unit.line - 1 : view.unit.end_line])
