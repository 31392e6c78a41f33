"""Telling functions that never return: every path through them raises, exits or runs for ever."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from reviewer.code.outline import dotted
from reviewer.code.scope import Function, own_nodes

NO_RETURN = "typing.NoReturn"
"""The canonical type of what a call gives that never comes back."""
NEVER = frozenset(
    {"typing.NoReturn", "typing.Never", "typing_extensions.NoReturn", "typing_extensions.Never", "NoReturn", "Never"}
)
"""Annotations that say so: https://docs.python.org/3/library/typing.html#typing.Never."""

Leaves = Callable[[ast.Call, bool], bool]

_SUPPRESS = ("suppress", "raises", "assertRaises")
"""Last parts of context managers that end an exception."""


def never_returns(node: Function, leaves: Leaves) -> bool:
    """Whether no path through a function comes back to its caller.

    Args:
        node: the function.
        leaves: whether a call inside never comes back, given whether it is awaited.
    """
    if _is_placeholder(node.body):
        return False
    if any(isinstance(inner, ast.Return | ast.Yield | ast.YieldFrom) for inner in own_nodes(node.body)):
        return False
    return ends_early(node.body, leaves)


def _is_placeholder(body: Sequence[ast.stmt]) -> bool:
    """`raise NotImplementedError`, with a docstring or without: a subclass does something else."""
    last = body[-1]
    if not isinstance(last, ast.Raise) or last.exc is None:
        return False
    raised = last.exc.func if isinstance(last.exc, ast.Call) else last.exc
    return (dotted(raised) or "").rpartition(".")[2].startswith("NotImplemented")


def ends_early(body: Sequence[ast.stmt], leaves: Leaves) -> bool:
    """Whether the end of a block is never reached, since every way to it returns, raises or exits.

    Args:
        body: the block.
        leaves: whether a call inside never comes back, given whether it is awaited.
    """
    return any(_statement_leaves(statement, leaves) for statement in body)


def _statement_leaves(node: ast.stmt, leaves: Leaves) -> bool:
    if isinstance(node, ast.Raise | ast.Return | ast.Continue | ast.Break):
        return True
    if isinstance(node, ast.Expr):
        awaited = isinstance(node.value, ast.Await)
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        return isinstance(call, ast.Call) and leaves(call, awaited)
    if isinstance(node, ast.If):
        while len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):  # a chain of `elif` may be long
            if not ends_early(node.body, leaves):
                return False
            node = node.orelse[0]
        return bool(node.orelse) and ends_early(node.body, leaves) and ends_early(node.orelse, leaves)
    if isinstance(node, ast.With | ast.AsyncWith):
        return not any(map(_suppresses, node.items)) and ends_early(node.body, leaves)
    if isinstance(node, ast.Try | ast.TryStar):
        handled = all(ends_early(handler.body, leaves) for handler in node.handlers)
        through = ends_early(node.body, leaves) or ends_early(node.orelse, leaves)
        return (handled and through) or ends_early(node.finalbody, leaves)
    if isinstance(node, ast.Match):
        return _is_exhaustive(node) and all(ends_early(case.body, leaves) for case in node.cases)
    return isinstance(node, ast.While) and _is_endless(node)


def _suppresses(item: ast.withitem) -> bool:
    made = item.context_expr
    return isinstance(made, ast.Call) and (dotted(made.func) or "").rpartition(".")[2].startswith(_SUPPRESS)


def _is_exhaustive(node: ast.Match) -> bool:
    last = node.cases[-1]
    return last.guard is None and isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None


def _is_endless(node: ast.While) -> bool:
    """`while True:` that nothing breaks off."""
    if not (isinstance(node.test, ast.Constant) and node.test.value):
        return False
    pending: list[ast.stmt] = list(node.body)
    while pending:
        current = pending.pop()
        if isinstance(current, ast.Break):
            return False
        if isinstance(current, ast.For | ast.AsyncFor | ast.While):
            pending.extend(current.orelse)  # a break inside of it is its own
        elif not isinstance(current, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            pending.extend(child for child in ast.iter_child_nodes(current) if isinstance(child, ast.stmt))
            for holder in (*getattr(current, "handlers", ()), *getattr(current, "cases", ())):
                pending.extend(holder.body)
    return True
