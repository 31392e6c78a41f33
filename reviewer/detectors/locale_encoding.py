"""Text file opened in the locale's encoding.

A file is opened as text and nothing says in which encoding.

Why: Python then uses the machine's default: UTF-8 on most, cp1252 on Windows, ASCII in a container without a locale.
Text written on one machine is misread on another without an error, or fails with a UnicodeError.

Instead: Pass `encoding="utf-8"`, and `errors=` as well where somebody else wrote the file.

Source: https://docs.python.org/3/library/io.html#text-encoding
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.MEDIUM

BAD = (
    """
def read(path):
    with open(path) as file:  #!
        return file.read()
""",
    """
from pathlib import Path

def write(path: Path, text):
    path.write_text(text)  #!
""",
)
GOOD = (
    """
def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()
""",
    """
def read(path):
    with open(path, "rb") as file:
        return file.read()
""",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find text opened without an encoding."""
    if view.is_test:
        return
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.known is None or fact.known.text is None or fact.open_ended:
            continue
        text = fact.known.text
        if fact.argument(text.parameter, text.position) is not None:
            continue
        if fact.arguments and (fact.arguments[0].value.literal or "")[1:].startswith("/dev/"):
            continue
        mode = text.mode
        if text.mode_parameter is not None:
            given = fact.argument(text.mode_parameter, text.mode_position)
            if given is not None and given.literal is None:
                continue
            mode = given.literal.strip("'\"") if given is not None and given.literal is not None else text.mode
        if "b" in mode:
            continue
        writes = any(letter in mode for letter in "wax+") or fact.text.endswith("write_text")
        error = "UnicodeEncodeError" if writes else "UnicodeDecodeError"
        if any(error in handler.types for attempt in fact.context.tries for handler in attempt.handlers):
            continue
        yield rule.finding(
            view,
            fact,
            f"{fact.text}() {'writes' if writes else 'reads'} text in the encoding of the machine's locale",
            confidence=Confidence.MEDIUM,
            exceptions=(error,),
        )
