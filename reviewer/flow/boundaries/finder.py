"""Which boundaries the functions of a file are."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from reviewer.code.segment import deep_recursion
from reviewer.code.unit import CodeFile
from reviewer.domain.boundary import KINDS, Boundary, Clause, Retry
from reviewer.flow.boundaries.entry import Candidate
from reviewer.flow.boundaries.program import module_boundary
from reviewer.flow.boundaries.registration import Registrations
from reviewer.flow.boundaries.registry import all_entries
from reviewer.flow.boundaries.site import MODULE


class Boundaries:
    """The boundaries of one file, each worked out when it is first asked for.

    Args:
        code: the file.
    """

    def __init__(self, code: CodeFile) -> None:
        self._code = code
        self._registrations: Registrations | None = None
        self._found: dict[str, tuple[Boundary, ...]] = {}
        self._retries: dict[str, tuple[Retry, ...]] = {}

    @property
    def registrations(self) -> Registrations:
        """What the file hands to frameworks; read from its syntax at the first request."""
        if self._registrations is None:
            self._registrations = Registrations(self._code)
        return self._registrations

    def of(self, name: str) -> Boundary | None:
        """The boundary that a function is, the most telling when it is several; None when it is none.

        Args:
            name: qualified name in the file; "<module>" for the module body.
        """
        return next(iter(self.all_of(name)), None)

    def all_of(self, name: str) -> tuple[Boundary, ...]:
        """All boundaries that a function is: a route may also be called from the program's start."""
        if name not in self._found:
            with deep_recursion():  # a decorator may be a call of a call of a call
                self._found[name] = self._sorted(name)
        return self._found[name]

    def _sorted(self, name: str) -> tuple[Boundary, ...]:
        found = sorted(self._find(name), key=lambda boundary: (KINDS.index(boundary.kind), boundary.line))
        return tuple(dict.fromkeys(found))

    def retries(self, name: str) -> tuple[Retry, ...]:
        """The decorators of a function that call it again when it fails, innermost first."""
        if name not in self._retries:
            with deep_recursion():
                candidate = self._candidate(name)
                found = (
                    [
                        retry
                        for entry in all_entries()
                        if entry.retries is not None
                        for retry in entry.retries(candidate)
                    ]
                    if candidate is not None
                    else []
                )
            self._retries[name] = tuple(sorted(found, key=lambda retry: -retry.line))
        return self._retries[name]

    def handlers(self, entry_id: str) -> tuple[Clause, ...]:
        """The exception handlers that this file registers with the applications of one family ("starlette", "flask").

        For `Boundary.within`, where routes of another file belong to an application that is made in this one.
        """
        entries = [entry for entry in all_entries() if entry.id == entry_id and entry.handlers is not None]
        return tuple(clause for entry in entries if entry.handlers for clause in entry.handlers(self.registrations))

    def _find(self, name: str) -> Iterator[Boundary]:
        if name == MODULE:
            yield module_boundary(self._code.source.path)
            return
        candidate = self._candidate(name)
        if candidate is not None:
            for entry in all_entries():
                if entry.find is not None:
                    yield from entry.find(candidate)

    def _candidate(self, name: str) -> Candidate | None:
        definition = self._code.outline.definitions.get(name)
        if definition is None or isinstance(definition.node, ast.ClassDef):
            return None
        return Candidate(name, definition, self.registrations)
