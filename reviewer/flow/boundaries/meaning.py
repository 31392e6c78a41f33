"""What expressions of a file mean wherever they stand, the variables of the functions around them included."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from reviewer.code.names import Names
from reviewer.code.outline import Statement, dotted
from reviewer.domain.fact import UNKNOWN, Value
from reviewer.flow.boundaries.site import MODULE

_DEEPEST = 12
"""Variables that one value is followed through."""


@dataclass(slots=True)
class _Locals:
    assigned: dict[str, ast.expr] = field(default_factory=dict)
    annotated: dict[str, ast.expr] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)


class Meanings:
    """Gives the meanings of expressions of one file.

    Args:
        names: what the names of the file mean outside of functions.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self._outline = names.outline
        self._locals: dict[str, _Locals] = {}
        self._depth = 0

    def value(self, node: ast.expr | None, scope: str) -> Value:
        """What an expression gives, the variables of the function around it included."""
        if node is None or self._depth > _DEEPEST:
            return UNKNOWN
        self._depth += 1
        try:
            return self._value(node, scope)
        finally:
            self._depth -= 1

    def symbol(self, node: ast.expr, scope: str) -> str | None:
        """Canonical name of what an expression stands for; as written where only that is known; None without a name."""
        return self.value(node, scope).symbol or dotted(node)

    def types(self, node: ast.expr | None, scope: str = MODULE) -> tuple[str, ...]:
        """The exception classes that an expression names: a class, a tuple or list of them, or a constant of these."""
        if node is None:
            return ()
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            return tuple(kind for element in node.elts for kind in self.types(element, scope))
        if isinstance(node, ast.Name) and node.id not in self._outline.definitions:
            values = self._outline.assigned.get(node.id, ())
            if len(values) == 1 and isinstance(values[0], ast.Tuple | ast.List | ast.Set):
                return self.types(values[0], scope)
        name = self.symbol(node, scope)
        return (name,) if name is not None else ()

    def function(self, node: ast.expr | None, scope: str) -> str | None:
        """Qualified name of the function of the file that an expression stands for."""
        symbol = self.value(node, scope).symbol
        return symbol[1:] if symbol is not None and symbol.startswith(".") else None

    def _value(self, node: ast.expr, scope: str) -> Value:
        if isinstance(node, ast.Name):
            return self._name(node.id, scope)
        if isinstance(node, ast.Attribute):
            owner = self._owner_of_self(node.value, scope)
            if owner is not None:
                return self._names.attributes.of(owner, node.attr) or UNKNOWN
            return self._names.member(self.value(node.value, scope), node.attr) or UNKNOWN
        if isinstance(node, ast.Await):
            return self.value(node.value, scope)
        if isinstance(node, ast.Call):
            made = self.value(node.func, scope).symbol
            literals = tuple(repr(one.value) if isinstance(one, ast.Constant) else "" for one in node.args)
            return self._names.result(made, (), (node.lineno, node.col_offset + 1), literals)
        return self._names.of_expression(node)

    def _name(self, name: str, scope: str) -> Value:
        for around in _outward(scope):
            if f"{around}.{name}" in self._outline.definitions:
                if self._is_class(around):
                    continue  # the names of a class body are not those of its methods
                return Value(symbol=f".{around}.{name}")
            if self._is_class(around):
                continue
            here = self._locals_of(around)
            if name in here.assigned:
                value = self.value(here.assigned[name], around)
                if value.type or value.symbol or name not in here.annotated:
                    return value
            if name in here.annotated:
                return self._names.annotations.of(here.annotated[name])
            if name in here.bound:
                return UNKNOWN
        return self._names.of_module(name)

    def _owner_of_self(self, node: ast.expr, scope: str) -> str | None:
        if not isinstance(node, ast.Name) or node.id not in ("self", "cls"):
            return None
        for around in _outward(scope):
            definition = self._outline.definitions.get(around)
            if definition is not None and definition.owner is not None:
                return definition.owner
        return None

    def _is_class(self, name: str) -> bool:
        definition = self._outline.definitions.get(name)
        return definition is not None and definition.kind == "class"

    def _locals_of(self, name: str) -> _Locals:
        if name not in self._locals:
            found = self._locals[name] = _Locals()
            definition = self._outline.definitions.get(name)
            if definition is not None and not isinstance(definition.node, ast.ClassDef):
                _read_locals(definition.node, found)
        return self._locals[name]


def _outward(scope: str) -> Iterator[str]:
    """The scopes around a place, the innermost first, without the module."""
    while scope and scope != MODULE:
        yield scope
        scope = scope.rpartition(".")[0]


def _read_locals(function: ast.FunctionDef | ast.AsyncFunctionDef, found: _Locals) -> None:
    arguments = function.args
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        found.bound.add(argument.arg)
        if argument.annotation is not None:
            found.annotated[argument.arg] = argument.annotation
    pending: deque[ast.AST] = deque(function.body)
    while pending:
        node = pending.popleft()
        if isinstance(node, Statement | ast.Lambda):
            continue
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    found.bound.add(target.id)
                    if isinstance(node, ast.AnnAssign):
                        found.annotated[target.id] = node.annotation
                    if node.value is not None:
                        found.assigned.setdefault(target.id, node.value)
        elif isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
            found.bound.add(node.optional_vars.id)
            found.assigned.setdefault(node.optional_vars.id, node.context_expr)
        pending.extend(ast.iter_child_nodes(node))
