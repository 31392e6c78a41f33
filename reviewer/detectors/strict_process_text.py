"""Program output read as strict text.

A program is started with `text=True` or an encoding, its output is captured, and no error handler is given.

Why: The other program writes in its own encoding, and file names or source lines in its output are arbitrary bytes; one
that does not fit raises UnicodeDecodeError inside `run` or `communicate`, and all of the output is lost.

Instead: Add `errors="replace"` (and `encoding="utf-8"`), or capture bytes and decode them where a failure can be told.

Source: https://docs.python.org/3/library/subprocess.html#frequently-used-arguments
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.provenance import ends
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Value
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import subprocess

def lint(path, encoding):
    process = subprocess.Popen(["lint", path], stdout=subprocess.PIPE, encoding=encoding)  #!
    return process.communicate(timeout=60)[0]
""",
    """
import subprocess

def lint(path):
    return subprocess.run(["lint", path], capture_output=True, text=True, timeout=60).stdout  #!
""",
)
GOOD = (
    """
import subprocess

def lint(path):
    return subprocess.run(["lint", path], capture_output=True, text=True, errors="replace", timeout=60).stdout
""",
    """
import subprocess

def start(path):
    return subprocess.run(["lint", path], text=True, timeout=60).returncode
""",
)

_STARTERS = frozenset({"subprocess.run", "subprocess.Popen", "subprocess.check_output"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find programs whose captured output is decoded strictly."""
    for fact in view.unit.facts:
        if not isinstance(fact, Call) or fact.callee not in _STARTERS or fact.open_ended:
            continue
        if fact.argument("errors") is not None or ends(view, fact, "UnicodeDecodeError"):
            continue
        given = {argument.keyword: argument.value for argument in fact.arguments if argument.keyword}
        as_text = any(_is_on(given.get(name)) for name in ("text", "universal_newlines", "encoding"))
        captures = fact.callee == "subprocess.check_output" or any(
            name in given and given[name].text not in ("None", "False")
            for name in ("capture_output", "stdout", "stderr")
        )
        if not as_text or not captures:
            continue
        encoding = given.get("encoding")
        yield rule.finding(
            view,
            fact,
            f"{fact.text}() decodes the program's output strictly, as"
            f" {encoding.text if encoding is not None else 'the locale says'}",
            severity=Severity.LOW if view.is_test else Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
            exceptions=("UnicodeDecodeError",),
        )


def _is_on(value: Value | None) -> bool:
    return value is not None and value.text not in ("None", "False")
