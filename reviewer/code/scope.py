"""What belongs to one scope of a file's syntax: its nodes and the names that it binds."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
"""Nodes whose parts belong to a scope of their own."""
_NAMED = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar,
)  # fmt: skip


def own_nodes(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of one scope, in no order; of functions, classes and lambdas inside only the node itself.

    Args:
        nodes: the scope's outermost ones: a function's body.
    """
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, SCOPES):
            pending.extend(ast.iter_child_nodes(node))


def names_bound(node: ast.AST) -> Iterator[tuple[str, int]]:
    """The names that one node binds, with the line; 0 for names of outer scopes."""
    name: str | None = None
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id, node.lineno
    elif isinstance(node, ast.Global | ast.Nonlocal):
        yield from ((name, 0) for name in node.names)
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (((alias.asname or alias.name).partition(".")[0], node.lineno) for alias in node.names)
    elif isinstance(node, _NAMED):
        name = node.name
        if name is not None:
            yield name, node.lineno


def binds(body: Iterable[ast.AST], name: str) -> bool:
    """Whether a block binds a name."""
    return any(bound == name for node in own_nodes(body) for bound, _ in names_bound(node))


def bindings(function: Function) -> dict[str, int]:
    """Name -> the first line of the function's own scope that binds it; 0 for parameters and names of outer scopes."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    found = {argument.arg: 0 for argument in every if argument is not None}
    for node in own_nodes(function.body):
        for name, line in names_bound(node):
            found[name] = min(line, found.get(name, line))
    return found
