"""Name that a failure leaves unbound.

A `try` binds a name, and when the statement that binds it (or one before it) fails, the handler, the `finally` or what
follows a handler that goes on reads the name.

It is loud where the read is certain to happen, quiet where it stands under a condition of its own.

Why: UnboundLocalError takes the place of the failure: the report names a variable, the clean-up ends half-way, and the
first cause is lost. It happens only when something fails, so no test of the good path shows it.

Instead: Do what may fail before the `try`, bind the name to None first and look at it, or return from the handler.

Source: https://docs.python.org/3/faq/programming.html#why-am-i-getting-an-unboundlocalerror-when-the-variable-has-a-value
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.code.scope import bindings, binds
from reviewer.code.unbound import Read, attempts, bound_first, first_read, parse_function, terminates
from reviewer.detectors.judging import is_broad
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import clause
from reviewer.domain.fact import Call, Handler, Raise, Span, TryStatement, Unit
from reviewer.domain.finding import Confidence, Finding, Question, Severity
from reviewer.flow.risk import covering, risks

QUESTION = Question.THROWS
SEVERITY = Severity.MEDIUM

BAD = (
    """
import requests

def fetch(url):
    try:
        answer = requests.get(url, timeout=5)
        answer.raise_for_status()
    except requests.RequestException as error:
        print(f"failed with {answer.status_code}: {error}")  #!
        return None
    return answer.text
""",
    """
import socket

def ask(address):
    try:
        peer = socket.create_connection(address, timeout=5)
        return peer.recv(10)
    finally:
        peer.close()  #!
""",
    """
import json

def load(path):
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        print("cannot read", error)
    return json.loads(text)  #!
""",
    """
def run(tool, verbose):
    try:
        result = tool.run()
    except Exception as error:
        if verbose:
            print(result)  #~
        return error
    return result

def ask(client):
    try:
        answer = client.ask()
    except Exception as error:
        print(answer, error)  #!
        return None
    return answer
""",
)
GOOD = (
    """
import requests

def fetch(url):
    answer = None
    try:
        answer = requests.get(url, timeout=5)
        answer.raise_for_status()
    except requests.RequestException as error:
        print(answer, error)
    return answer
""",
    """
import requests

def fetch(url):
    try:
        answer = requests.get(url, timeout=5)
    except requests.RequestException as error:
        print(error)
        raise SystemExit(1)
    try:
        answer.raise_for_status()
        body = answer.json()
    except requests.HTTPError:
        body = {}
    except ValueError:
        return answer.text
    return body
""",
    """
import json
import time

def load(path):
    try:
        started = time.monotonic()
        text = path.read_text(encoding="utf-8", errors="replace")
        return json.loads(text)
    except ValueError:
        print(text)
    finally:
        print(time.monotonic() - started)
""",
    """
def run(tool):
    try:
        result = tool.run()
    except Exception as error:
        return error
    finally:
        if "result" in locals():
            print(result)
""",
    """
import json
from typing import NoReturn

def wrong(text) -> NoReturn:
    raise ValueError(text)

def load(text):
    try:
        data = json.loads(text)
        first, second = data["pair"]
    except (KeyError, ValueError):
        wrong(text)
    return first, second
""",
)

_NEVER = ("NoReturn", "Never")
_HARMLESS = frozenset({"dict", "list", "set", "tuple", "str", "object", "len", "print", "range", "bool", "repr"})


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A `try` in the text with the statements that follow it, and what is known of it."""

    node: ast.Try
    following: list[ast.stmt]
    fact: TryStatement
    shift: int


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find names that are read though the failure that leads there left them unbound."""
    if view.is_test or view.unit.kind not in ("function", "method"):
        return
    facts = {fact.span.line: fact for fact in view.unit.facts if isinstance(fact, TryStatement) and fact.body}
    if not facts:
        return
    function, shift = parse_function(view.lines[view.unit.line - 1 : view.unit.end_line], view.unit.line)
    if function is None:
        return
    before = bindings(function)
    for node, following in attempts(function.body):
        fact = facts.get(node.lineno + shift)
        if fact is not None and fact.statement is not None and not fact.statement.suppress:
            attempt = _Attempt(node, following, fact, shift)
            found = [_of_name(view, rule, attempt, name, last) for name, last in bound_first(node, before)]
            # All names that one failure leaves unbound are one slip.
            told = [finding for finding in found if finding is not None]
            yield from [one for one in told if one.severity is not Severity.LOW][:1] or told[:1]


def _of_name(view: View, rule: Rule, attempt: _Attempt, name: str, last: int) -> Finding | None:
    """The first place where a name is read after a failure up to the line that binds it.

    Args:
        view: where it is seen.
        rule: this one.
        attempt: the `try` that binds the name.
        name: the name.
        last: the last line of the statement that binds it.
    """
    node, fact = attempt.node, attempt.fact
    early = [
        one
        for one in fact.body
        if isinstance(one, Call)
        and one.span.line <= last + attempt.shift
        and one.context.tries[:1] == (fact.statement,)
        and one.context.inside("lambda") is None
    ]
    statement = fact.statement
    handlers = statement.handlers if statement is not None else ()
    for clause_node, handler in zip(node.handlers, handlers, strict=False):
        culprit = _culprit(view, fact, early, handler)
        if culprit is None:
            continue
        read, where = first_read(clause_node.body, name), clause(handler)
        kept = binds(clause_node.body, name) or binds(node.finalbody, name)
        if read is None and not kept and not _never_left(view, attempt, clause_node):
            read, where = first_read(attempt.following, name), f"what follows {where}"
        if read is not None:
            return _finding(view, rule, attempt, culprit, (name, read, where))
    culprit = _culprit(view, fact, early, None)
    read = first_read(node.finalbody, name) if culprit is not None else None
    if read is not None and culprit is not None:
        return _finding(view, rule, attempt, culprit, (name, read, "the finally block"))
    return None


def _never_left(view: View, attempt: _Attempt, handler: ast.ExceptHandler) -> bool:
    """What follows the clause is not reached: it ends in a jump, or in a call of a function that never returns."""
    if terminates(handler.body):
        return True
    last = handler.body[-1].lineno + attempt.shift
    for inside in attempt.fact.in_handlers:
        for fact in inside:
            if isinstance(fact, Call) and fact.span.line == last and (name := view.flow.callee(fact)) is not None:
                unit = view.flow.definitions.unit(name)
                if unit is not None and ((unit.returns or "").endswith(_NEVER) or _always_raises(unit)):
                    return True
    return False


def _always_raises(unit: Unit) -> bool:
    """A `raise` stands in the function's own block."""
    return any(
        isinstance(fact, Raise) and not fact.context.tries and all(block.kind == "def" for block in fact.context.blocks)
        for fact in unit.facts
    )


def _culprit(view: View, attempt: TryStatement, early: list[Call], handler: Handler | None) -> Call | None:
    """The first call up to the binding whose failure a clause takes, or that fails at all where none is asked about."""
    calls = [fact for fact in attempt.body if isinstance(fact, Call) and _is_at_work(fact)]
    no_other = all(any(call is fact for fact in early) for call in calls)
    for fact in early:
        for risk in risks(fact, view.flow):
            taken = covering(attempt.statement, risk, view.hierarchy) if attempt.statement is not None else None
            if not risk.rare and (handler is None or taken is handler):
                return fact
        unknown = fact.known is None and fact.callee not in _HARMLESS and _is_at_work(fact)
        if unknown and (handler is None or no_other or is_broad(handler.types)):
            return fact
    return None


def _is_at_work(call: Call) -> bool:
    """It is not the making of an object, which mostly only keeps what it is given, nor a method of a constant."""
    last = call.text.rpartition(".")[2]
    if last[:1].isupper() or (call.receiver is not None and call.receiver.literal is not None):
        return False
    return call.use != "argument" or call.awaited


def _finding(view: View, rule: Rule, attempt: _Attempt, culprit: Call, told: tuple[str, Read, str]) -> Finding:
    name, read, where = told
    line = read.node.lineno + attempt.shift
    return rule.finding(
        view,
        attempt.fact,
        f"{name} is unbound when {culprit.text}() fails, and {where} reads it",
        severity=Severity.LOW if read.conditional else None,
        confidence=Confidence.MEDIUM if read.conditional or culprit.known is None else Confidence.HIGH,
        exceptions=("UnboundLocalError",),
        evidence=(rule.at(view, culprit, f"when {culprit.text}() raises here, {name} has no value yet"),),
        span=Span(line, line, read.node.col_offset + 1),
    )
