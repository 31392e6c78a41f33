"""How a file hands its functions to frameworks: a call, a decorator, what they are given."""

from __future__ import annotations

import ast
from dataclasses import dataclass

MODULE = "<module>"
"""The scope of what stands outside of all functions and classes."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call or of a decorator as syntax."""

    call: ast.Call | None

    def get(self, name: str, position: int | None = None) -> ast.expr | None:
        """The expression given for a parameter; None when it is not given."""
        if self.call is None:
            return None
        for keyword in self.call.keywords:
            if keyword.arg == name:
                return keyword.value
        if position is not None and position < len(self.call.args):
            given = self.call.args[: position + 1]
            return None if any(isinstance(one, ast.Starred) for one in given) else given[position]
        return None

    def text(self, name: str, position: int | None = None) -> str | None:
        """The constant string given for a parameter; None for anything else."""
        node = self.get(name, position)
        return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None

    def number(self, name: str, position: int | None = None) -> int | None:
        """The constant integer given for a parameter; None for anything else."""
        node = self.get(name, position)
        return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None

    def constant(self, name: str) -> str | None:
        """The constant given for a keyword, as written by `repr`: "None", "True"; None for anything else."""
        node = self.get(name)
        return repr(node.value) if isinstance(node, ast.Constant) else None

    def names(self, name: str) -> bool:
        """Whether a keyword is given at all."""
        return self.get(name) is not None


@dataclass(frozen=True, slots=True)
class Decorator:
    """A decorator of a function or class.

    Attributes:
        symbol: canonical name where it resolves, else as written.
        line: where it stands.
        arguments: what it is given; none for a plain name.
        called: it has parentheses.
        written: as written, without arguments.
    """

    symbol: str
    line: int
    arguments: Arguments
    called: bool
    written: str

    @property
    def method(self) -> str:
        """The last part of the name."""
        return self.symbol.rpartition(".")[2]

    @property
    def owner(self) -> str:
        """The name before the last dot: the object, its type or its module."""
        return self.symbol.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Site:
    """A call somewhere in the file.

    Attributes:
        callee: canonical name where it resolves, else as written; a method of an object by the object's type.
        line: where it stands.
        scope: qualified name of the function or class around it; "<module>" outside of all.
        main: it stands under `if __name__ == "__main__"`.
        use: what happens to the result: "discarded", "awaited", "assigned", "argument", "other".
        arguments: what it is given.
        receiver: the expression before the last dot of the callee; None for a plain name.
        tries: the `try` statements of the module's own statements around it, innermost first.
    """

    callee: str
    line: int
    scope: str
    main: bool
    use: str
    arguments: Arguments
    receiver: ast.expr | None = None
    tries: tuple[ast.Try, ...] = ()

    @property
    def method(self) -> str:
        """The last part of the callee's name."""
        return self.callee.rpartition(".")[2]

    @property
    def owner(self) -> str:
        """The callee's name before its last dot."""
        return self.callee.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Handover:
    """A function of the file that is given to a call.

    Attributes:
        site: the call that gets it.
        keyword: the parameter it is given for; None for a positional argument.
        position: its index among the positional arguments; None for a keyword.
        called: its result is given and not itself, as in `create_task(work())`.
    """

    site: Site
    keyword: str | None
    position: int | None
    called: bool

    def for_parameter(self, name: str, position: int | None = None) -> bool:
        """Whether it is given for a parameter."""
        return self.keyword == name or (position is not None and self.position == position)
