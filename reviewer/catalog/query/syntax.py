"""The syntax of one unit, for what the facts leave out: conditions, jumps, how an argument is written."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from reviewer.detectors.rule import View
from reviewer.domain.fact import Call, Place
from reviewer.domain.syntax import parse_module

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Syntax:
    """A unit as `ast` reads it, at the places of the file. What cannot be parsed has nothing.

    Args:
        view: the unit with the file's lines.

    Attributes:
        body: the statements of the unit, those of a function or class without its header.
        header: the definition that a function or class is; None for a module.
    """

    def __init__(self, view: View) -> None:
        self._lines = view.lines
        unit = view.unit
        first = view.lines[unit.line - 1] if 0 < unit.line <= len(view.lines) else ""
        indented = first[:1].isspace()
        # A block of its own makes the indentation right, and costs one line that is taken off again.
        text = "\n".join((*(("if 1:",) if indented else ()), *view.lines[unit.line - 1 : unit.end_line]))
        self._shift = unit.line - 1 - indented
        body = _parsed(text)
        if indented and body and isinstance(body[0], ast.If):
            body = body[0].body
        self.header: Definition | None = None
        if unit.kind != "module":
            self.header = body[0] if body and isinstance(body[0], _DEFINITIONS) else None
            body = self.header.body if self.header is not None else []
        self.body: list[ast.stmt] = body
        self._calls: defaultdict[Place, list[ast.Call]] = defaultdict(list)
        self.statements: dict[Place, ast.stmt] = {}
        for node in _walk(body):
            if isinstance(node, ast.Call):
                self._calls[self.start(node)].append(node)
            elif isinstance(node, ast.stmt):
                self.statements[self.start(node)] = node
        for calls in self._calls.values():
            calls.sort(key=self.end)

    def start(self, node: ast.expr | ast.stmt | ast.excepthandler) -> Place:
        """Line and column in the file, both from 1, in characters."""
        return node.lineno + self._shift, self._column(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt | ast.excepthandler) -> Place:
        """Where a node ends: the place behind its last character."""
        line = node.end_lineno or node.lineno
        return line + self._shift, self._column(line, node.end_col_offset or 0)

    def _column(self, line: int, offset: int) -> int:
        """`ast` counts columns in bytes of UTF-8."""
        index = line + self._shift - 1
        text = self._lines[index] if 0 <= index < len(self._lines) else ""
        return 1 + (offset if text.isascii() else len(text.encode()[:offset].decode(errors="ignore")))

    def call(self, fact: Call, rank: int) -> ast.Call | None:
        """The node of a call.

        Args:
            fact: the call.
            rank: how many calls of the unit that begin at the same place come before it: `a.b().c()` has two.
        """
        found = self._calls.get((fact.span.line, fact.span.column), ())
        node = found[rank] if rank < len(found) else None
        return node if node is not None and len(node.args) + len(node.keywords) == len(fact.arguments) else None


def _parsed(text: str) -> list[ast.stmt]:
    try:
        return parse_module(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _walk(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of a unit, without what stands in functions and classes inside it."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, _DEFINITIONS):
            pending.extend(node.decorator_list)
            if not isinstance(node, ast.ClassDef):
                pending.extend((*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)))
        else:
            pending.extend(ast.iter_child_nodes(node))
