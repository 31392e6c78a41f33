"""Finding what is known of a name, loading each description at its first use."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

from reviewer.domain.library import Attribute, Callable, Library
from reviewer.knowledge.schema import read_library


class Knowledge:
    """All library descriptions, read lazily and remembered for the life of this object.

    Args:
        folder: where the `*.toml` files are; None for those that ship with the reviewer.
    """

    def __init__(self, folder: Traversable | None = None) -> None:
        self._folder = folder or resources.files("reviewer.knowledge").joinpath("libraries")
        self._modules = frozenset(
            item.name.removesuffix(".toml") for item in self._folder.iterdir() if item.name.endswith(".toml")
        )
        self._libraries: dict[str, Library] = {}
        self._canonical: dict[str, str] = {}
        self._ancestors: dict[str, tuple[str, ...]] = {}

    @property
    def modules(self) -> frozenset[str]:
        """Every dotted module that has a description."""
        return self._modules

    def library(self, module: str) -> Library:
        """The description of one module of `modules`."""
        if module not in self._libraries:
            text = self._folder.joinpath(f"{module}.toml").read_text(encoding="utf-8")
            self._libraries[module] = read_library(module, text)
        return self._libraries[module]

    def callable(self, name: str) -> Callable | None:
        """What is known of a callable by any of its public names; methods are looked up in base classes too."""
        name = self.canonical(name)
        for library in self._libraries_of(name):
            if found := library.callables.get(name):
                return found
        owner, _, method = name.rpartition(".")
        for ancestor in self.ancestors(owner)[1:] if owner else ():
            for library in self._libraries_of(ancestor):
                if found := library.callables.get(f"{ancestor}.{method}"):
                    return found
        return None

    def attribute(self, name: str) -> Attribute | None:
        """What is known of an attribute or module variable; those of types are looked up in base classes too."""
        name = self.canonical(name)
        for library in self._libraries_of(name):
            if found := library.attributes.get(name):
                return found
        owner, _, last = name.rpartition(".")
        for ancestor in self.ancestors(owner)[1:] if owner else ():
            for library in self._libraries_of(ancestor):
                if found := library.attributes.get(f"{ancestor}.{last}"):
                    return found
        return None

    def describes(self, name: str) -> bool:
        """Whether anything is said of exactly this name: a module, a class, a callable or an attribute."""
        return name in self._modules or any(
            name in library.callables or name in library.attributes or name in library.classes
            for library in self._libraries_of(name)
        )

    def canonical(self, name: str) -> str:
        """The name under which a thing is described; the name itself where nothing is known.

        Built-in things are described by their plain names: "open", "dict.get".
        """
        if name not in self._canonical:
            self._canonical[name] = self._find_canonical(name.removeprefix("builtins."))
        return self._canonical[name]

    def _find_canonical(self, name: str) -> str:
        for library in self._libraries_of(name):
            if found := library.target(name):
                return found
            # A method of an aliased class: rewrite the longest aliased prefix.
            prefix = name
            while "." in prefix:
                prefix = prefix.rpartition(".")[0]
                if found := library.target(prefix):
                    return found + name[len(prefix) :]
        return name

    def ancestors(self, name: str) -> tuple[str, ...]:
        """A class and all its known bases, nearest first, canonical; built-in exceptions by their plain names.

        A class of which nothing is known has itself alone.
        """
        name = self.canonical(name)
        if name not in self._ancestors:
            ordered: list[str] = []
            pending = [name]
            while pending:
                current = pending.pop(0)
                if current not in ordered:
                    ordered.append(current)
                    pending.extend(self._bases(current))
            self._ancestors[name] = tuple(ordered)
        return self._ancestors[name]

    def covers(self, handler: str, exception: str) -> bool:
        """Whether `except handler` catches the exception, by the known hierarchy."""
        return self.canonical(handler) in self.ancestors(exception)

    def _bases(self, name: str) -> tuple[str, ...]:
        for library in self._libraries_of(name):
            if name in library.classes:
                return tuple(self.canonical(base) for base in library.classes[name])
        built_in = getattr(builtins, name, None)
        if isinstance(built_in, type) and issubclass(built_in, BaseException):
            return tuple(base.__name__ for base in built_in.__bases__ if base is not object)
        return ()

    def _libraries_of(self, name: str) -> Iterator[Library]:
        """Descriptions whose module is a prefix of the name, the longest first; built-in names have no module."""
        first, _, rest = name.partition(".")
        if (not rest or hasattr(builtins, first)) and "builtins" in self._modules:
            yield self.library("builtins")
        prefix = name if rest else ""
        while prefix:
            if prefix in self._modules:
                yield self.library(prefix)
            prefix = prefix.rpartition(".")[0]
