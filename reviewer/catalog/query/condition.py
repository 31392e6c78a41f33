"""What a condition looks at, in words that name nothing of the project."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_LONGEST = 80
"""Characters of a constant that is told."""
_MOST_NODES = 300
"""Syntax nodes of one condition that are looked at."""

_OPERATORS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Eq: ("equals", "differs"),
    ast.NotEq: ("differs", "equals"),
    ast.Lt: ("less", "greater-equal"),
    ast.LtE: ("less-equal", "greater"),
    ast.Gt: ("greater", "less-equal"),
    ast.GtE: ("greater-equal", "less"),
    ast.Is: ("is", "is-not"),
    ast.IsNot: ("is-not", "is"),
    ast.In: ("in", "not-in"),
    ast.NotIn: ("not-in", "in"),
}
"""Operator -> what it says where the comparison holds, and where it does not."""

SORTS = (
    "truthy",
    "falsy",
    "is-none",
    "is-not-none",
    "equals",
    "differs",
    "less",
    "less-equal",
    "greater",
    "greater-equal",
    "is",
    "is-not",
    "in",
    "not-in",
    "isinstance",
    "not-isinstance",
    "call-true",
    "call-false",
    "compares-length",
    "constant",
)
"""What a part of a condition says."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a condition says.

    Attributes:
        sorts: some of `SORTS`.
        constants: what it compares with, as Python writes it.
        calls: the last parts of what it calls.
        paths: the names, attributes and items that it speaks of, as Python writes them.
    """

    sorts: frozenset[str]
    constants: frozenset[str]
    calls: frozenset[str]
    paths: frozenset[str]


def told_by(test: ast.expr, truth: bool) -> Told:
    """What a condition says where it came out so; of parts that are joined by `and` and `or`, what each would say."""
    sorts: set[str] = set()
    constants: set[str] = set()
    for part, holds in _parts(test, truth):
        for sort, constant in _of_part(part, holds):
            sorts.add(sort)
            constants.update(constant)
    nodes = _nodes(test)
    calls = {name for node in nodes if isinstance(node, ast.Call) and (name := _last(node.func))}
    paths = {path_text(node) for node in nodes if isinstance(node, ast.Name | ast.Attribute | ast.Subscript)}
    return Told(frozenset(sorts), frozenset(constants), frozenset(calls), frozenset(paths))


def path_text(node: ast.expr) -> str:
    """A path as facts write it, whichever quotes and spaces the source has."""
    try:
        return normal(ast.unparse(node))
    except (RecursionError, ValueError):
        return ""


def normal(text: str) -> str:
    """A path as written, made comparable."""
    return text.replace('"', "'").replace(" ", "")


def _nodes(test: ast.expr) -> list[ast.AST]:
    found: list[ast.AST] = []
    pending: list[ast.AST] = [test]
    while pending and len(found) < _MOST_NODES:
        node = pending.pop()
        found.append(node)
        pending.extend(ast.iter_child_nodes(node))
    return found


def _parts(test: ast.expr, truth: bool) -> Iterator[tuple[ast.expr, bool]]:
    """The parts that `and`, `or` and `not` join, each with how it came out."""
    pending = [(test, truth)]
    for _ in range(_MOST_NODES):
        if not pending:
            return
        node, holds = pending.pop()
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            pending.append((node.operand, not holds))
        elif isinstance(node, ast.BoolOp):
            pending.extend((value, holds) for value in reversed(node.values))
        elif isinstance(node, ast.NamedExpr):
            pending.append((node.value, holds))
        else:
            yield node, holds


def _of_part(node: ast.expr, holds: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    if isinstance(node, ast.Constant):
        yield "constant", ()
    elif isinstance(node, ast.Compare):
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            yield from _of_comparison(left, operator, right, holds)
            left = right
    elif isinstance(node, ast.Call):
        name = _last(node.func)
        if name == "isinstance":
            yield ("isinstance" if holds else "not-isinstance"), ()
        elif name == "len":
            yield "compares-length", ()
            yield ("truthy" if holds else "falsy"), ()
        else:
            yield ("call-true" if holds else "call-false"), ()
    else:
        yield ("truthy" if holds else "falsy"), ()


def _of_comparison(
    left: ast.expr, operator: ast.cmpop, right: ast.expr, holds: bool
) -> Iterator[tuple[str, tuple[str, ...]]]:
    constants = (*_constants(left), *_constants(right))
    says, denies = _OPERATORS[type(operator)]
    sort = says if holds else denies
    yield sort, constants
    if constants == ("None",) and sort in ("is", "equals"):
        yield "is-none", ()
    if constants == ("None",) and sort in ("is-not", "differs"):
        yield "is-not-none", ()
    if any(isinstance(side, ast.Call) and _last(side.func) == "len" for side in (left, right)):
        yield "compares-length", ()


def _constants(node: ast.expr) -> tuple[str, ...]:
    """The constants that an operand is, or that stand in it side by side."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return tuple(f"-{text}" for text in _constants(node.operand)[:1])
    if isinstance(node, ast.Constant):
        try:
            written = repr(node.value)
        except ValueError:  # a number of more digits than Python writes
            return ()
        return (written,) if len(written) <= _LONGEST else ()
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return tuple(text for element in node.elts[:_MOST_NODES] for text in _constants(element))
    return ()


def _last(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
