"""Walking statements in evaluation order: branches, loops, handlers, and what they leave known."""

from __future__ import annotations

from collections.abc import Callable as Function
from collections.abc import Sequence
from typing import Any

import libcst as cst

from reviewer.code.assignment import (
    walk_annotated,
    walk_assignment,
    walk_augmented,
    walk_deletion,
    walk_global,
    walk_import,
)
from reviewer.code.branch import walk_assert, walk_if, walk_match
from reviewer.code.departure import walk_jump, walk_raise, walk_return
from reviewer.code.ending import NO_RETURN
from reviewer.code.function import walk_class_statement, walk_function, walk_function_statement
from reviewer.code.loop import walk_for, walk_while
from reviewer.code.try_statement import walk_try
from reviewer.code.walker import Walker
from reviewer.code.with_statement import walk_with


class Statements(Walker):
    """Walks the statements of one segment; see `Reader` for the arguments."""

    def walk(self, body: Sequence[cst.BaseStatement | cst.BaseSmallStatement]) -> None:
        """Walk statements in order; see `Walker.walk`."""
        for statement in body:
            reached = self.alive
            if isinstance(statement, cst.SimpleStatementLine):
                for small in statement.body:
                    self._walk_small(small)
            elif isinstance(statement, cst.BaseSmallStatement):
                self._walk_small(statement)
            else:
                walk_kind = _COMPOUND.get(type(statement))
                if walk_kind is not None:
                    walk_kind(self, statement)
            self.alive = self.alive and reached

    def _walk_small(self, node: cst.BaseSmallStatement) -> None:
        self.statement_code = self.first_line(node)
        walk_kind = _SMALL.get(type(node))
        if walk_kind is not None:
            walk_kind(self, node)

    def walk_definition(self, node: cst.CSTNode) -> None:
        """Walk the function that the segment holds."""
        if isinstance(node, cst.FunctionDef):
            walk_function(self, node)

    def walk_class(self, node: cst.CSTNode) -> None:
        """Walk a class's own statements, which run at import time."""
        if isinstance(node, cst.ClassDef):
            self.walk(node.body.body)


def _walk_expression(walker: Walker, node: cst.Expr) -> None:
    value = walker.read(node.value, "discarded")
    if value.type == NO_RETURN and (
        isinstance(node.value, cst.Await) or not walker.names.is_coroutine_function(value.made_by)
    ):
        walker.alive = False


_SMALL: dict[type[cst.CSTNode], Function[[Walker, Any], None]] = {
    cst.Expr: _walk_expression,
    cst.Assign: walk_assignment,
    cst.AnnAssign: walk_annotated,
    cst.AugAssign: walk_augmented,
    cst.Return: walk_return,
    cst.Raise: walk_raise,
    cst.Assert: walk_assert,
    cst.Del: walk_deletion,
    cst.Import: walk_import,
    cst.ImportFrom: walk_import,
    cst.Break: walk_jump,
    cst.Continue: walk_jump,
    cst.Global: walk_global,
}
_COMPOUND: dict[type[cst.CSTNode], Function[[Walker, Any], None]] = {
    cst.If: walk_if,
    cst.For: walk_for,
    cst.While: walk_while,
    cst.With: walk_with,
    cst.Try: walk_try,
    cst.TryStar: walk_try,
    cst.Match: walk_match,
    cst.FunctionDef: walk_function_statement,
    cst.ClassDef: walk_class_statement,
}
