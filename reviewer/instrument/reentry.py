"""Functions that run while something is being logged; a line in one of them could call it again, for ever."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from reviewer.code.outline import dotted
from reviewer.instrument.log_call import LOGGER
from reviewer.instrument.subject import FUNCTIONS

LOGGING_BASE = re.compile(
    r"logging\..*|(?:.*\.)?(?:RichHandler|InterceptHandler|Log\w*Handler|\w*LogHandler|\w*LogFormatter|JsonFormatter)"
)
"""Base classes of what is a part of logging itself."""
_HOOKING = frozenset({"add", "addFilter", "configure", "patch"})
"""Methods by which a logger, `logging` or structlog is given functions: sinks, filters, processors."""


def while_logging(tree: ast.Module) -> frozenset[str]:
    """Names of a module's own functions that its handlers, formatters, filters and sinks call, in turn too.

    Args:
        tree: the module.
    """
    functions = {node.name: node for node in tree.body if isinstance(node, FUNCTIONS)}
    named = _imported(tree)
    waiting = {name for node in ast.walk(tree) for part in _entries(node, named) for name in _read(part)}
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in functions and name not in found:
            found.add(name)
            waiting |= set(_read(functions[name]))
    return frozenset(found)


def _entries(node: ast.AST, named: dict[str, str]) -> Iterator[ast.AST]:
    """What logging calls: a class that is a part of it, the functions that it is given."""
    if isinstance(node, ast.ClassDef):
        bases = [(dotted(base) or "").partition(".") for base in node.bases]
        if any(LOGGING_BASE.fullmatch(f"{named.get(root, root)}{dot}{rest}") for root, dot, rest in bases):
            yield node
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _HOOKING:
        owner = dotted(node.func.value) or ""
        if LOGGER.fullmatch(owner.rpartition(".")[2]) or owner == "structlog":
            yield from (*node.args, *(keyword.value for keyword in node.keywords))


def _imported(tree: ast.Module) -> dict[str, str]:
    """What the names imported at the top of a module mean."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def _read(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load)}
