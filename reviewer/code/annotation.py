"""What annotations say of values: a type, whether None is allowed, and whether anybody has checked the contents."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable

from reviewer.code.ending import NEVER, NO_RETURN
from reviewer.code.outline import Outline, dotted
from reviewer.domain.fact import UNKNOWN, Value
from reviewer.domain.syntax import parse_expression

_TYPING = {
    "typing.Dict": "dict",
    "typing.List": "list",
    "typing.Set": "set",
    "typing.Tuple": "tuple",
    "typing.Mapping": "dict",
    "typing.MutableMapping": "dict",
    "typing.Sequence": "list",
    "collections.abc.Mapping": "dict",
    "collections.abc.MutableMapping": "dict",
    "collections.abc.Sequence": "list",
    "collections.OrderedDict": "dict",
    "collections.defaultdict": "collections.defaultdict",
}
_TRANSPARENT = {"typing.Annotated", "typing.Final", "typing.ClassVar", "typing_extensions.Annotated"}


class Annotations:
    """Reads the annotations of one file.

    Args:
        outline: what the file defines.
        canonical: gives the one name of a thing that goes by several.
    """

    def __init__(self, outline: Outline, canonical: Callable[[str], str]) -> None:
        self._outline = outline
        self._canonical = canonical

    def of(self, node: ast.expr | None) -> Value:
        """What an annotation says: a type, and whether None is allowed."""
        if node is None:
            return UNKNOWN
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                try:
                    return self.of(parse_expression(node.value))
                except (SyntaxError, ValueError, RecursionError, MemoryError):
                    return UNKNOWN
            return UNKNOWN
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._union([node.left, node.right])
        if isinstance(node, ast.Subscript):
            name = self._qualify(node.value)
            inner = node.slice
            if name in ("typing.Optional", "Optional"):
                return dataclasses.replace(self.of(inner), none="its annotation allows None")
            if name in ("typing.Union", "Union"):
                return self._union(inner.elts if isinstance(inner, ast.Tuple) else [inner])
            if name in _TRANSPARENT:
                return self.of(inner.elts[0] if isinstance(inner, ast.Tuple) else inner)
            return Value(type=self._type(name))
        return Value(type=self._type(self._qualify(node)))

    def of_outside(self, node: ast.expr | None) -> Value:
        """What an annotation says of a value that comes from elsewhere.

        `dict[str, Any]`, or `dict` alone, names a mapping whose contents nobody has checked: it counts as decoded. The
        same holds for the elements of `list[dict[str, Any]]`.
        """
        value = self.of(node)
        if value.type not in ("dict", "list") or node is None:
            return value
        inner = _without_none(node)
        if inner is None:
            return value
        if value.type == "dict" and _is_loose_mapping(inner):
            return dataclasses.replace(value, decoded=True)
        if value.type == "list" and isinstance(inner, ast.Subscript) and isinstance(inner.slice, ast.expr):
            element = self.of_outside(inner.slice)
            if element.decoded and element.type == "dict":
                return dataclasses.replace(value, type="list[dict]", decoded=True)
        return value

    def _union(self, members: list[ast.expr]) -> Value:
        flat: list[ast.expr] = []
        for member in members:
            if isinstance(member, ast.BinOp) and isinstance(member.op, ast.BitOr):
                flat.extend([member.left, member.right])
            else:
                flat.append(member)
        kept = [m for m in flat if not (isinstance(m, ast.Constant) and m.value is None) and dotted(m) != "None"]
        values = [self.of(member) for member in kept]
        none = "its annotation allows None" if len(kept) < len(flat) or any(value.none for value in values) else None
        return Value(type=values[0].type if len(values) == 1 else None, none=none)

    def _type(self, name: str | None) -> str | None:
        if name is None or name in ("typing.Any", "Any", "object", "None"):
            return None
        if name in _TYPING:
            return _TYPING[name]
        if name in NEVER:
            return NO_RETURN
        return self._canonical(name)

    def _qualify(self, node: ast.expr) -> str | None:
        name = dotted(node)
        if name is None:
            return None
        root, dot, rest = name.partition(".")
        if root in self._outline.definitions:
            return "." + name
        if root in self._outline.imports:
            return self._outline.imports[root] + dot + rest
        return name


def _without_none(node: ast.expr) -> ast.expr | None:
    """The annotation without `| None`; None when several types remain."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return _without_none(parse_expression(node.value))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    if isinstance(node, ast.BinOp):
        sides = [
            side for side in (node.left, node.right) if not (isinstance(side, ast.Constant) and side.value is None)
        ]
        return _without_none(sides[0]) if len(sides) == 1 else None
    if isinstance(node, ast.Subscript) and (dotted(node.value) or "").rpartition(".")[2] == "Optional":
        return _without_none(node.slice)
    return node


def _is_loose_mapping(node: ast.expr) -> bool:
    if not isinstance(node, ast.Subscript):
        return (dotted(node) or "").rpartition(".")[2] in ("dict", "Dict", "Mapping")
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return len(parts) == 2 and (dotted(parts[1]) or "").rpartition(".")[2] in ("Any", "object")
