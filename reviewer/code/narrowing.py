"""What a condition's outcome tells of the values it speaks of."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Iterator

import libcst as cst

from reviewer.code.condition import FALSE, TRUE, assumptions
from reviewer.code.environment import guarded, rename
from reviewer.code.names import Names
from reviewer.code.path import Written, normal_key, path_of
from reviewer.code.reader import Reader
from reviewer.domain.fact import Implication
from reviewer.domain.syntax import parse_expression

_PRESENT = ("truthy", "not-none", "isinstance:", "length", "checked:", "in")
"""Guards that a field has only where it is there."""
_MOST_KEYS = 50
"""Keys of one collection that are told one by one."""


def assume(reader: Reader, node: cst.BaseExpression, truth: bool) -> None:
    """Narrow the environment by a condition's outcome."""
    for expression, guard in assumptions(node, truth, reader.segment.text):
        if guard in (TRUE, FALSE):
            apply(reader, _implied(reader, expression), guard == TRUE)
            continue
        target = expression.target if isinstance(expression, cst.NamedExpr) else expression
        for path, place, precise in places(reader.segment, reader.names, target, guard):
            if place is target and guard in ("truthy", "not-none"):
                value = reader.env.get(path) or reader.peek(target)
                if value.decoded or not isinstance(target, cst.Call):
                    reader.use(target, "test", rename(value, reader.text(target)), guard)
            establish(reader, path, place, precise)


def apply(reader: Reader, implied: Iterable[Implication], truth: bool) -> None:
    """Narrow the environment by what the outcome of an earlier value tells."""
    for one in implied:
        if one.truth is truth and one.path in reader.env and reader.is_unchanged(one.path, one.since):
            establish(reader, one.path, None, one.guard)


def _implied(reader: Reader, node: cst.BaseExpression) -> tuple[Implication, ...]:
    """What the outcome of a name, or of a call that has just been read, tells of other values."""
    if isinstance(node, cst.Call):
        return reader.implied.get(id(node), ())
    path = path_of(reader.segment, node)
    value = reader.env.get(path) if path is not None else None
    return value.implies if value is not None else ()


def told_by(reader: Reader, node: cst.BaseExpression) -> tuple[Implication, ...]:
    """What the outcome of an expression, kept under a name, will tell of other values."""
    if not isinstance(node, _CONDITIONS):
        return ()
    found: list[Implication] = []
    for truth in (True, False):
        for expression, guard in assumptions(node, truth, reader.segment.text):
            if guard in (TRUE, FALSE):
                found.extend(
                    Implication(truth, one.path, one.guard, one.since)
                    for one in _implied(reader, expression)
                    if one.truth is (guard == TRUE)
                )
                continue
            target = expression.target if isinstance(expression, cst.NamedExpr) else expression
            for path, place, precise in places(reader.segment, reader.names, target, guard):
                if "(" not in path and path not in _CONSTANTS and not guard.startswith(_HANDED):
                    if path not in reader.env:
                        reader.know(path, reader.peek(place))
                    found.append(Implication(truth, path, precise, reader.clock))
    return tuple(dict.fromkeys(found))


_CONSTANTS = frozenset({"None", "True", "False"})
_HANDED = ("passed:", "failed:")
"""What a call's result says of an argument only where the call itself is the condition."""
_CONDITIONS = (
    cst.Comparison,
    cst.BooleanOperation,
    cst.UnaryOperation,
    cst.Call,
    cst.BinaryOperation,
    cst.ListComp,
    cst.SetComp,
)


def establish(reader: Reader, path: str, node: cst.BaseExpression | None, guard: str) -> None:
    """Remember that a guard holds of a path from here on.

    Args:
        reader: what is known so far.
        path: the path; without a node one that something is known of.
        node: the expression, to find out what it is where nothing is known of the path.
        guard: the guard.
    """
    value = reader.env.get(path)
    if value is None:
        if node is None:
            return
        value = reader.peek(node)
        if isinstance(node, cst.Call) and (field := _field(node)) is not None and path.endswith("]"):
            # Read by its key it is a part of the mapping, and not what `get` has made.
            holder = reader.peek(field[0])
            value = dataclasses.replace(value, made_by=holder.made_by, made_at=holder.made_at)
    type_name = type_named(reader.names, guard[11:]) if guard.startswith("isinstance:") else None
    reader.know(path, guarded(value, guard, type_name))


def places(
    written: Written, names: Names, target: cst.BaseExpression, guard: str
) -> Iterator[tuple[str, cst.BaseExpression, str]]:
    """The paths that a guard on an expression holds of, with the expression for each, and the guard as it is kept.

    Args:
        written: the source that the expression stands in.
        names: what the file's names mean.
        target: the expression.
        guard: the guard, as `condition.assumptions` gives it.
    """
    path = path_of(written, target)
    if path is None and isinstance(target, cst.Call) and guard.startswith(_PRESENT):
        yield from _places_of_field(written, target, guard)
    elif path is None:
        return
    elif guard.startswith("key:"):
        yield path, target, "key:" + normal_key(guard[4:])
    elif guard.startswith("keys:"):
        for key in _keys(names, guard[5:]):
            yield path, target, f"key:{key}"
    else:
        yield path, target, guard


def _places_of_field(written: Written, target: cst.Call, guard: str) -> Iterator[tuple[str, cst.BaseExpression, str]]:
    """A field that is asked for by `get` and is there may be asked for again, and may be read by its key."""
    field = _field(target)
    if guard in ("truthy", "not-none") or field is not None:
        yield written.text(target), target, guard
    if field is None or guard.endswith(_NONE_TYPES):
        return
    holder, key = field
    base = path_of(written, holder)
    if base is not None:
        name = normal_key(written.text(key))
        yield base, holder, f"key:{name}"
        if isinstance(key, cst.SimpleString):
            yield f"{base}[{name}]", target, guard


_NONE_TYPES = ("NoneType", "type(None)")


def _field(node: cst.Call) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    """The mapping and the key of `data.get("id")`, without a default or with None."""
    if not isinstance(node.func, cst.Attribute) or node.func.attr.value != "get" or not node.args:
        return None
    default = node.args[1].value if len(node.args) > 1 else None
    if default is not None and not (isinstance(default, cst.Name) and default.value == "None"):
        return None
    return node.func.value, node.args[0].value


def _keys(names: Names, written: str) -> tuple[str, ...]:
    """The keys that a display, or a constant of the file, holds, as written in guards; "*" where nobody can tell."""
    try:
        node: ast.expr | None = parse_expression(written.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ("*",)
    while isinstance(node, ast.Call) and len(node.args) == 1:
        node = node.args[0]
    if isinstance(node, ast.Name):
        places = names.outline.assigned.get(node.id, ())
        node = places[0] if len(places) == 1 else None
    while isinstance(node, ast.Call) and len(node.args) == 1:
        node = node.args[0]
    if not isinstance(node, ast.Tuple | ast.List | ast.Set) or len(node.elts) > _MOST_KEYS:
        return ("*",)
    keys = [element.value for element in node.elts if isinstance(element, ast.Constant)]
    return tuple(repr(key) for key in keys) if len(keys) == len(node.elts) else ("*",)


def type_named(names: Names, written: str) -> str | None:
    """The canonical name of a class as written in a check; None for several, or what is no name."""
    name = written.strip()
    if not name.replace(".", "").replace("_", "").isalnum():
        return None
    root, dot, rest = name.partition(".")
    symbol = names.of_module(root).symbol
    return f"{symbol}{dot}{rest}" if symbol else None
