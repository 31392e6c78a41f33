"""The `pass` that fills a block without statements; beside a log line it is needless, and linters ask for it to go."""

from __future__ import annotations

import ast
import re

import libcst as cst

_DIRECTIVE = re.compile(
    r"#\s*(?:noqa|nosec|pragma|pylint|pyright|mypy|type|ty|ruff|flake8|fmt|isort|yapf)\b", re.IGNORECASE
)
"""A comment that speaks to a program about the line on which it stands."""


def is_directive(comment: str) -> bool:
    """Whether a comment means something to a program, so that it cannot move to another line."""
    return _DIRECTIVE.match(comment) is not None


def is_placeholder(line: cst.SimpleStatementLine | cst.SimpleStatementSuite) -> bool:
    """Whether a line holds nothing but `pass` or `...`.

    Args:
        line: of a file's concrete syntax.
    """
    statement = line.body[0] if len(line.body) == 1 else None
    if isinstance(statement, cst.Expr):
        return isinstance(statement.value, cst.Ellipsis)
    return isinstance(statement, cst.Pass) and not isinstance(statement.semicolon, cst.Semicolon)


def is_placeholder_node(node: ast.stmt) -> bool:
    """The same of a node of the abstract syntax."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return node.value.value is ...
    return isinstance(node, ast.Pass)
