"""What a file hands to frameworks: its calls with the functions given to them, and its decorators.

Everything is read from one walk over the file's syntax, without the facts of its functions, so that a function that is
not part of the change can be judged as well.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Iterator
from typing import TypeVar, cast

from reviewer.code.names import Names
from reviewer.code.outline import Outline
from reviewer.code.unit import CodeFile
from reviewer.flow.boundaries.call import Calls, WrittenCall, last_name
from reviewer.flow.boundaries.meaning import Meanings
from reviewer.flow.boundaries.site import MODULE, Arguments, Decorator, Handover, Site

T = TypeVar("T")


class Registrations:
    """The calls and decorators of a file, resolved when they are asked for.

    Args:
        code: the file.
    """

    def __init__(self, code: CodeFile) -> None:
        self.path = code.source.path
        self.outline: Outline = code.outline
        self.names: Names = code.names
        self._sites: dict[int, Site] = {}
        self._decorators: dict[str, tuple[Decorator, ...]] = {}
        self._remembered: dict[Hashable, object] = {}
        self._meanings = Meanings(code.names)
        self._calls = Calls(code.outline.tree)

    def imports(self, *roots: str) -> bool:
        """Whether the file imports one of these packages."""
        return any(name.partition(".")[0] in roots for name in self.outline.imports.values())

    def sites(self, *methods: str) -> Iterator[Site]:
        """The calls whose callee, as written, ends in one of these names, in the order of their lines."""
        for call in self._calls.named(*methods):
            yield self._site(call)

    def handed(self, name: str) -> Iterator[Handover]:
        """Where a function of the file is given to a call."""
        for given in self._calls.given(name.rpartition(".")[2]):
            if self.symbol(given.target, given.call.scope) == "." + name:
                yield Handover(self._site(given.call), given.keyword, given.position, given.called)

    def called(self, name: str) -> Iterator[Site]:
        """Where a function of the file is called."""
        for call in self._calls.named(name.rpartition(".")[2]):
            if self.symbol(call.node.func, call.scope) == "." + name:
                yield self._site(call)

    def decorators(self, name: str) -> tuple[Decorator, ...]:
        """The decorators of a function or class of the file, outermost first."""
        if name not in self._decorators:
            definition = self.outline.definitions.get(name)
            nodes = definition.node.decorator_list if definition is not None else ()
            scope = name.rpartition(".")[0] or MODULE
            self._decorators[name] = tuple(self._decorator(node, scope) for node in nodes)
        return self._decorators[name]

    def decorated(self) -> Iterator[tuple[str, Decorator]]:
        """Every decorator of every function of the file, with the function's name."""
        for definition in self.outline.in_order:
            if definition.node.decorator_list and definition.kind != "class":
                for decorator in self.decorators(definition.name):
                    yield definition.name, decorator

    def bases(self, owner: str) -> tuple[str, ...]:
        """Canonical names of the classes above one of the file, those of the file by their own bases."""
        found: dict[str, None] = {}
        pending, seen = [owner], set()
        while pending:
            current = pending.pop(0)
            if current in seen:
                continue
            seen.add(current)
            for written in self.outline.bases.get(current, ()):
                base = self._class_named(written.partition("[")[0]) if "[" in written else written
                if base.startswith("."):
                    pending.append(base[1:])
                found[base if base.startswith(".") else self.names.knowledge.canonical(base)] = None
        return tuple(found)

    def symbol(self, node: ast.expr, scope: str) -> str | None:
        """Canonical name of what an expression stands for; as written where only that is known; None without a name."""
        return self._meanings.symbol(node, scope)

    def types(self, node: ast.expr | None, scope: str = MODULE) -> tuple[str, ...]:
        """The exception classes that an expression names: a class, a tuple or list of them, or a constant of these."""
        return self._meanings.types(node, scope)

    def function(self, node: ast.expr | None, scope: str) -> str | None:
        """Qualified name of the function of the file that an expression stands for."""
        return self._meanings.function(node, scope)

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made of this file under a key before, else what is made now."""
        if key not in self._remembered:
            self._remembered[key] = make()
        return cast("T", self._remembered[key])

    def line_of(self, name: str) -> int:
        """The line where a function's own statement begins; 1 when it is none of the file."""
        definition = self.outline.definitions.get(name)
        return definition.header_line if definition is not None else 1

    def _class_named(self, name: str) -> str:
        root, dot, rest = name.partition(".")
        if root in self.outline.definitions:
            return "." + name
        return self.outline.imports[root] + dot + rest if root in self.outline.imports else name

    def _decorator(self, node: ast.expr, scope: str) -> Decorator:
        call = node if isinstance(node, ast.Call) else None
        target = call.func if call is not None else node
        return Decorator(
            self.symbol(target, scope) or ast.unparse(target),
            node.lineno,
            Arguments(call),
            call is not None,
            ast.unparse(target),
        )

    def _site(self, call: WrittenCall) -> Site:
        key = id(call)
        if key not in self._sites:
            function = call.node.func
            callee = self.symbol(function, call.scope)
            receiver = function.value if isinstance(function, ast.Attribute) else None
            if callee is None:
                made = self._meanings.value(receiver, call.scope)
                callee = f"{made.type or made.symbol or '?'}.{last_name(function)}"
            self._sites[key] = Site(
                callee, call.node.lineno, call.scope, call.main, call.use, Arguments(call.node), receiver, call.tries
            )
        return self._sites[key]
