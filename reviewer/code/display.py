"""Reading displays of containers and pieces of text put together."""

from __future__ import annotations

from typing import Any

import libcst as cst

from reviewer.code.environment import rename
from reviewer.code.reader import Reader
from reviewer.domain.fact import Value

_STRING = Value(type="str")


def read_dict(reader: Reader, node: cst.Dict) -> Value:
    """Evaluate a display of a dictionary."""
    for element in node.elements:
        if isinstance(element, cst.DictElement):
            reader.read(element.key)
            value = reader.read(element.value, "argument")
            if value.made_at is not None:
                reader.use(element, "store", rename(value, reader.text(element.value)))
        else:
            spread = reader.read(element.value)
            reader.use(element, "spread", rename(spread, reader.text(element.value)), "**")
    return Value(type="dict", literal="{}" if not node.elements else None)


def read_sequence(reader: Reader, node: Any) -> Value:
    """Evaluate a display of a list, tuple or set."""
    for element in node.elements:
        value = reader.read(element.value, "argument")
        if isinstance(element, cst.StarredElement):
            reader.use(element, "spread", rename(value, reader.text(element.value)), "*")
        elif value.made_at is not None:
            reader.use(element, "store", rename(value, reader.text(element.value)))
    kind = "list" if isinstance(node, cst.List) else "tuple" if isinstance(node, cst.Tuple) else "set"
    empty = {"list": "[]", "tuple": "()"}.get(kind)
    return Value(type=kind, literal=empty if not node.elements else None)


def read_formatted(reader: Reader, node: cst.FormattedString) -> Value:
    """Evaluate an f-string."""
    boundary = made_by = None
    for part in node.parts:
        if isinstance(part, cst.FormattedStringExpression):
            value = reader.read(part.expression)
            for item in part.format_spec or ():
                if isinstance(item, cst.FormattedStringExpression):
                    reader.read(item.expression)
            boundary = boundary or value.boundary
            if value.made_by != "shlex.quote" and value.type not in ("int", "float"):
                made_by = "f-string"
            if value.none:
                spec = "" if part.format_spec is None else "".join(reader.text(item) for item in part.format_spec)
                reader.use(part, "format", rename(value, reader.text(part.expression)), spec)
    return Value(type="str", boundary=boundary, made_by=made_by)


def read_concatenated(reader: Reader, node: cst.ConcatenatedString) -> Value:
    """Evaluate strings that stand beside each other."""
    reader.read(node.left)
    reader.read(node.right)
    return _STRING
