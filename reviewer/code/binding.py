"""Giving names, paths and patterns of names a value."""

from __future__ import annotations

import libcst as cst

from reviewer.code.element import element_of
from reviewer.code.environment import guarded, rename
from reviewer.code.member import read_subscript
from reviewer.code.path import path_of
from reviewer.code.reader import Reader
from reviewer.domain.fact import Value


def bind(reader: Reader, target: cst.BaseExpression, value: Value) -> None:
    """Give a name, path or pattern of names a value."""
    if isinstance(target, cst.Name):
        reader.forget(target.value)
        reader.env[target.value] = value
    elif isinstance(target, cst.Tuple | cst.List):
        stars = sum(isinstance(element, cst.StarredElement) for element in target.elements)
        expected = f"{len(target.elements) - stars}{'+' if stars else ''}"
        reader.use(target, "unpack", value if value.text else rename(value, ""), expected=expected)
        part = element_of(value)
        for element in target.elements:
            bind(reader, element.value, part)
    elif isinstance(target, cst.Subscript):
        read_subscript(reader, target, stored=True)
        _bind_path(reader, target, value)
    elif isinstance(target, cst.Attribute):
        base = reader.read(target.value, "attribute")
        if base.none:
            reader.use(target, "attribute", rename(base, reader.text(target.value)), target.attr.value, stored=True)
        _bind_path(reader, target, value)


def bind_element(reader: Reader, target: cst.BaseExpression, source: cst.BaseExpression, iterable: Value) -> None:
    """Give a loop's target what the iterable gives.

    The pairs that enumerate and items() give always have two parts; only the second carries the data.
    """
    if isinstance(source, cst.Call) and isinstance(target, cst.Tuple) and len(target.elements) == 2:
        function = source.func
        name = function.attr.value if isinstance(function, cst.Attribute) else getattr(function, "value", "")
        if name in ("enumerate", "items"):
            inner = element_of(reader.peek(source.args[0].value) if name == "enumerate" and source.args else iterable)
            first, second = target.elements
            bind(reader, first.value, Value(type="int") if name == "enumerate" else Value(boundary=inner.boundary))
            bind(reader, second.value, inner)
            return
    bind(reader, target, element_of(iterable))


def _bind_path(reader: Reader, target: cst.BaseExpression, value: Value) -> None:
    path = path_of(reader.segment, target)
    if path:
        reader.forget(path)
        reader.know(path, value)
        base, separator, key = path.rpartition("[")
        if separator and base in reader.env:
            reader.env[base] = guarded(reader.env[base], f"key:{key[:-1]}")


def read_named(reader: Reader, node: cst.NamedExpr) -> Value:
    """Evaluate `name := value`."""
    target = path_of(reader.segment, node.target)
    value = reader.read(node.value, "assigned", target)
    if target:
        reader.forget(target)
        reader.know(target, value)
    return value
