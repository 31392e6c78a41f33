"""Reading the definitions of a file that a changed unit reaches, each when it is first asked for."""

from __future__ import annotations

import ast
import re
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.code.limits import Limits
from reviewer.code.names import Names
from reviewer.code.outline import Definition, bodies, dotted
from reviewer.code.unit import CodeFile, read_definition
from reviewer.domain.fact import Unit
from reviewer.errors import SourceError

_WORD = re.compile(r"\w+")
_SHARES = 5
"""How many times the limit of one definition all those outside of the change may take."""


@dataclass(slots=True)
class _Span:
    """The lines of a function, and the function around it."""

    name: str
    line: int
    end_line: int
    parent: _Span | None = None

    def outward(self) -> Iterator[_Span]:
        """Itself and the functions around it."""
        span: _Span | None = self
        while span is not None:
            yield span
            span = span.parent


class Definitions:
    """The functions of one file by name, changed or not; what is not in the change is parsed at the first request.

    Args:
        code: the file with its changed units.
        limits: when to give a definition up.
    """

    def __init__(self, code: CodeFile, limits: Limits | None = None) -> None:
        self._code = code
        self._limits = limits or Limits()
        # A unit of the change is complete: all facts of its function, whichever lines of it changed.
        self._units: dict[str, Unit | None] = {unit.name: unit for unit in code.units}
        for unit in code.beside:
            self._units.setdefault(unit.name, unit)
        self._spent = 0.0
        self._referring: dict[str, tuple[str, ...]] = {}
        self._mentions: dict[str, list[_Span]] | None = None
        self._attempting: dict[str, tuple[str, ...]] | None = None
        self._decorated: dict[str, tuple[str, ...]] | None = None

    @property
    def changed(self) -> tuple[Unit, ...]:
        """The units of the change."""
        return self._code.units

    def unit(self, name: str) -> Unit | None:
        """The function or method with this qualified name in the file; None when there is none or it cannot be read."""
        if name not in self._units:
            self._units[name] = None
            definition = self._code.outline.definitions.get(name)
            if definition is not None and definition.kind != "class" and definition.outer is not None:
                for unit in self._read(definition.outer):
                    self._units[unit.name] = self._units.get(unit.name) or unit
        return self._units[name]

    def _read(self, outer: str) -> tuple[Unit, ...]:
        if self._spent > _SHARES * self._limits.seconds:
            return ()
        started = time.thread_time()
        try:
            return read_definition(self._code, outer, self._limits)
        except (SourceError, RecursionError):
            return ()  # told as not checked where it is part of the change
        finally:
            self._spent += time.thread_time() - started

    def constructor(self, owner: str) -> str | None:
        """Qualified name of the `__init__` that making an instance of a class of this file runs."""
        return self.method(owner, "__init__")

    def method(self, owner: str, name: str) -> str | None:
        """Qualified name of a method of a class of this file, its bases in the file included; None elsewhere."""
        outline = self._code.outline
        named = (f"{current}.{name}" for current in outline.lineage(owner))
        return next((method for method in named if method in outline.definitions), None)

    @property
    def path(self) -> str:
        """The file, from the root of the repository."""
        return self._code.source.path

    @property
    def module(self) -> str:
        """The dotted name under which other files know this one."""
        return self._code.outline.module

    @property
    def names(self) -> Names:
        """What the names of the file mean."""
        return self._code.names

    def holds(self, name: str) -> bool:
        """Whether a function or class of this qualified name is defined in the file."""
        return name in self._code.outline.definitions

    def line(self, name: str) -> int | None:
        """The line of a definition's `def` or `class`; None where there is no such definition."""
        definition = self._code.outline.definitions.get(name)
        return definition.header_line if definition is not None else None

    def size(self, name: str) -> int:
        """The lines of a function, decorators included; 0 where there is no function of this name."""
        definition = self._code.outline.definitions.get(name)
        return definition.end_line - definition.line + 1 if definition is not None and definition.kind != "class" else 0

    def inside(self, name: str) -> tuple[Unit, ...]:
        """The functions defined in a function, however deep."""
        plan = self._code.outline
        definition = plan.definitions.get(name)
        if definition is None or definition.outer is None:
            return ()
        names = dict.fromkeys(one.name for one in plan.within[definition.outer] if one.name.startswith(f"{name}."))
        return tuple(unit for unit in map(self.unit, names) if unit is not None)

    def is_abstract(self, name: str) -> bool:
        """Whether a method is there to be replaced.

        It is marked abstract, or all that it does is to raise NotImplementedError, or it has no body but `...`; in a
        Protocol `pass` and a docstring are none either.
        """
        definition = self._code.outline.definitions.get(name)
        if definition is None or definition.kind != "method" or isinstance(definition.node, ast.ClassDef):
            return False
        if any(decorator.rpartition(".")[2] == "abstractmethod" for decorator in self.decorators(name)):
            return True
        *before, last = definition.node.body
        if len(before) > 1:
            return False
        if isinstance(last, ast.Raise):
            raised = last.exc.func if isinstance(last.exc, ast.Call) else last.exc
            return dotted(raised) == "NotImplementedError"
        if not all(map(_is_constant, before)):
            return False
        if isinstance(last, ast.Expr) and isinstance(last.value, ast.Constant) and last.value.value is ...:
            return True
        return (isinstance(last, ast.Pass) or _is_constant(last)) and self._is_protocol(definition)

    def _is_protocol(self, definition: Definition) -> bool:
        bases = self._code.outline.bases.get(definition.owner or "", ())
        return any(base in ("typing.Protocol", "typing_extensions.Protocol") for base in bases)

    def subclasses(self, owner: str) -> tuple[str, ...]:
        """Classes of the file that inherit from one of them, directly or not."""
        found: dict[str, None] = {owner: None}
        for definition in self._code.outline.in_order:
            if definition.kind == "class" and any(
                base[1:] in found for base in self._code.outline.bases.get(definition.name, ()) if base[:1] == "."
            ):
                found[definition.name] = None
        return tuple(found)[1:]

    def deriving(self, word: str) -> tuple[tuple[str, str], ...]:
        """Classes of the file with a base whose last name is a word, and that base as the outline has it, in order."""
        return tuple(
            (definition.name, base)
            for definition in self._code.outline.in_order
            if definition.kind == "class"
            for base in self._code.outline.bases.get(definition.name, ())
            if base.rpartition(".")[2] == word
        )

    def is_class(self, name: str) -> bool:
        """Whether a qualified name is a class of this file."""
        definition = self._code.outline.definitions.get(name)
        return definition is not None and definition.kind == "class"

    def decorators(self, name: str) -> tuple[str, ...]:
        """The decorators of a definition as written, without arguments."""
        definition = self._code.outline.definitions.get(name)
        if definition is None:
            return ()
        nodes = definition.node.decorator_list
        return tuple(ast.unparse(node.func if isinstance(node, ast.Call) else node) for node in nodes)

    def decorated(self, decorator: str) -> tuple[str, ...]:
        """Qualified names of the functions that have a decorator, as written without arguments, in order."""
        if self._decorated is None:
            found: defaultdict[str, list[str]] = defaultdict(list)
            for definition in self._code.outline.in_order:
                for one in self.decorators(definition.name) if definition.kind != "class" else ():
                    found[one].append(definition.name)
            self._decorated = {one: tuple(names) for one, names in found.items()}
        return self._decorated.get(decorator, ())

    def referring(self, name: str) -> tuple[str, ...]:
        """Qualified names of the functions whose text holds the last part of a qualified name, whatever it means."""
        word = name.rpartition(".")[2]
        if word not in self._referring:
            if self._mentions is None:
                self._mentions = self._find_mentions()
            found = {around.line: around for inner in self._mentions.get(word, ()) for around in inner.outward()}
            self._referring[word] = tuple(dict.fromkeys(found[line].name for line in sorted(found)))
        return self._referring[word]

    def _find_mentions(self) -> dict[str, list[_Span]]:
        """Words -> the innermost functions whose text holds them, found in one walk for all words."""
        spans = deque(_Span(d.name, d.line, d.end_line) for d in self._code.outline.in_order if d.kind != "class")
        found: defaultdict[str, list[_Span]] = defaultdict(list)
        current: _Span | None = None
        for number, line in enumerate(self._code.source.lines, start=1):
            while current is not None and current.end_line < number:
                current = current.parent
            while spans and spans[0].line <= number:
                span = spans.popleft()
                span.parent, current = current, span
            if current is not None:
                for word in set(_WORD.findall(line)):
                    if not found[word] or found[word][-1] is not current:
                        found[word].append(current)
        return found

    def attempting(self, name: str) -> tuple[str, ...]:
        """Qualified names of the functions that call something of this name in a `try` that has handlers."""
        if self._attempting is None:
            found: defaultdict[str, list[str]] = defaultdict(list)
            for definition in self._code.outline.in_order:
                if definition.kind != "class":
                    for called in _attempted(definition.node):
                        found[called].append(definition.name)
            self._attempting = {called: tuple(names) for called, names in found.items()}
        return self._attempting.get(name.rpartition(".")[2], ())


def _is_constant(statement: ast.stmt) -> bool:
    """A docstring, or something as idle."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _attempted(function: ast.stmt) -> set[str]:
    """The last names of what a function calls in the bodies of its `try` statements that have handlers."""
    found: set[str] = set()
    pending: list[ast.stmt] = [function]
    while pending:
        statement = pending.pop()
        if isinstance(statement, ast.Try | ast.TryStar) and statement.handlers:
            for node in (node for part in statement.body for node in ast.walk(part)):
                target = node.func if isinstance(node, ast.Call) else None
                if isinstance(target, ast.Attribute):
                    found.add(target.attr)
                elif isinstance(target, ast.Name):
                    found.add(target.id)
        for body in bodies(statement):
            pending.extend(body)
    return found
