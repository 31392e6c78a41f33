"""Which names of a function have a value at a place, on every path that leads there."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from reviewer.code.scope import own_nodes

Function = ast.FunctionDef | ast.AsyncFunctionDef
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_TRIES = (ast.Try, ast.TryStar)
_JUMPS = (ast.Return, ast.Raise, ast.Break, ast.Continue)

Known = frozenset[str] | None
"""The names that have a value; None where no path arrives."""


def assignments(function: Function) -> dict[int, frozenset[str]]:
    """The function's own names that certainly have a value before each of its statements, and in each clause.

    Where it cannot be told for certain, a name is left out: what a `with` block or a loop binds counts only inside it.

    Args:
        function: a function; those inside of it are not looked into.

    Returns:
        `id` of a statement or `except` clause -> the names before it, or at the start of the clause; what no path
        reaches is left out.
    """
    walk = _Walk(foreign_names(function))
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    walk.block(function.body, frozenset(argument.arg for argument in every if argument is not None))
    return walk.found


def module_assignments(tree: ast.Module) -> dict[int, frozenset[str]]:
    """The names that certainly have a value before each statement of a module's own scope.

    Args:
        tree: the module; functions and classes are not looked into.

    Returns:
        `id` of a statement -> the names before it; what no path reaches is left out.
    """
    walk = _Walk(frozenset())
    walk.block(tree.body, frozenset())
    return walk.found


def bound_names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """All names that the nodes bind in their own scope."""
    for node in own_nodes(nodes):
        yield from binds(node)


def locals_of(function: Function) -> frozenset[str]:
    """The names that are local to a function."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    names = {argument.arg for argument in every if argument is not None} | set(bound_names(function.body))
    return frozenset(names) - foreign_names(function)


def bindings_of(function: Function) -> frozenset[str]:
    """The names whose meaning the function settles: its own, and those that it declares as an outer scope's."""
    return locals_of(function) | foreign_names(function)


def lost_names(function: Function) -> frozenset[str]:
    """The function's own names that may lose their value, or get another from a function inside of it."""
    shared = (name for node in ast.walk(function) if isinstance(node, ast.Nonlocal) for name in node.names)
    return _deleted(function.body) | frozenset(shared)


def foreign_names(function: Function) -> frozenset[str]:
    """The names that the function declares as those of an outer scope."""
    return frozenset(
        name for node in own_nodes(function.body) if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names
    )


def binds(node: ast.AST) -> Iterator[str]:
    """The names that one node binds in its own scope."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0]
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    else:
        name = node.rest if isinstance(node, ast.MatchMapping) else getattr(node, "name", None)
        if isinstance(name, str) and not isinstance(node, ast.alias):
            yield name  # a clause's, or a pattern's


def _targets(node: ast.expr | None) -> frozenset[str]:
    if isinstance(node, ast.Name):
        return frozenset({node.id})
    if isinstance(node, ast.Tuple | ast.List):
        return frozenset().union(*(_targets(element) for element in node.elts))
    return _targets(node.value) if isinstance(node, ast.Starred) else frozenset()


def _deleted(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Names that may have no value any more after the nodes ran: those of `del`, and of `except … as name`."""
    found = set()
    for node in own_nodes(nodes):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
            found.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name is not None:
            found.add(node.name)
    return frozenset(found)


def _meet(*states: Known) -> Known:
    living = [state for state in states if state is not None]
    return frozenset.intersection(*living) if living else None


class _Walk:
    def __init__(self, foreign: frozenset[str]) -> None:
        self.foreign = foreign
        self.found: dict[int, frozenset[str]] = {}

    def keep(self, place: ast.stmt | ast.ExceptHandler, known: Known) -> None:
        if known is not None:
            self.found[id(place)] = known - self.foreign

    def block(self, body: list[ast.stmt], known: Known) -> Known:
        for statement in body:
            self.keep(statement, known)
            known = self.statement(statement, known)
        return known

    def statement(self, node: ast.stmt, known: Known) -> Known:
        if isinstance(node, ast.If):
            return _meet(self.block(node.body, known), self.block(node.orelse, known))
        if isinstance(node, _LOOPS):
            return self.loop(node, known)
        if isinstance(node, ast.With | ast.AsyncWith):
            inside = known
            for item in node.items:
                inside = _with(inside, _targets(item.optional_vars))
            self.block(node.body, inside)
            # The context manager may have ended an error of its body, anywhere in it.
            return _without(inside, _deleted(node.body))
        if isinstance(node, _TRIES):
            return self.attempt(node, known)
        if isinstance(node, ast.Match):
            states = []
            for case in node.cases:
                states.append(self.block(case.body, _with(known, frozenset(bound_names([case.pattern])))))
            return _meet(known, *states)
        return self.simple(node, known)

    def simple(self, node: ast.stmt, known: Known) -> Known:
        if isinstance(node, _JUMPS):
            return None
        if isinstance(node, ast.Assign):
            for target in node.targets:
                known = _with(known, _targets(target))
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            known = _with(known, _targets(node.target))
        elif isinstance(node, ast.Delete):
            known = _without(known, _deleted([node]))
        elif isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            known = None if known is None else frozenset()  # any name may mean something else now
        elif isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            known = _with(known, frozenset(binds(node)))
        return known

    def loop(self, node: ast.For | ast.AsyncFor | ast.While, known: Known) -> Known:
        known = _without(known, _deleted(node.body))  # an earlier round may have done it
        inside = known if isinstance(node, ast.While) else _with(known, _targets(node.target))
        self.block(node.body, inside)
        after = self.block(node.orelse, known)
        return _meet(known, after)

    def attempt(self, node: ast.Try | ast.TryStar, known: Known) -> Known:
        after = self.block(node.orelse, self.block(node.body, known))
        at_failure = _without(known, _deleted(node.body))
        states = [after]
        for handler in node.handlers:
            inside = _with(at_failure, frozenset({handler.name}) if handler.name else frozenset())
            self.keep(handler, inside)
            ended = self.block(handler.body, inside)
            states.append(_without(ended, frozenset({handler.name})) if handler.name else ended)
        every = [*node.body, *node.orelse, *(part for handler in node.handlers for part in handler.body)]
        lost = _deleted([*every, *node.handlers])
        final = self.block(node.finalbody, _without(known, lost))
        if not node.finalbody:
            return _meet(*states)
        if final is None:
            return None
        gained = final - (known or frozenset())
        return _without(_with(_meet(*states), gained), _deleted(node.finalbody))


def _with(known: Known, names: frozenset[str]) -> Known:
    return None if known is None else known | names


def _without(known: Known, names: frozenset[str]) -> Known:
    return None if known is None else known - names
