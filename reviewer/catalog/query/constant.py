"""Texts that the source puts together from constants, so that a pattern can be read which is written in parts."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

MAX_LENGTH = 5000
"""Characters of a text that is put together."""
_DEEPEST = 40
"""Names and parts inside each other that are followed."""
_CONVERTING = ("byte", "str", "text", "encode")
"""What the name of a function holds that gives the same text as another type."""

Text = str | bytes


def text_of(node: ast.expr, assigned: Mapping[str, Sequence[ast.expr]]) -> Text | None:
    """The text that an expression gives; None where it is not put together from constants alone.

    Args:
        node: the expression.
        assigned: name -> the expressions that are assigned to it; those with exactly one are followed.
    """
    return _text(node, assigned, 0)


def _text(node: ast.expr, assigned: Mapping[str, Sequence[ast.expr]], depth: int) -> Text | None:
    if depth > _DEEPEST:
        return None
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str | bytes) and len(node.value) <= MAX_LENGTH else None
    if isinstance(node, ast.Name):
        values = assigned.get(node.id, ())
        return _text(values[0], assigned, depth + 1) if len(values) == 1 else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined([node.left, node.right], "", assigned, depth)
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.FormattedValue) else part for part in node.values]
        return _joined(parts, "", assigned, depth)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join":
        between = _text(node.func.value, assigned, depth + 1)
        if between is not None and len(node.args) == 1 and isinstance(node.args[0], ast.Tuple | ast.List):
            return _joined(node.args[0].elts, between, assigned, depth)
        return None
    return _text(node.args[0], assigned, depth + 1) if isinstance(node, ast.Call) and _converts(node) else None


def _joined(
    parts: Sequence[ast.expr], between: Text, assigned: Mapping[str, Sequence[ast.expr]], depth: int
) -> Text | None:
    found: Text | None = None
    for part in parts:
        text = _text(part, assigned, depth + 1)
        if text is None:
            return None
        if found is None:
            found = text
        elif isinstance(found, bytes) and isinstance(text, bytes):
            found += (between if isinstance(between, bytes) else b"") + text
        elif isinstance(found, str) and isinstance(text, str):
            found += (between if isinstance(between, str) else "") + text
        else:
            return None
        if len(found) > MAX_LENGTH:
            return None
    return found if found is not None else ""


def _converts(node: ast.Call) -> bool:
    """Whether a call gives its only argument as another type of text: `to_bytes(…)`."""
    function = node.func
    name = function.id if isinstance(function, ast.Name) else ""
    return len(node.args) == 1 and not node.keywords and any(word in name.lower() for word in _CONVERTING)
