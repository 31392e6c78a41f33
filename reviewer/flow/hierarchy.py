"""The class hierarchy of exceptions: built in, of libraries, of the reviewed file and of its project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from reviewer.domain.fact import Block, Context, Handler, Try
from reviewer.flow.group import group_of, kind_of, part_of
from reviewer.knowledge.lookup import Knowledge

_MOST_ANCESTORS = 500
"""Classes above one that are looked at; nobody writes more."""


class Taking(Protocol):
    """Whatever tells which exceptions it takes: a clause as the code room or a digest tells it."""

    @property
    def types(self) -> tuple[str, ...]:
        """Canonical names."""

    @property
    def starred(self) -> bool:
        """Whether it is an `except*`, which takes the parts of an exception group."""


class Ancestry(Protocol):
    """What is known of the classes of other files."""

    def bases(self, symbol: str) -> tuple[str, ...] | None:
        """The bases of a class of the project; None for anything else."""


class Hierarchy:
    """Decides what a handler covers.

    Args:
        knowledge: library hierarchies.
        bases: class of the reviewed file (by its name inside the file) -> its bases.
        elsewhere: the classes of the other files of the project; None where only this file is to be had.
    """

    def __init__(
        self, knowledge: Knowledge, bases: Mapping[str, tuple[str, ...]], elsewhere: Ancestry | None = None
    ) -> None:
        self._knowledge = knowledge
        self._bases = bases
        self._elsewhere = elsewhere
        self._ancestors: dict[str, tuple[str, ...]] = {}
        self._canonical_names: dict[str, str] = {}

    def ancestors(self, name: str) -> tuple[str, ...]:
        """A class and all its known bases, nearest first; a group with something in it is one more class."""
        found_before = self._ancestors.get(name)
        if found_before is not None:
            return found_before
        if part_of(name) is not None:
            self._ancestors[name] = (name, *self.ancestors(kind_of(name)))
            return self._ancestors[name]
        found: dict[str, None] = {}
        pending = [name]
        while pending and len(found) < _MOST_ANCESTORS:
            current = pending.pop()
            if current in found:
                continue
            if current.startswith("."):
                found[current] = None
                pending.extend(reversed(self._bases.get(current[1:], ())))
            elif (bases := self._project_bases(current)) is not None:
                found[current] = None
                pending.extend(reversed(bases))
            else:
                found.update(dict.fromkeys(self._knowledge.ancestors(current)))
        self._ancestors[name] = tuple(found)
        return self._ancestors[name]

    def _project_bases(self, name: str) -> tuple[str, ...] | None:
        if self._elsewhere is None or "." not in name or self._knowledge.describes(self._knowledge.canonical(name)):
            return None
        return self._elsewhere.bases(name)

    def known(self, name: str) -> bool:
        """Whether the bases of an exception class are known down to a built-in one."""
        return self.ancestors(name)[-1] in ("BaseException", "Exception")

    def covers(self, handler: Taking, exception: str) -> bool:
        """Whether a clause catches an exception of exactly this class; of a group, whether it takes what is inside."""
        if handler.starred:
            exception = part_of(exception) or exception
        ancestors = self.ancestors(exception)
        return any(
            kind in ("BaseException", exception)
            or (kind == "Exception" and not self._is_base_only(exception))
            or self._canonical(kind) in ancestors
            for kind in handler.types
        )

    def may_cover(self, handler: Handler, exception: str) -> bool:
        """Whether a clause catches some subclass of an exception, as `except TimeoutError` does of OSError."""
        if handler.starred:
            exception = part_of(exception) or exception
        return self.covers(handler, exception) or any(exception in self.ancestors(kind) for kind in handler.types)

    def grouped(self, exception: str) -> str:
        """What an exception becomes that leaves a task group."""
        return group_of(exception, ordinary=not self._is_base_only(exception))

    def arriving(self, context: Context, exception: str, statement: Try | None = None) -> str:
        """What an exception that is raised at a place has become where it meets a `try` around it, or leaves the unit.

        Args:
            context: the place.
            exception: canonical name.
            statement: the try; None for the end of the unit.
        """
        for one in context.around:
            if one is statement:
                break
            if isinstance(one, Block):
                exception = self.grouped(exception)
        return exception

    def catcher(self, context: Context, exception: str) -> tuple[Try, Handler] | None:
        """The clause that ends an exception raised at a place; None when it leaves the unit.

        A clause that raises the error again does not end it, and one outside a task group meets a group; one that
        raises what is inside of that lets the part through.
        """
        for attempt in context.around:
            if isinstance(attempt, Block):
                exception = self.grouped(exception)
                continue
            for handler in attempt.handlers:
                if self.covers(handler, exception):
                    part = part_of(exception) if handler.unwraps else None
                    if part is not None or handler.reraises:
                        exception = part or exception
                        break
                    return attempt, handler
        return None

    def _canonical(self, name: str) -> str:
        if name not in self._canonical_names:
            self._canonical_names[name] = name if name.startswith(".") else self._knowledge.canonical(name)
        return self._canonical_names[name]

    def _is_base_only(self, exception: str) -> bool:
        ancestors = self.ancestors(exception)
        return "Exception" not in ancestors and "BaseException" in ancestors
