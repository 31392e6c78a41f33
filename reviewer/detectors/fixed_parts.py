"""Text split into a fixed number of parts.

The parts of split or decoded data are taken apart as if there were always so many: `a, b = line.split(":")`,
`line.split()[1]`.

Loud where the text is known to come from outside, quiet for parameters and values of unknown origin.

Why: One line without the separator, or with one more, and IndexError or ValueError ("not enough values to unpack") ends
the whole file or request.

Instead: Use `partition`, which always gives three parts, or count the parts first and say which line was wrong.

Source: https://docs.python.org/3/library/stdtypes.html#str.partition
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.detectors.provenance import calls_by_place, ends, made_here, maker, really_decoded, source_of
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Usage, Value
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.MEDIUM

BAD = (
    """
def option(line):
    name, value = line.split("=", 1)  #!
    return name, value
""",
    """
import subprocess

def second():
    words = subprocess.check_output(["who"], text=True, timeout=5).split()
    return words[1]  #!
""",
    """
def host(address: str):
    return address.split(":")[0], address.split(":")[1]  #!
""",
)
GOOD = (
    """
def option(line):
    name, _, value = line.partition("=")
    return name, value
""",
    """
def second(line):
    words = line.split()
    if len(words) < 2:
        return None
    return words[1]
""",
    """
def option(line):
    try:
        name, value = line.split("=", 1)
    except ValueError:
        return None
    return name, value
""",
    """
def option(line):
    if "=" in line:
        name, value = line.split("=", 1)
        return name, value
    return line.split("=")[0], line.split("=")[-1]
""",
)

_SPLITTERS = frozenset(
    {
        "str.split",
        "str.rsplit",
        "bytes.split",
        "bytes.rsplit",
        "str.splitlines",
        "re.split",
        "re.Pattern.split",
        "shlex.split",
    }
)
_POSITION = re.compile(r"-?[0-9]+")


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find parts taken by number from what has any number of them."""
    seen: set[tuple[str, str]] = set()
    calls: dict[tuple[str, int, int], Call] | None = None
    for fact in view.unit.facts:
        if not isinstance(fact, Usage) or fact.stored or fact.operation not in ("index", "unpack"):
            continue
        value = fact.subject
        if fact.operation == "index" and not _POSITION.fullmatch(fact.detail):
            continue
        split = value.made_by in _SPLITTERS or (value.made_by is None and _SPLIT_TEXT.search(value.text) is not None)
        if not split and not (fact.operation == "unpack" and _loose(value)):
            continue
        if value.guards & {"length"} or any(guard.startswith("passed:") for guard in value.guards):
            continue
        if (value.text, fact.detail) in seen or (fact.operation == "unpack" and fact.expected == "0+"):
            continue
        if calls is None:
            calls = calls_by_place(view.unit.facts)
        made = maker(calls, value)
        if split and _enough(fact, value, made):
            continue
        seen.add((value.text, fact.detail))
        error = "IndexError" if fact.operation == "index" else "ValueError"
        if not ends(view, fact, error):
            yield _finding(view, rule, fact, made, error)


_SPLIT_TEXT = re.compile(r"\.r?split\([^()]*\)$")


def _loose(value: Value) -> bool:
    """Data whose parts nobody has counted: decoded, or the fields of a line from outside."""
    return value.decoded and value.boundary is not None and not value.text.endswith(("items()", "items"))


def _enough(fact: Usage, value: Value, made: Call | None) -> bool:
    """Whether splitting always gives the part: with a separator the first and the last always exist."""
    whitespace = (made is not None and not made.arguments) or value.text.endswith((".split()", ".rsplit()"))
    if value.made_by in ("str.splitlines", "shlex.split"):
        whitespace = True
    if fact.operation == "index":
        if fact.detail in ("0", "-1"):
            return not whitespace or "truthy" in value.guards
        return fact.detail == "1" and made is not None and _holds_separator(made)
    if fact.expected == "1+" and not whitespace:
        return True
    return fact.expected in ("2", "1+") and made is not None and _holds_separator(made)


def _holds_separator(made: Call) -> bool:
    """Whether a check before says that the separator occurs: `if "=" in line: line.split("=", 1)`."""
    if made.receiver is None or not made.arguments:
        return False
    return f"key:{_single(made.arguments[0].value.text)}" in made.receiver.guards


def _single(written: str) -> str:
    return f"'{written[1:-1]}'" if written[:1] == '"' and written[-1:] == '"' and "'" not in written else written


def _finding(view: View, rule: Rule, fact: Usage, made: Call | None, error: str) -> Finding:
    value = fact.subject
    origin = made.receiver if made is not None and made.receiver is not None else value
    outside = value if value.boundary or value.decoded else origin
    outside_data = outside.boundary is not None or origin.boundary is not None or really_decoded(outside)
    loud = outside_data and not view.is_test
    source = source_of(outside) or source_of(origin)
    what = value.text or "the data"
    message = (
        f"{what}[{fact.detail}] raises IndexError when there are fewer parts"
        if error == "IndexError"
        else f"{what} is unpacked into {fact.expected} parts but may have another number"
    )
    return rule.finding(
        view,
        fact,
        message + (f"; it comes from {source}" if source else ""),
        severity=Severity.MEDIUM if loud else Severity.LOW,
        confidence=Confidence.MEDIUM if loud else Confidence.LOW,
        exceptions=(error,),
        evidence=made_here(view, value, fact.span.line),
    )
