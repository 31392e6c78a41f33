"""The file that is looked at, with what the search for places asks of it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from reviewer.code.limits import Limits
from reviewer.code.outline import Definition, bodies, dotted
from reviewer.code.project import Project
from reviewer.code.source import Source, decode
from reviewer.code.unit import CodeFile, read_units
from reviewer.domain.fact import Unit
from reviewer.domain.syntax import parse_module
from reviewer.errors import SourceError
from reviewer.flow.boundaries.finder import Boundaries
from reviewer.instrument.assignment import Function, assignments, bindings_of, locals_of, lost_names
from reviewer.instrument.layout import Layout, layout_of
from reviewer.knowledge.lookup import Knowledge

N = TypeVar("N", bound=ast.AST)
T = TypeVar("T")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Surroundings:
    """What is known beside the file.

    Attributes:
        knowledge: what libraries do.
        limits: when to give a definition up.
        project: the other files, read on demand; None where there are none.
    """

    knowledge: Knowledge
    limits: Limits
    project: Project | None = None


class Subject:
    """One file, read.

    Args:
        code: its units and outline.
        around: what is known beside it.
    """

    def __init__(self, code: CodeFile, around: Surroundings) -> None:
        self.code = code
        self.around = around
        self.boundaries = Boundaries(code)
        self._made: dict[tuple[str, int], Any] = {}

    @property
    def path(self) -> str:
        """Path of the file from the root of the repository."""
        return self.code.source.path

    @property
    def source(self) -> Source:
        """The text."""
        return self.code.source

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax of the whole file."""
        return parse(self.source.text)

    @cached_property
    def layout(self) -> Layout:
        """How its lines are laid out."""
        return layout_of(self.source, self.around.project)

    @cached_property
    def parents(self) -> dict[int, ast.AST]:
        """The node around each node, by the inner one's `id`."""
        return {id(child): node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    @cached_property
    def functions(self) -> dict[tuple[str, int], Function]:
        """The functions by the name of their definition and the line of their `def`."""
        return {(node.name, node.lineno): node for node in ast.walk(self.tree) if isinstance(node, FUNCTIONS)}

    @cached_property
    def clauses(self) -> dict[int, ast.ExceptHandler]:
        """The `except` clauses by their line; no two begin on one."""
        return {node.lineno: node for node in ast.walk(self.tree) if isinstance(node, ast.ExceptHandler)}

    def once(self, make: Callable[[N], T], node: N) -> T:
        """What a function says of a node of the tree, worked out at the first request.

        Args:
            make: the function; told apart by its name.
            node: the node.
        """
        key = (make.__qualname__, id(node))
        if key not in self._made:
            self._made[key] = make(node)
        made: T = self._made[key]
        return made

    def around_of(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around a node, innermost first."""
        current = self.parents.get(id(node))
        while current is not None:
            yield current
            current = self.parents.get(id(current))

    def block_of(self, node: ast.stmt) -> list[ast.stmt]:
        """The statements among which a statement stands."""
        parent = self.parents.get(id(node))
        if isinstance(parent, ast.ExceptHandler | ast.match_case | ast.Module):
            return parent.body
        for body in bodies(parent) if isinstance(parent, ast.stmt) else ():
            if any(statement is node for statement in body):
                return body
        return [node]

    def function_of(self, node: ast.AST) -> Function | None:
        """The innermost function around a node; None in a class or module body."""
        for outer in self.around_of(node):
            if isinstance(outer, FUNCTIONS):
                return outer
            if isinstance(outer, ast.ClassDef | ast.Lambda):
                return None
        return None

    def hidden(self, function: Function) -> frozenset[str]:
        """Names that mean something else in a function than in the module."""
        found = self.once(locals_of, function)
        for outer in self.around_of(function):
            if isinstance(outer, FUNCTIONS):
                found |= self.once(locals_of, outer)
        return found

    def enclosed(self, function: Function) -> frozenset[str]:
        """Names that a function has from the functions around it, and that have a value whenever it runs."""
        found: frozenset[str] = frozenset()
        nearer = self.once(bindings_of, function)
        place: ast.stmt = function
        for outer in self.around_of(function):
            if isinstance(outer, FUNCTIONS):
                certain = self.once(assignments, outer).get(id(place), frozenset())
                own = self.once(locals_of, outer)
                found |= (certain & own) - self.once(lost_names, outer) - nearer
                nearer |= self.once(bindings_of, outer)
            if isinstance(outer, ast.stmt):
                place = outer
        return found

    def means_builtin(self, name: str, function: Function) -> bool:
        """Whether a name means Python's own in a function: neither the function nor the module gives it another."""
        outline = self.code.outline
        elsewhere = name in outline.assigned or name in outline.imports or name in outline.definitions
        return not elsewhere and name not in outline.globals_written and name not in self.hidden(function)

    def column(self, node: ast.stmt | ast.ExceptHandler | ast.expr) -> int:
        """The column of a node from 1, in characters."""
        line = self.source.lines[node.lineno - 1]
        return len(line.encode("utf-8", "surrogatepass")[: node.col_offset].decode("utf-8", "replace")) + 1

    def definition_of(self, unit: Unit) -> tuple[Definition, Function] | None:
        """The definition of a function's unit with its node in `tree`."""
        for definition in self.code.outline.in_order:
            if definition.name == unit.name and definition.line == unit.line and definition.kind != "class":
                node = self.functions.get((unit.name.rpartition(".")[2], definition.header_line))
                return (definition, node) if node is not None else None
        return None


def reread(subject: Subject, content: bytes, changed: frozenset[int] | None) -> Subject:
    """Read another text in the place of a file.

    Args:
        subject: the file.
        content: its other bytes.
        changed: the lines whose units are wanted; None for all.

    Raises:
        SourceError: it is no Python.
    """
    around = subject.around
    source = decode(subject.path, content)
    code = read_units(source, changed, around.knowledge, around.limits, elsewhere=subject.code.names.elsewhere)
    return Subject(code, around)


def parse(text: str) -> ast.Module:
    """Parse without a word about the code's own slips.

    Raises:
        SourceError: it is no Python.
    """
    try:
        return parse_module(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SourceError(f"cannot be parsed: {error}") from error


def qualified(subject: Subject, node: ast.expr) -> str | None:
    """What a dotted expression means by the imports of the module; None for any other expression."""
    name = dotted(node)
    if name is None:
        return None
    root, dot, rest = name.partition(".")
    imported = subject.code.outline.imports.get(root)
    return f"{imported}{dot}{rest}" if imported is not None else name
