"""Walking statements that give names and paths a value, or take it away."""

from __future__ import annotations

import ast
import dataclasses
from typing import Any

import libcst as cst

from reviewer.code.binding import bind
from reviewer.code.environment import rename
from reviewer.code.member import read_attribute, read_subscript
from reviewer.code.narrowing import told_by
from reviewer.code.outline import import_names
from reviewer.code.path import path_of
from reviewer.code.walker import Walker
from reviewer.domain.fact import UNKNOWN, Store, Value
from reviewer.domain.syntax import parse_expression, parse_module


def walk_assignment(walker: Walker, node: cst.Assign) -> None:
    """`target = value`, with one target or several."""
    pairs = _pairs(node.targets[0].target, node.value) if len(node.targets) == 1 else []
    if pairs:
        values = [walker.read(part, "assigned", path_of(walker.segment, into)) for into, part in pairs]
        for (into, part), known in zip(pairs, values, strict=True):
            _assign(walker, into, known, part, node)
        return
    path = path_of(walker.segment, node.targets[0].target)
    value = walker.read(node.value, "assigned", path)
    if isinstance(node.targets[0].target, cst.Name) and (implied := told_by(walker, node.value)):
        value = dataclasses.replace(value, implies=implied)
    for target in node.targets:
        _assign(walker, target.target, value, node.value, node)


def _pairs(
    target: cst.BaseExpression, written: cst.BaseExpression
) -> list[tuple[cst.BaseExpression, cst.BaseExpression]]:
    """What each part of `a, b = one, other` is given; empty for anything else. No sequence is made of it."""
    if (
        not isinstance(target, cst.Tuple | cst.List)
        or not isinstance(written, cst.Tuple | cst.List)
        or len(target.elements) != len(written.elements)
        or any(isinstance(element, cst.StarredElement) for element in (*target.elements, *written.elements))
    ):
        return []
    return [(into.value, part.value) for into, part in zip(target.elements, written.elements, strict=True)]


def _assign(
    walker: Walker, target: cst.BaseExpression, value: Value, written: cst.BaseExpression, node: cst.CSTNode
) -> None:
    pairs = _pairs(target, written)
    if pairs:
        parts = [walker.peek(part) for _, part in pairs]
        for (into, part), known in zip(pairs, parts, strict=True):
            _assign(walker, into, known, part, node)
        return
    bind(walker, target, rename(value, walker.text(written)))
    _store(walker, target, value, written, node)


def _store(
    walker: Walker, target: cst.BaseExpression, value: Value, written: cst.BaseExpression, node: cst.CSTNode
) -> None:
    path = path_of(walker.segment, target) or walker.text(target)
    kind: Any = "name"
    if isinstance(target, cst.Attribute):
        kind = "attribute"
    elif isinstance(target, cst.Subscript):
        kind = "item"
    elif isinstance(target, cst.Name) and target.value in walker.globals:
        kind = "global"
    if kind != "name" and value.made_at is not None:
        walker.use(node, "store", rename(value, walker.text(written)), path)
    walker.emit(
        Store(walker.span(node), walker.context, walker.statement_code, path, kind, rename(value, walker.text(written)))
    )


def walk_annotated(walker: Walker, node: cst.AnnAssign) -> None:
    """`target: type = value`; without a value it declares only."""
    path = path_of(walker.segment, node.target)
    declared = _declared(walker, node.annotation)
    value = UNKNOWN
    if node.value is not None:
        value = walker.read(node.value, "assigned", path)
        if value.type is None and declared.type is not None and not value.decoded:
            value = Value(
                value.text, declared.type, value.symbol, value.literal, value.boundary, value.decoded,
                value.none or (declared.none if value.literal == "None" else None), value.empty, value.parameter,
                value.made_by, value.made_at, value.guards, value.settings,
            )  # fmt: skip
        bind(walker, node.target, rename(value, walker.text(node.value)))
        _store(walker, node.target, value, node.value, node)
    elif isinstance(node.target, cst.Name):
        walker.env[node.target.value] = declared


def _declared(walker: Walker, node: cst.Annotation) -> Value:
    try:
        return walker.names.annotations.of(parse_expression(walker.segment.text(node.annotation)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return UNKNOWN


def walk_augmented(walker: Walker, node: cst.AugAssign) -> None:
    """`target += value` and its like."""
    before = walker.peek(node.target)
    value = walker.read(node.value)
    if isinstance(node.target, cst.Subscript):
        read_subscript(walker, node.target)
    elif isinstance(node.target, cst.Attribute):
        read_attribute(walker, node.target)
    divides = isinstance(node.operator, cst.DivideAssign | cst.FloorDivideAssign | cst.ModuloAssign)
    if divides and before.type not in ("str", "pathlib.Path"):
        walker.use(node, "divide", rename(value, walker.text(node.value)), walker.text(node.target))
    elif before.none:
        walker.use(node, "arithmetic", rename(before, walker.text(node.target)), "augmented")
    elif value.none:
        walker.use(node, "arithmetic", rename(value, walker.text(node.value)), "augmented")
    path = path_of(walker.segment, node.target)
    if path:
        walker.forget(path)
        walker.know(path, Value(type=before.type, boundary=before.boundary or value.boundary))
    _store(walker, node.target, value, node.value, node)


def walk_deletion(walker: Walker, node: cst.Del) -> None:
    """`del target`."""
    targets = [e.value for e in node.target.elements] if isinstance(node.target, cst.Tuple) else [node.target]
    for target in targets:
        if isinstance(target, cst.Subscript):
            read_subscript(walker, target)
        path = path_of(walker.segment, target)
        if path:
            walker.env.pop(path, None)
            walker.forget(path)


def walk_import(walker: Walker, node: cst.Import | cst.ImportFrom) -> None:
    """`import` inside a unit: its names are bound from here on."""
    try:
        parsed = parse_module(walker.segment.text(node)).body[0]
    except (SyntaxError, ValueError):
        return
    if isinstance(parsed, ast.Import | ast.ImportFrom):
        package = walker.source.path.endswith("__init__.py")
        for name, origin in import_names(parsed, walker.names.outline.module, package):
            walker.env[name] = walker.names.of_symbol(origin)


def walk_global(walker: Walker, node: cst.Global) -> None:
    """`global name`: an assignment outlives the function."""
    walker.globals = walker.globals | {item.name.value for item in node.names}
