"""The calls of a file as syntax, and the functions that each of them is given, from one walk over the file."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from reviewer.code.outline import Statement, dotted
from reviewer.flow.boundaries.site import MODULE

_MOST_CALLS = 20_000
"""Calls of one file that are looked at; generated files have more."""
_WRAPPERS = frozenset({"partial", "sync_to_async", "async_to_sync", "csrf_exempt", "login_required", "copy_context"})
"""Calls that give back what they are given, in another coat."""
_MARKS = (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)
_LEAVES = frozenset(
    {
        *(ast.Name, ast.Constant, ast.Pass, ast.Break, ast.Continue, ast.alias),
        *(leaf for kind in _MARKS for leaf in kind.__subclasses__()),
    }
)
"""Syntax in which there is no call: more than half of a file."""
_USES: dict[type[ast.AST], str] = {
    ast.Expr: "discarded",
    ast.Await: "awaited",
    ast.Assign: "assigned",
    ast.AnnAssign: "assigned",
    ast.NamedExpr: "assigned",
    ast.Return: "returned",
}
"""What a parent does with each of its parts, whatever is done with the parent itself."""


@dataclass(slots=True)
class WrittenCall:
    """A call as it is written.

    Attributes:
        node: its syntax.
        scope, main, use, tries: as of a `Site`.
    """

    node: ast.Call
    scope: str
    main: bool
    use: str
    tries: tuple[ast.Try, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """Something that may be a function, given to a call.

    Attributes:
        call: the call.
        target: the expression that names what is given.
        keyword, position, called: as of a `Handover`.
    """

    call: WrittenCall
    target: ast.expr
    keyword: str | None
    position: int | None
    called: bool


class _Step(NamedTuple):
    node: ast.AST
    scope: str
    main: bool
    use: str
    tries: tuple[ast.Try, ...]


class Calls:
    """The calls of one file.

    Args:
        tree: the file.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._by_name: defaultdict[str, list[WrittenCall]] = defaultdict(list)
        self._given: defaultdict[str, list[Given]] = defaultdict(list)
        self._number = 0
        self._walk(tree)

    def named(self, *methods: str) -> list[WrittenCall]:
        """The calls whose callee, as written, ends in one of these names, in the order of their lines."""
        if len(methods) == 1:
            return self._by_name.get(methods[0], [])
        found = [call for method in dict.fromkeys(methods) for call in self._by_name.get(method, ())]
        return sorted(found, key=_place)

    def given(self, name: str) -> list[Given]:
        """Where something whose name, as written, ends in this one is given to a call, in the order of the calls."""
        return self._given.get(name, [])

    def _walk(self, tree: ast.Module) -> None:
        # An explicit stack: a chain of `elif` or of `+` nests as deep as it is long.
        pending: list[_Step] = [_Step(tree, MODULE, False, "other", ())]
        while pending:
            node, scope, main, use, tries = pending.pop()
            if isinstance(node, ast.Call) and self._number < _MOST_CALLS:
                self._read_call(WrittenCall(node, scope, main, use, tries))
            if isinstance(node, Statement):
                inner = node.name if scope == MODULE else f"{scope}.{node.name}"
                parts = [*node.decorator_list, *(() if isinstance(node, ast.ClassDef) else (node.args,))]
                pending.extend(_Step(part, scope, main, "other", tries) for part in parts)
                pending.extend(_Step(part, inner, main, "other", ()) for part in node.body)
                continue
            if isinstance(node, ast.If) and scope == MODULE and _is_main_guard(node.test):
                pending.extend(_Step(part, scope, True, "other", tries) for part in node.body)
                pending.extend(_Step(part, scope, main, "other", tries) for part in node.orelse)
                continue
            if isinstance(node, ast.Try) and scope == MODULE:
                pending.extend(_Step(part, scope, main, "other", (node, *tries)) for part in node.body)
                rest = [*node.handlers, *node.orelse, *node.finalbody]
                pending.extend(_Step(part, scope, main, "other", tries) for part in rest)
                continue
            for part in ast.iter_child_nodes(node):
                if type(part) not in _LEAVES:
                    pending.append(_Step(part, scope, main, _use_of(node, part, use), tries))
        for found in self._by_name.values():
            found.sort(key=_place)
        for given in self._given.values():
            given.sort(key=lambda one: _place(one.call))

    def _read_call(self, call: WrittenCall) -> None:
        self._number += 1
        self._by_name[last_name(call.node.func) or ""].append(call)
        for position, argument in enumerate(call.node.args):
            self._read_argument(call, argument, None, position)
        for keyword in call.node.keywords:
            if keyword.arg is not None:
                self._read_argument(call, keyword.value, keyword.arg, None)

    def _read_argument(self, call: WrittenCall, node: ast.expr, keyword: str | None, position: int | None) -> None:
        for target, called in _functions_in(node):
            last = last_name(target)
            if last is not None:
                self._given[last].append(Given(call, target, keyword, position, called))


def last_name(node: ast.expr) -> str | None:
    """The last part of a name as written; None for what is none."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def _functions_in(node: ast.expr) -> Iterator[tuple[ast.expr, bool]]:
    """What an argument may hand over: a name, a call's callee, what a partial or a lambda runs, members of a list."""
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, ast.Name | ast.Attribute):
            yield current, False
        elif isinstance(current, ast.Call):
            if last_name(current.func) == "as_view" and isinstance(current.func, ast.Attribute):
                pending.append(current.func.value)
            elif last_name(current.func) in _WRAPPERS and current.args:
                pending.append(current.args[0])
            else:
                yield current.func, True
        elif isinstance(current, ast.Lambda):
            if isinstance(current.body, ast.Call):
                yield current.body.func, False
        elif isinstance(current, ast.Tuple | ast.List | ast.Set):
            pending.extend(current.elts)
        elif isinstance(current, ast.Starred):
            pending.append(current.value)
        elif isinstance(current, ast.ListComp | ast.GeneratorExp | ast.SetComp):
            pending.append(current.elt)


def _use_of(parent: ast.AST, node: ast.AST, use: str) -> str:
    """What a parent does with a part of it; `use` is what is done with the parent itself."""
    known = _USES.get(type(parent))
    if known is not None:
        return known
    if isinstance(parent, ast.Call):
        return "method" if node is parent.func else "argument"
    if isinstance(parent, ast.Attribute):
        return "method" if use == "method" else "other"
    if isinstance(parent, ast.keyword | ast.List | ast.Tuple | ast.ListComp):
        return "argument" if use == "argument" else "assigned" if use == "assigned" else "other"
    return "other"


def _is_main_guard(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and len(test.ops) == 1
        and isinstance(test.ops[0], ast.Eq)
        and "__main__" in (getattr(test.left, "value", None), getattr(test.comparators[0], "value", None))
        and "__name__" in (dotted(test.left), dotted(test.comparators[0]))
    )


def _place(call: WrittenCall) -> tuple[int, int]:
    return call.node.lineno, call.node.col_offset
