"""How a call is written: the chain that it ends, its arguments, and the regular expression that it is given."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from reviewer.catalog.query.branch import begin
from reviewer.catalog.query.constant import text_of
from reviewer.catalog.query.feature import NOTHING, Feature, flag, of_call, only
from reviewer.catalog.query.regex import TRAITS, traits_of
from reviewer.catalog.query.scope import Scope
from reviewer.domain.fact import Call, Fact, Store

_TAKING_PATTERN = re.compile(r"(re|regex)\.(compile|search|match|fullmatch|split|findall|finditer|sub|subn|template)\Z")
_LONGEST = 60
"""Calls in a chain, parts of a joined text, that are looked at."""


def _chain(fact: Fact, scope: Scope) -> frozenset[str]:
    node = scope.node(fact) if isinstance(fact, Call) else None
    return only(_called_before(node)) if node is not None else NOTHING


def _called_before(node: ast.Call) -> Iterator[str]:
    current: ast.expr = node.func
    for _ in range(_LONGEST):
        if isinstance(current, ast.Attribute):
            current = current.value
        elif isinstance(current, ast.Call):
            current = current.func
            if isinstance(current, ast.Attribute):
                yield current.attr
            elif isinstance(current, ast.Name):
                yield current.id
        else:
            return


def _argument_form(fact: Fact, scope: Scope) -> frozenset[str]:
    node = scope.node(fact) if isinstance(fact, Call) else None
    if node is None:
        return NOTHING
    return only(form for value in (*node.args, *(one.value for one in node.keywords)) for form in _forms(value))


def _forms(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.JoinedStr) and any(isinstance(part, ast.FormattedValue) for part in node.values):
        yield "f-string"
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and _is_text(node.left):
        yield "percent"
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and _holds_text(node):
        yield "concatenated"
    elif isinstance(node, ast.Call):
        yield "format" if isinstance(node.func, ast.Attribute) and node.func.attr == "format" else "call"
    elif isinstance(node, ast.Constant):
        yield "constant"
    elif isinstance(node, ast.Lambda):
        yield "lambda"
    elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        yield "comprehension"


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


def _holds_text(node: ast.expr) -> bool:
    for _ in range(_LONGEST):
        if not isinstance(node, ast.BinOp):
            return _is_text(node)
        if _is_text(node.right):
            return True
        node = node.left
    return False


def _regex(fact: Fact, scope: Scope) -> frozenset[str]:
    if not isinstance(fact, Call) or fact.callee is None or _TAKING_PATTERN.match(fact.callee) is None:
        return NOTHING
    node = scope.node(fact)
    given = node.args[:1] or [one.value for one in node.keywords if one.arg == "pattern"] if node is not None else []
    if not given:
        return NOTHING
    text = text_of(given[0], scope.texts)
    if text is not None:
        return traits_of(text)
    escapes = any(isinstance(one, ast.Attribute) and one.attr == "escape" for one in ast.walk(given[0]))
    return frozenset({"dynamic-escaped" if escapes else "dynamic"})


def _augments(fact: Fact, scope: Scope) -> bool:
    return isinstance(fact, Store) and isinstance(scope.syntax.statements.get(begin(fact)), ast.AugAssign)


FEATURES = (
    Feature(
        "method",
        'The last part of what is called, as written: "get" of `self.client.get(…)`.',
        of_call(lambda call: [call.text.rpartition(".")[2]]),
        written=True,
        says="{} is called",
        lacks="it is not {}",
        weight=8,
    ),
    Feature(
        "chain",
        'What is called before in the same chain: "query", "filter" of `db.query(…).filter(…).all()`.',
        _chain,
        written=True,
        says="after {} in the chain",
        lacks="without {} in the chain",
        weight=6,
    ),
    Feature(
        "argument-form",
        "How the arguments are written, of those that are no plain names.",
        _argument_form,
        values=("f-string", "percent", "format", "concatenated", "constant", "lambda", "comprehension", "call"),
        says="given a {}",
        lacks="given no {}",
        weight=3,
    ),
    Feature(
        "regex",
        "What a regular expression risks that is given to `re`; constants of the file are put together. `dynamic`: it"
        " is made of what is only known when it runs, `dynamic-escaped`: by `re.escape`.",
        _regex,
        values=TRAITS,
        says="its pattern: {}",
        lacks="its pattern: no {}",
        weight=6,
    ),
    Feature(
        "augments",
        "The assignment adds to what is there: `+=` and its like.",
        lambda fact, scope: flag(_augments(fact, scope)),
        values=("yes",),
        says="it adds to what is there",
        lacks="it does not add to what is there",
    ),
)
