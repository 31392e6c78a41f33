"""Clauses that pass their error on, and whether a module tells of it there."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from reviewer.code.outline import dotted
from reviewer.instrument.clause import gives_error, log_line, types_of
from reviewer.instrument.log_call import log_call

_LEAVING = frozenset(
    {"BaseException", "CancelledError", "GeneratorExit", "KeyboardInterrupt", "StopAsyncIteration", "StopIteration",
     "SystemExit"}
)  # fmt: skip
"""Exceptions that end something on purpose."""


def passes_on(node: ast.ExceptHandler, attempt: ast.Try | ast.TryStar) -> bool:
    """Whether a clause only keeps an error from a later clause, or takes what ends something on purpose.

    Args:
        node: a clause that raises its error again.
        attempt: its `try`.
    """
    work = [one for one in node.body if log_line(one) is None]
    return (len(work) == 1 and node is not attempt.handlers[-1]) or not _LEAVING.isdisjoint(types_of(node))


def tells_and_raises(tree: ast.Module) -> bool:
    """Whether most clauses of a module that raise their error again tell of it first, those that pass it on aside.

    Whoever ends an error tells of it, so that most people leave such clauses silent: only 49 of 100 in 70 projects
    tell. In a module where most others do, 9 of 10 do.

    Args:
        tree: the module.
    """
    return _most_tell(node for node, attempt in _clauses(tree) if _raises_again(node) and not passes_on(node, attempt))


def tells_and_gives(tree: ast.Module) -> bool:
    """Whether most clauses of a module that give their error to somebody who waits for it tell of it first.

    Args:
        tree: the module.
    """
    return _most_tell(node for node, _ in _clauses(tree) if gives_error(node))


def _clauses(tree: ast.Module) -> Iterator[tuple[ast.ExceptHandler, ast.Try | ast.TryStar]]:
    for attempt in ast.walk(tree):
        if isinstance(attempt, ast.Try | ast.TryStar):
            yield from ((node, attempt) for node in attempt.handlers)


def _raises_again(node: ast.ExceptHandler) -> bool:
    last = node.body[-1]
    return isinstance(last, ast.Raise) and (last.exc is None or dotted(last.exc) == (node.name or ""))


def _most_tell(nodes: Iterable[ast.ExceptHandler]) -> bool:
    telling = silent = 0
    for node in nodes:
        tells = any(log_call(inner) is not None for step in node.body for inner in ast.walk(step))
        telling, silent = telling + tells, silent + (not tells)
    return telling > silent
