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
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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

_ENDS = re.compile(
    r"exit|quit|abort|fail|die|error|usage|raise|skip|panic|fatal|terminate|reject|refuse|bail|throw|deny",
    re.IGNORECASE,
)
"""Names of functions from which nothing comes back, or mostly so."""
_NEVER = ("NoReturn", "Never")
_LOOKS = frozenset({"locals", "vars", "globals", "dir"})
_NAME_ERRORS = frozenset({"NameError", "UnboundLocalError", "Exception", "BaseException"})
_HARMLESS = frozenset({"dict", "list", "set", "tuple", "str", "object", "len", "print", "range", "bool", "repr"})

Function = ast.FunctionDef | ast.AsyncFunctionDef
_NAMED = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar,
)  # fmt: skip
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class _Read:
    """A read of a name: where, and whether only under a condition that does not look at the name."""

    node: ast.Name
    conditional: bool


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
    function, shift = _parsed(view)
    if function is None:
        return
    before = _bindings(function)
    for node, following in _attempts(function.body):
        fact = facts.get(node.lineno + shift)
        if fact is not None and fact.statement is not None and not fact.statement.suppress:
            attempt = _Attempt(node, following, fact, shift)
            found = [_of_name(view, rule, attempt, name, last) for name, last in _bound_first(node, before)]
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
        read, where = _first_read(clause_node.body, name), clause(handler)
        kept = _binds(clause_node.body, name) or _binds(node.finalbody, name)
        if read is None and not kept and not _never_left(view, attempt, clause_node):
            read, where = _first_read(attempt.following, name), f"what follows {where}"
        if read is not None:
            return _finding(view, rule, attempt, culprit, (name, read, where))
    culprit = _culprit(view, fact, early, None)
    read = _first_read(node.finalbody, name) if culprit is not None else None
    if read is not None and culprit is not None:
        return _finding(view, rule, attempt, culprit, (name, read, "the finally block"))
    return None


def _never_left(view: View, attempt: _Attempt, handler: ast.ExceptHandler) -> bool:
    """What follows the clause is not reached: it ends in a jump, or in a call of a function that never returns."""
    if _terminates(handler.body):
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


def _parsed(view: View) -> tuple[Function | None, int]:
    """The function of the unit, and what to add to its lines to have those of the file."""
    lines = view.lines[view.unit.line - 1 : view.unit.end_line]
    indented = bool(lines) and lines[0][:1] in (" ", "\t")
    text = "\n".join((["if 1:"] if indented else []) + list(lines))
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None, 0
    first: ast.stmt | None = body[0] if body else None
    if indented and isinstance(first, ast.If):
        first = first.body[0]
    shift = view.unit.line - 1 - indented
    return (first, shift) if isinstance(first, Function) else (None, 0)


def _own(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of one scope, in no order; functions, classes and lambdas inside are left out."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, _SCOPES):
            pending.extend(ast.iter_child_nodes(node))


def _bindings(function: Function) -> dict[str, int]:
    """Name -> the first line of the function's own scope that binds it; 0 for parameters and names of outer scopes."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    found = {argument.arg: 0 for argument in every if argument is not None}
    for node in _own(function.body):
        for name, line in _names_bound(node):
            found[name] = min(line, found.get(name, line))
    return found


def _names_bound(node: ast.AST) -> Iterator[tuple[str, int]]:
    name: str | None = None
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id, node.lineno
    elif isinstance(node, ast.Global | ast.Nonlocal):
        yield from ((name, 0) for name in node.names)
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (((alias.asname or alias.name).partition(".")[0], node.lineno) for alias in node.names)
    elif isinstance(node, _NAMED):
        name = node.name
        if name is not None:
            yield name, node.lineno


def _attempts(body: list[ast.stmt]) -> Iterator[tuple[ast.Try, list[ast.stmt]]]:
    """The `try` statements of a scope, each with what follows it in its block."""
    for index, statement in enumerate(body):
        if isinstance(statement, ast.Try):
            yield statement, body[index + 1 :]
        if isinstance(statement, _SCOPES):
            continue
        for part in ("body", "orelse", "finalbody"):
            yield from _attempts(getattr(statement, part, []))
        for inner in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from _attempts(inner.body)


def _bound_first(node: ast.Try, before: dict[str, int]) -> Iterator[tuple[str, int]]:
    """The names that the body of a `try` is the first to bind on its straight way, with the binding statement's end."""
    seen: set[str] = set()
    for statement in _straight(node.body):
        targets: list[ast.expr] = []
        last = statement.end_lineno or statement.lineno
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets = [statement.target]
        elif isinstance(statement, ast.With | ast.AsyncWith):
            targets = [item.optional_vars for item in statement.items if item.optional_vars is not None]
            last = statement.body[0].lineno - 1
        for name in (part for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)):
            if isinstance(name.ctx, ast.Store) and name.id not in seen and before.get(name.id, 0) == name.lineno:
                seen.add(name.id)
                yield name.id, last


def _straight(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run one after the other; the bodies of `with` blocks are part of the way."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.With | ast.AsyncWith):
            yield from _straight(statement.body)


def _binds(body: list[ast.stmt], name: str) -> bool:
    return any(bound == name for node in _own(body) for bound, _ in _names_bound(node))


def _first_read(body: list[ast.stmt], name: str) -> _Read | None:
    """The first read of a name in a block, unless the block binds it before or looks whether it is bound."""
    if any(isinstance(node, ast.Name) and node.id in _LOOKS for node in _own(body)):
        return None
    for statement in body:
        read = _read_in(statement, name)
        if read is not None:
            return read
        if _binds([statement], name) or _terminates([statement]):
            return None
    return None


def _read_in(statement: ast.stmt, name: str) -> _Read | None:
    if isinstance(statement, _SCOPES):
        return None
    if isinstance(statement, ast.Try | ast.TryStar):
        caught = {
            part.id for h in statement.handlers if h.type for part in ast.walk(h.type) if isinstance(part, ast.Name)
        }
        if caught & _NAME_ERRORS or any(handler.type is None for handler in statement.handlers):
            return None
        return _first_read(statement.body, name) or _first_read(statement.finalbody, name)
    blocks = [
        part for field in ("body", "orelse") for part in getattr(statement, field, []) if isinstance(part, ast.stmt)
    ]
    inside = {id(node) for node in _own([*blocks, *getattr(statement, "cases", ())])}
    for node in sorted(_own([statement]), key=lambda one: (getattr(one, "lineno", 0), getattr(one, "col_offset", 0))):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load) and id(node) not in inside:
            return _Read(node, _is_under_choice(statement, node))
    if isinstance(statement, ast.With | ast.AsyncWith):
        return _first_read(statement.body, name)
    for block in (getattr(statement, "body", []), getattr(statement, "orelse", [])):
        read = _first_read(block, name) if block else None
        if read is not None:
            return _Read(read.node, True)
    return None


def _is_under_choice(statement: ast.stmt, read: ast.Name) -> bool:
    """The expression decides whether the name is read: `x if ready else y`, `ready and x`."""
    for node in _own([statement]):
        if isinstance(node, ast.IfExp):
            parts: list[ast.expr] = [node.body, node.orelse]
        elif isinstance(node, ast.BoolOp):
            parts = node.values[1:]
        else:
            continue
        if any(part is read for value in parts for part in ast.walk(value)):
            return True
    return False


def _terminates(body: list[ast.stmt]) -> bool:
    """Nothing after the block is reached, as far as its last statement tells."""
    last = body[-1] if body else None
    if isinstance(last, ast.Return | ast.Raise | ast.Continue | ast.Break):
        return True
    if isinstance(last, ast.If):
        return _terminates(last.body) and _terminates(last.orelse)
    if isinstance(last, ast.With | ast.AsyncWith):
        return _terminates(last.body)
    if isinstance(last, ast.Try):
        ways = [last.orelse or last.body, *(handler.body for handler in last.handlers)]
        return _terminates(last.finalbody) or all(_terminates(way) for way in ways)
    if isinstance(last, ast.Match):
        return all(_terminates(case.body) for case in last.cases)
    if isinstance(last, ast.While):
        return isinstance(last.test, ast.Constant) and not any(isinstance(node, ast.Break) for node in _own(last.body))
    if isinstance(last, ast.Assert):
        return isinstance(last.test, ast.Constant) and not last.test.value
    value = last.value if isinstance(last, ast.Expr) else None
    value = value.value if isinstance(value, ast.Await) else value
    return isinstance(value, ast.Call) and _ENDS.search(ast.unparse(value.func).rpartition(".")[2]) is not None


def _finding(view: View, rule: Rule, attempt: _Attempt, culprit: Call, told: tuple[str, _Read, str]) -> Finding:
    name, read, where = told
    line = read.node.lineno + attempt.shift
    return rule.finding(
        view,
        attempt.fact,
        f"{name} is not bound when {culprit.text}() fails, and {where} reads it",
        severity=Severity.LOW if read.conditional else None,
        confidence=Confidence.MEDIUM if read.conditional or culprit.known is None else Confidence.HIGH,
        exceptions=("UnboundLocalError",),
        evidence=(rule.at(view, culprit, f"when {culprit.text}() raises here, {name} has no value yet"),),
        span=Span(line, line, read.node.col_offset + 1),
    )
