"""What a boundary entry is, what it may look at, and the example that stands beside it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType

from reviewer.code.outline import Definition
from reviewer.domain.boundary import Boundary, Clause, Harm, Kind, Retry
from reviewer.flow.boundaries.registration import Registrations
from reviewer.flow.boundaries.site import Decorator, Handover

MODULE_FILE = "shop/example.py"


@dataclass(frozen=True)
class Candidate:
    """A function that may be a boundary.

    Attributes:
        name: qualified name in the file.
        definition: where it stands.
        file: what the file registers.
    """

    name: str
    definition: Definition
    file: Registrations = field(repr=False)

    @property
    def method(self) -> str:
        """The function's own name."""
        return self.definition.node.name

    @property
    def node(self) -> ast.FunctionDef | ast.AsyncFunctionDef:
        """The syntax of the function."""
        node = self.definition.node
        assert not isinstance(node, ast.ClassDef)  # noqa: S101 - the finder asks about functions only
        return node

    @property
    def is_async(self) -> bool:
        """It is a coroutine function."""
        return isinstance(self.node, ast.AsyncFunctionDef)

    @property
    def line(self) -> int:
        """The line of its `def`."""
        return self.definition.header_line

    @cached_property
    def decorators(self) -> tuple[Decorator, ...]:
        """Its decorators, outermost first."""
        return self.file.decorators(self.name)

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """For a method: canonical names of all known classes above its own."""
        return self.file.bases(self.definition.owner) if self.definition.owner else ()

    @cached_property
    def handed(self) -> tuple[Handover, ...]:
        """Where it is given to a call."""
        return tuple(self.file.handed(self.name))

    @property
    def owner(self) -> str:
        """Name of its class; "" for a function."""
        return self.definition.owner or ""

    def inherits(self, *bases: str) -> bool:
        """Whether its class has one of these canonical classes above it."""
        return not set(bases).isdisjoint(self.bases)

    def in_file_named(self, *names: str) -> bool:
        """Whether the file has one of these names."""
        return self.file.path.rpartition("/")[2] in names


@dataclass(frozen=True)
class Example:
    """Source text with what must be seen in it; the tests are made from these.

    Attributes:
        source: a file.
        function: qualified name of the function that is asked about.
        kind: the expected sort; None when it must be no boundary of this entry.
        name: what a person calls it; None when that is not the point.
        endings: exception -> what becomes of it, in words and sort.
        wraps: for a decorator that tries again: exception -> what leaves; None for nothing.
        path: the file's path.
    """

    source: str
    function: str
    kind: Kind | None = None
    name: str | None = None
    endings: Mapping[str, tuple[str, Harm]] = field(default_factory=dict)
    wraps: Mapping[str, str | None] | None = None
    path: str = MODULE_FILE


Find = Callable[[Candidate], Iterator[Boundary]]
FindRetries = Callable[[Candidate], Iterator[Retry]]
FindHandlers = Callable[[Registrations], Iterator[Clause]]


@dataclass(frozen=True)
class Entry:
    """A family of boundaries: one module of this package.

    Attributes:
        id: the module's name, with dashes.
        title: one line.
        source: where its facts are written.
        find: the boundaries that a function is; None where the family only tries again.
        retries: the decorators of this family that try a function again; None where it has none.
        handlers: the exception handlers that a file registers with the family's applications; None where it has none.
        examples: source with what must be seen in it.
    """

    id: str
    title: str
    source: str
    find: Find | None
    retries: FindRetries | None
    handlers: FindHandlers | None
    examples: tuple[Example, ...] = field(repr=False)


def entry_of(module: ModuleType) -> Entry:
    """Build the entry that a module describes.

    The module has a docstring (a title line, then what was found out about the framework; the paragraph that begins
    with "Source:" says where), `EXAMPLES`, and one or more of `find`, `retries` and `handlers`.
    """
    paragraphs = [" ".join(p.split()) for p in inspect.cleandoc(module.__doc__ or "").split("\n\n")]
    source = next((p.removeprefix("Source:").strip() for p in paragraphs if p.startswith("Source:")), "")
    return Entry(
        id=module.__name__.rpartition(".")[2].replace("_", "-"),
        title=paragraphs[0].rstrip("."),
        source=source,
        find=getattr(module, "find", None),
        retries=getattr(module, "retries", None),
        handlers=getattr(module, "handlers", None),
        examples=tuple(module.EXAMPLES),
    )
