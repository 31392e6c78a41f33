"""What calls of a file's functions give: a value, None on some path, a coroutine; or that they never return."""

from __future__ import annotations

import ast
import dataclasses
from typing import TYPE_CHECKING

from reviewer.code.ending import NO_RETURN, ends_early, never_returns
from reviewer.code.outline import Definition, dotted
from reviewer.code.scope import Function, own_nodes
from reviewer.domain.fact import UNKNOWN, Value

if TYPE_CHECKING:
    from reviewer.code.names import Names

_KEEPS_KIND = {"staticmethod", "classmethod", "override", "typing.override", "abstractmethod", "abc.abstractmethod"}
_ASYNCHRONOUS = frozenset({"AsyncGenerator", "AsyncIterator", "AsyncIterable"})
_CALLS_IN_A_ROW = 8
"""Functions that call each other in a row, and are looked into for whether they ever return."""


class Returned:
    """What calls of the functions of one file give.

    Args:
        names: what the names of the file mean.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self._found: dict[str, Value] = {}
        self._coroutines: dict[str, bool] = {}
        self._ending = 0

    def by(self, definition: Definition) -> Value:
        """What a function of this file returns, by its annotation, else by whether some path returns None."""
        name = definition.name
        if name in self._found:
            return self._found[name]
        self._found[name] = UNKNOWN
        node = definition.node
        value = UNKNOWN
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = self._given_back(node)
            if self._never_returns(definition, node):
                value = Value(type=NO_RETURN)
            elif node.returns is not None:
                value = self._names.annotations.of_outside(node.returns)
                if given.decoded and value.type in (None, "dict", "list"):
                    value = dataclasses.replace(value, decoded=True, boundary=given.boundary)
                if value.none:
                    value = dataclasses.replace(value, none=f"{node.name} may return None")
            elif _returns_none(node):
                value = Value(
                    type=given.type,
                    none=f"{node.name} returns None on some path",
                    decoded=given.decoded,
                    boundary=given.boundary,
                )
            elif self._ends_without_value(definition, node):
                value = Value(
                    type=given.type,
                    none=f"{node.name} ends without a value on some path",
                    decoded=given.decoded,
                    boundary=given.boundary,
                )
            elif given.decoded or given.type:
                value = Value(type=given.type, decoded=given.decoded, boundary=given.boundary)
        self._found[name] = value
        return value

    def as_coroutine(self, symbol: str) -> bool:
        """Whether a symbol of this file is an `async def` that gives a coroutine, and no asynchronous generator.

        A decorator may make anything of it, so that a decorated one is told only where the decorator keeps the kind.
        What promises to be gone through asynchronously and gives nothing stands for generators that replace it.
        """
        if symbol not in self._coroutines:
            definition = self._names.outline.definitions.get(symbol[1:])
            node = definition.node if definition is not None else None
            self._coroutines[symbol] = isinstance(node, ast.AsyncFunctionDef) and (
                all(dotted(decorator) in _KEEPS_KIND for decorator in node.decorator_list)
                and not _yields(node)
                and (_gives_value(node) or not _promises_generator(node))
            )
        return self._coroutines[symbol]

    def _never_returns(self, definition: Definition, node: Function) -> bool:
        """Whether a call of a function of this file never comes back, as far as its text tells.

        A decorator may end what the function raises, and a subclass that gives a result replaces a method that none
        gives: of these only what the annotation says counts.
        """
        if any(dotted(decorator) not in _KEEPS_KIND for decorator in node.decorator_list):
            return False
        if any((dotted(decorator) or "").endswith("abstractmethod") for decorator in node.decorator_list):
            return False
        promises = node.returns is not None and not (isinstance(node.returns, ast.Constant) and not node.returns.value)
        if promises or self._ending >= _CALLS_IN_A_ROW:
            return False
        self._ending += 1
        try:
            return never_returns(node, lambda call, awaited: self._leaves(definition, call, awaited))
        finally:
            self._ending -= 1

    def _ends_without_value(self, definition: Definition, node: Function) -> bool:
        """Whether a function that returns values may come to its end, where it gives None."""
        gives = False
        for inner in own_nodes(node.body):
            if isinstance(inner, ast.Yield | ast.YieldFrom):
                return False
            gives = gives or (isinstance(inner, ast.Return) and inner.value is not None)
        return gives and not ends_early(node.body, lambda call, awaited: self._leaves(definition, call, awaited))

    def _leaves(self, definition: Definition, call: ast.Call, awaited: bool) -> bool:
        """Whether a call inside a function of this file never comes back."""
        function = call.func
        first = _first_parameter(definition)
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == first:
            method = self._names.attributes.of(definition.owner or "", function.attr)
            symbol = method.symbol if method is not None else None
        else:
            symbol = self._names.of_expression(function).symbol
        if symbol is None or self._names.is_coroutine_function(symbol) is not awaited:
            return False
        return self._names.result(symbol, (), (0, 0), ()).type == NO_RETURN

    def _given_back(self, node: Function) -> Value:
        """Decoded data that a function hands on as it came: `return json.load(f)`, or by way of one variable.

        Of anything else only the type is told, where it is the same at every `return`.
        """
        returned: list[ast.expr] = []
        assigned: dict[str, list[ast.expr]] = {}
        checked: dict[str, str] = {}
        for current in own_nodes(node.body):
            if isinstance(current, ast.Return) and current.value is not None:
                if not (isinstance(current.value, ast.Constant) and current.value.value is None):
                    returned.append(current.value)
            elif isinstance(current, ast.Assign) and isinstance(current.targets[0], ast.Name):
                assigned.setdefault(current.targets[0].id, []).append(current.value)
            elif isinstance(current, ast.withitem) and isinstance(current.optional_vars, ast.Name):
                assigned.setdefault(current.optional_vars.id, []).append(current.context_expr)
            elif isinstance(current, ast.Call) and dotted(current.func) == "isinstance" and len(current.args) == 2:
                kind = dotted(current.args[1])
                checked[dotted(current.args[0]) or ""] = kind if kind in ("dict", "list") else ""
        values: list[Value] = []
        for expression in returned:
            places = assigned.get(expression.id, []) if isinstance(expression, ast.Name) else [expression]
            for place in places or [expression]:
                value = self._names.of_expression(place) if isinstance(place, ast.Call | ast.Await) else UNKNOWN
                values.append(value)
                if value.decoded:
                    kind = checked.get(expression.id) if isinstance(expression, ast.Name) else None
                    if kind == "":
                        return UNKNOWN
                    return dataclasses.replace(
                        value, type=kind or value.type, boundary=value.boundary or self._read_from(assigned)
                    )
        kinds = {value.type for value in values}
        # One sort of thing on every path: an instance of a class, or what one library call gives.
        return Value(type=kinds.pop()) if len(kinds) == 1 else UNKNOWN

    def _read_from(self, assigned: dict[str, list[ast.expr]]) -> str | None:
        """Where the data of a function's own variables comes from, when one of them says so."""
        for places in assigned.values():
            for place in places:
                if isinstance(place, ast.Call | ast.Await) and (found := self._names.of_expression(place).boundary):
                    return found
        return None


def _first_parameter(definition: Definition) -> str | None:
    """The name of a method's own object; None for a function or a static method."""
    node = definition.node
    if definition.owner is None or isinstance(node, ast.ClassDef):
        return None
    positional = [*node.args.posonlyargs, *node.args.args]
    return positional[0].arg if positional and "staticmethod" not in map(dotted, node.decorator_list) else None


def _yields(node: ast.AsyncFunctionDef) -> bool:
    """Whether it is a generator; a `yield` of a function inside does not count."""
    return any(isinstance(inner, ast.Yield) for inner in own_nodes(node.body))


def _promises_generator(node: ast.AsyncFunctionDef) -> bool:
    """Whether the annotation says that the result is gone through asynchronously."""
    annotation = node.returns
    if isinstance(annotation, ast.Subscript):
        annotation = annotation.value
    written = dotted(annotation) if annotation is not None else None
    return written is not None and written.rpartition(".")[2] in _ASYNCHRONOUS


def _gives_value(node: ast.AsyncFunctionDef) -> bool:
    """Whether a `return` of the function has a value."""
    return any(isinstance(inner, ast.Return) and inner.value is not None for inner in own_nodes(node.body))


def _returns_none(node: Function) -> bool:
    """Whether the function returns a value on one path and an explicit None on another; generators never."""
    gives = none = False
    for inner in own_nodes(node.body):
        if isinstance(inner, ast.Yield | ast.YieldFrom):
            return False
        if isinstance(inner, ast.Return):
            if inner.value is None or (isinstance(inner.value, ast.Constant) and inner.value.value is None):
                none = True
            else:
                gives = True
    return gives and none
