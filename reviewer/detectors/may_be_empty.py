"""First or last element of what may be empty.

`items[0]`, `items[-1]`, `max(items)`, `next(items)` or `items.pop()` where nothing says that there is an element.

Why: A search without a match, a list filtered down to nothing, an answer without choices: each is ordinary, and then
IndexError, ValueError or StopIteration ends the request.

Instead: Test for emptiness first and say what happens then; `max(items, default=…)` and `next(items, None)` take a
default.

Source: https://docs.python.org/3/library/functions.html#max
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.detectors.provenance import calls_by_place, ends, made_here, maker, source_of
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import scope
from reviewer.domain.fact import Call, Usage, Value
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import re

def command(output):
    return re.findall(r"unknown command (\\w+)", output)[0]  #!
""",
    """
def newest(rows):
    kept = [row for row in rows if row.ready]
    return kept[-1], max(kept)  #!
""",
    """
import sys

def main():
    return sys.argv[1]  #!
""",
    """
def first(rows):
    return next(row for row in rows if row.ready)  #!
""",
)
GOOD = (
    """
import re

def command(output):
    found = re.findall(r"unknown command (\\w+)", output)
    if not found:
        return None
    return found[0]
""",
    """
def newest(rows):
    return max((row.time for row in rows if row.ready), default=0)
""",
    """
def word(line):
    return line.split(",")[0], line.rpartition(".")[2], line.split(".")[-1]
""",
    """
import argparse, socket, subprocess

def start(words, host):
    known = argparse.ArgumentParser().parse_known_args(words)[0]
    address = socket.getaddrinfo(host, known.port)[0][4]
    return address[0], subprocess.Popen(words).communicate(timeout=5)[0]
""",
    """
def newest(rows):
    rows.append(1)
    return [*rows, 2][0]
""",
    """
import sqlite3

def messages(connection: sqlite3.Connection):
    return [{"role": row[0], "text": row[1]} for row in connection.execute("SELECT role, text FROM m").fetchall()]
""",
)

_POSITION = re.compile(r"-?[0-9]+")
_SEQUENCES = ("list", "tuple", "collections.abc.Iterator", "collections.deque", "str", "bytes")
_NEVER_EMPTY = frozenset(
    {
        "str.split", "str.rsplit", "bytes.split", "str.partition", "str.rpartition", "os.path.splitext",
        "os.path.split", "divmod", "str.splitlines", "re.split", "re.Pattern.split", "re.Match.groups", "sys.exc_info",
        "urllib.parse.parse_qs", "socket.getaddrinfo",
    }
)  # fmt: skip
"""What gives at least one element, or is told by another rule."""
_EMPTY = re.compile(
    r"(array|dictionary|heap|list|queue|range|sequence|set) is empty|there are no values|nothing is left|fewer than two"
    r"|fewer elements"
)
"""How the descriptions of libraries say that a container has no element; an empty file is none."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """An element that is taken: how it is written, from which value, why it may be missing, and what happens then."""

    what: str
    value: Value
    reason: str
    error: str
    loud: bool


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find elements taken from what may have none."""
    seen: set[tuple[str, str]] = set()
    calls: dict[tuple[str, int, int], Call] | None = None
    for fact in view.unit.facts:
        if isinstance(fact, Usage) and fact.operation == "index" and not fact.stored:
            if not _POSITION.fullmatch(fact.detail) or (fact.subject.text, fact.detail) in seen:
                continue
            if calls is None:
                calls = calls_by_place(view.unit.facts)
            seen.add((fact.subject.text, fact.detail))
            yield from _of_index(view, rule, fact, maker(calls, fact.subject))
        elif isinstance(fact, Call) and fact.known is not None and fact.known.raises_input:
            yield from _of_call(view, rule, fact)
        elif isinstance(fact, Call) and fact.callee is None and fact.text.endswith(".pop"):
            yield from _of_pop(view, rule, fact)


def _of_index(view: View, rule: Rule, fact: Usage, made: Call | None) -> Iterator[Finding]:
    value = fact.subject
    if _sure(value) or value.made_by in _NEVER_EMPTY or ends(view, fact, "IndexError"):
        return
    if made is not None and made.known is not None and (value.type or "").partition("[")[0] == "tuple":
        return  # a library gives a tuple as a record, which has its parts
    if made is not None and made.receiver is not None and made.receiver.made_by in _NEVER_EMPTY:
        return
    if value.made_by == "sys.argv" or value.symbol == "sys.argv":
        if fact.detail == "0":
            return
    elif fact.detail not in ("0", "-1", "1", "-2") or not _is_sequence(value):
        return
    reason = value.empty or _outside_reason(value)
    if reason is None:
        return
    loud = (value.empty is not None and not value.empty.startswith(_WEAK)) or value.boundary is not None
    yield _finding(view, rule, fact, _Taken(f"{value.text}[{fact.detail}]", value, reason, "IndexError", loud))


_WEAK = ("the slice", "it is empty when", "the default is")


def _outside_reason(value: Value) -> str | None:
    if value.boundary or value.decoded:
        return f"{source_of(value)} may hold none"
    if value.parameter:
        return f"nothing here ensures that {value.parameter} has one"
    return None


def _is_sequence(value: Value) -> bool:
    return value.type is None or value.type.partition("[")[0] in _SEQUENCES or value.type == "sys.argv"


def _sure(value: Value) -> bool:
    return bool(value.guards & {"truthy", "length", "nonzero"}) or any(
        guard.startswith(("passed:", "key:")) for guard in value.guards
    )


def _of_call(view: View, rule: Rule, fact: Call) -> Iterator[Finding]:
    known = fact.known
    assert known is not None  # noqa: S101 - chosen by the caller
    reasons = {error: when for error, when in known.raises_input.items() if _EMPTY.search(when)}
    if not reasons or (known.fallback is not None and _given(fact, known.fallback.parameter, known.fallback.position)):
        return
    error, when = next(iter(reasons.items()))
    if ends(view, fact, error):
        return
    value = _operand(fact)
    if value is None or _sure(value) or fact.argument("default") is not None:
        return
    if known.name == "next" and value.type != "generator":
        return
    if value.empty is None and not value.boundary and not value.parameter:
        return
    weak = value.empty is None or value.empty.startswith(_WEAK)
    what = f"{fact.text}({value.text})" if fact.receiver is None else f"{fact.text}()"
    yield _finding(view, rule, fact, _Taken(what, value, value.empty or when, error, not weak))


def _of_pop(view: View, rule: Rule, fact: Call) -> Iterator[Finding]:
    """`parts.pop()` or `parts.pop(place)` on a part of a parameter."""
    value = fact.receiver
    if value is None or not value.parameter or len(fact.arguments) > 1 or value.type is not None or _sure(value):
        return
    place = fact.arguments[0].value if fact.arguments else None
    if (place is not None and place.type == "str") or ends(view, fact, "IndexError"):
        return
    reason = f"nothing here ensures that {value.parameter} has one"
    yield _finding(view, rule, fact, _Taken(f"{fact.text}()", value, reason, "IndexError", loud=False))


def _given(fact: Call, parameter: str | None, position: int | None) -> bool:
    return fact.argument(parameter or "", position) is not None


def _operand(fact: Call) -> Value | None:
    """The sequence a call takes an element of: its one positional argument, or its receiver."""
    plain = [argument.value for argument in fact.arguments if argument.keyword is None]
    if (
        fact.known is not None
        and "." in fact.known.name
        and fact.known.name.partition(".")[0] in ("list", "set", "dict")
    ):
        return fact.receiver if fact.known.name != "dict.pop" else None
    if fact.callee in ("max", "min") and len(plain) != 1:
        return None
    return plain[0] if plain else None


def _finding(view: View, rule: Rule, fact: Usage | Call, taken: _Taken) -> Finding:
    loud = taken.loud and not view.is_test
    return rule.finding(
        view,
        fact,
        f"{taken.what} raises {taken.error} when there is no element: {taken.reason}",
        severity=Severity.MEDIUM if loud else Severity.LOW,
        confidence=Confidence.MEDIUM if loud else Confidence.LOW,
        exceptions=(taken.error,),
        evidence=made_here(view, taken.value, fact.span.line),
        explanation=f"{taken.error} propagates out of {scope(fact.context.function)}. {rule.how}",
    )
