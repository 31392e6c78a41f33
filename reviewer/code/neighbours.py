"""What one file can learn of the rest of its project: the meaning of names that lead out of it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.code.names import Names
from reviewer.code.outline import Definition, Outline
from reviewer.code.source import Source
from reviewer.domain.fact import Value

if TYPE_CHECKING:
    from reviewer.code.project import Project


@dataclass(frozen=True)
class ProjectFile:
    """One file of the project, outlined.

    Attributes:
        path: from the root of the repository.
        content_hash: of its bytes, in hexadecimal.
        source: its text.
        outline: what it defines.
        names: what its names mean, the rest of the project included.
        neighbours: the rest of the project as this file sees it.
    """

    path: str
    content_hash: str
    source: Source
    outline: Outline
    names: Names
    neighbours: Neighbours

    @property
    def module(self) -> str:
        """The dotted name under which things of this file are known everywhere else."""
        return self.outline.module

    def binds(self, name: str) -> bool:
        """Whether the file itself gives a name a meaning."""
        plan = self.outline
        return any(name in bound for bound in (plan.definitions, plan.imports, plan.assigned, plan.annotated))


class Neighbours:
    """What one file can learn of the rest of its project, in canonical names.

    Args:
        project: the files.
        path: the file that asks.
    """

    def __init__(self, project: Project, path: str) -> None:
        self._project = project
        self._path = path
        self._values: dict[str, Value | None] = {}

    def value(self, symbol: str) -> Value | None:
        """What a dotted name stands for: a function or class by its canonical name, a variable by its value.

        Returns:
            None for what is not found in the project.
        """
        if "." not in symbol:
            return None
        if symbol not in self._values:
            self._values[symbol] = None  # an import cycle ends here
            found = self._project.locate(symbol, self._path)
            self._values[symbol] = self._named(*found) if found is not None else None
        return self._values[symbol]

    def canonical(self, name: str) -> str:
        """The canonical name of a thing, by any dotted name under which this file knows it; the same if unknown.

        A name may run through results of calls: "shop.make_order().save" is the method of what the function returns.
        """
        head, *tails = name.split("()")
        value = self.value(head)
        for tail in tails:
            made = self.result(value.symbol) if value is not None and value.symbol is not None else None
            if made is None or made.type is None:
                return name
            value = self.value(f"{made.type}{tail}")
        return value.symbol if value is not None and value.symbol is not None else name

    def result(self, symbol: str) -> Value | None:
        """What calling a function or class of the project gives; None for anything else."""
        found = self.definition(symbol)
        if found is None:
            return None
        file, definition = found
        if definition.kind == "class":
            return Value(type=symbol)
        return globalise(file.names.returned.by(definition), file.module)

    def is_coroutine_function(self, symbol: str) -> bool:
        """Whether it is a function of the project that gives a coroutine."""
        found = self.definition(symbol)
        return found is not None and found[0].names.is_coroutine_function(f".{found[1].name}")

    def bases(self, symbol: str) -> tuple[str, ...] | None:
        """The bases of a class of the project, canonical; None for anything else."""
        found = self.definition(symbol)
        if found is None or found[1].kind != "class":
            return None
        file, definition = found
        return tuple(map(file.names.of_base, file.outline.bases.get(definition.name, ())))

    def definition(self, symbol: str) -> tuple[ProjectFile, Definition] | None:
        """The function or class of the project with this canonical name, and its file."""
        return self._project.definition(symbol, self._path)

    def _named(self, file: ProjectFile, name: str) -> Value | None:
        if not name:
            return Value(symbol=file.module)
        first, _, rest = name.partition(".")
        if file.binds(first):
            return _member(file, first, rest)
        values = (_member(other, first, rest) for other in self._project.starred(file) if other.binds(first))
        return next((value for value in values if value is not None), None)


class Unresolved:
    """Stands for the rest of the project where a file is read for itself alone, whatever the others hold.

    Names that lead out of the file stay as the file writes them, results of calls included, until somebody who has the
    project asks for their canonical form (`Neighbours.canonical`). What is read this way depends on one file's text.
    """

    def value(self, symbol: str) -> Value | None:
        """The name itself."""
        return Value(symbol=symbol)

    def result(self, symbol: str) -> Value | None:
        """What a call gives, by the name of what is called."""
        last = symbol.rpartition(".")[2]
        return Value(type=symbol if last[:1].isupper() and not last.isupper() else f"{symbol}()")

    def is_coroutine_function(self, symbol: str) -> bool:
        """Not known."""
        return False


def globalise(value: Value, module: str) -> Value:
    """A value of one file as others see it: its own things by their dotted names, and no places of that file."""
    return dataclasses.replace(
        value,
        text="",
        type=_global_name(value.type, module),
        symbol=_global_name(value.symbol, module),
        made_by=_global_name(value.made_by, module),
        made_at=None,
        parameter=None,
        guards=frozenset(),
    )


def _global_name(name: str | None, module: str) -> str | None:
    return f"{module}{name}" if name is not None and name.startswith(".") else name


def _member(file: ProjectFile, first: str, rest: str) -> Value | None:
    value: Value | None = file.names.of_module(first)
    for part in rest.split(".") if rest else ():
        value = file.names.member(value, part) if value is not None else None
    return globalise(value, file.module) if value is not None else None
