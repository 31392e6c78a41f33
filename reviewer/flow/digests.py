"""The digests of the functions that a question reaches, those of other files by way of a memory."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from functools import partial

from reviewer.code.definition import Definitions
from reviewer.code.limits import Limits
from reviewer.code.names import Names
from reviewer.code.neighbours import ProjectFile, Unresolved
from reviewer.code.outline import Definition
from reviewer.code.project import Project
from reviewer.code.unit import CodeFile
from reviewer.domain.boundary import Boundary, Clause, Retry
from reviewer.domain.fact import Unit
from reviewer.domain.record import RecordError, read_record, write_record
from reviewer.flow.boundaries.finder import Boundaries
from reviewer.flow.digest import CallSite, Digest, digest_of, renamed
from reviewer.flow.hierarchy import Hierarchy
from reviewer.flow.implementation import Implementations
from reviewer.ports import Memory

_FAMILIES = {
    "FastAPI": "starlette", "Starlette": "starlette", "Flask": "flask", "Quart": "flask", "Sanic": "sanic",
}  # fmt: skip
"""Framework -> the family whose applications share their way of registering exception handlers."""
_REGISTERING = {
    "starlette": ("exception_handler", "add_exception_handler"),
    "flask": ("errorhandler", "register_error_handler"),
    "sanic": ("exception",),
}
"""Family -> the names by which handlers are registered with its applications."""
MAX_REFERRING = 10
"""Functions of one file that are looked at for a call."""
_TRYING_AGAIN = ("retry", "retries", "again", "backoff", "on_exception", "on_predicate")
_SHARES = 2
"""How many times the limit of one definition all those of other files may take."""


class Digests:
    """Gives the digest of a function by its canonical name, ".Order.save" in the reviewed file.

    Args:
        definitions: the functions of the reviewed file.
        boundaries: tells which decorators in it try again.
        hierarchy: the bases of classes.
        project: the files around it; None where there are none.
        memory: where digests of other files are kept; None for nowhere.
        limits: what one definition may cost.
    """

    def __init__(
        self,
        definitions: Definitions,
        boundaries: Boundaries,
        hierarchy: Hierarchy,
        *,
        project: Project | None = None,
        memory: Memory | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._definitions = definitions
        self._boundaries = boundaries
        self._hierarchy = hierarchy
        self._project = project
        self._memory = memory
        self._limits = limits or Limits()
        self._digests: dict[str, Digest | None] = {}
        self._bodies: dict[str, str | None] = {}
        self._readers: dict[str, tuple[Definitions, Boundaries]] = {}
        self._implementations = Implementations(definitions, project, lambda file: self._reader(file)[0], self._method)
        self._registered: dict[str, tuple[Clause, ...]] = {}
        self._spent = 0.0
        self._exhausted = False

    @property
    def exhausted(self) -> bool:
        """Whether a function of another file was left unread because the time was over."""
        return self._exhausted or (self._project is not None and self._project.exhausted)

    def of(self, name: str) -> Digest | None:
        """The digest of a function; None for what is none, or cannot be read."""
        if name not in self._digests:
            self._digests[name] = self._local(name[1:]) if name.startswith(".") else self._foreign(name)
        return self._digests[name]

    def unit(self, name: str) -> tuple[str, Unit] | None:
        """A function with its file, "" for the reviewed one; facts of another file name things as that file does."""
        if name.startswith("."):
            own = self._definitions.unit(name[1:])
            return ("", own) if own is not None else None
        found = self._definition(name)
        if found is None or found[1].kind == "class" or self._spent > _SHARES * self._limits.seconds:
            return None
        started = time.thread_time()
        unit = self._reader(found[0])[0].unit(found[1].name)
        self._spent += time.thread_time() - started
        return (found[0].path, unit) if unit is not None else None

    def named_in(self, name: str, written: str) -> str:
        """The canonical name of what a function calls by the name that its file gives it."""
        found = self._definition(name) if not name.startswith(".") else None
        return self._canonical(found[0], written) if found is not None else written

    def read(self, unit: Unit) -> Digest:
        """The digest of a unit of the reviewed file that is at hand; several may have one name."""
        inside = self._definitions.inside(unit.name)
        return digest_of(unit, inside, _retries(self._boundaries, unit))

    def body(self, callee: str) -> str | None:
        """The function whose body a call of this name runs: itself, or the constructor of a class."""
        if callee not in self._bodies:
            self._bodies[callee] = self._find_body(callee)
        return self._bodies[callee]

    def bodies(self, call: CallSite) -> Iterator[str]:
        """The functions that a call may run, those that entering and leaving a context manager runs included."""
        name = self.body(call.callee)
        if name is not None:
            if self._runs(call, name):
                yield name
            yield from (one for one in self._implementations.of(name) if self._runs(call, one))
        if call.enters:
            for method in ("__enter__", "__aenter__", "__exit__", "__aexit__"):
                found = self._method(call.callee, method)
                if found is not None:
                    yield found

    def _runs(self, call: CallSite, name: str) -> bool:
        """Whether a call runs the body of a function, and does not only make a coroutine of it."""
        digest = self.of(name)
        if call.child:
            return digest is not None and digest.coroutine
        return call.runs or digest is None or not digest.coroutine

    def callers_here(self, name: str) -> Iterator[tuple[str, CallSite]]:
        """The functions of the reviewed file that call one of them or have it run, by their canonical names."""
        for caller in self._definitions.referring(name):
            digest = self.of(f".{caller}")
            for call in digest.calls if digest is not None else ():
                if self.body(call.callee) == name and self._runs(call, name):
                    yield f".{caller}", call

    def callers(self, name: str) -> Iterator[tuple[str, CallSite]]:
        """The functions of other files that call a function, by their canonical names.

        For a function of the reviewed file these are the files near it; for one of another file it is that file, else
        those near that one.
        """
        if self._project is None:
            return
        word = name.rpartition(".")[2]
        found = self._definition(name) if not name.startswith(".") else None
        here = list(self._callers_in(iter([found[0]]), name)) if found is not None else []
        path = found[0].path if found is not None else self._definitions.path
        yield from here or self._callers_in(self._project.mentioning(word, path), name)

    def _callers_in(self, files: Iterator[ProjectFile], name: str) -> Iterator[tuple[str, CallSite]]:
        word = name.rpartition(".")[2]
        for file in files:
            if file.path == self._definitions.path:
                continue  # asked before
            definitions, _ = self._reader(file)
            for caller in definitions.referring(word)[:MAX_REFERRING]:
                symbol = f"{file.module}.{caller}"
                digest = self.of(symbol) if symbol != name else None
                for call in digest.calls if digest is not None else ():
                    if call.callee == name and self._runs(call, name):
                        yield symbol, call

    def boundary(self, name: str) -> Boundary | None:
        """The boundary that a function is, by its canonical name."""
        if name.startswith("."):
            return self._boundaries.of(name[1:])
        found = self._definition(name)
        return self._reader(found[0])[1].of(found[1].name) if found is not None else None

    def connected(self, boundary: Boundary) -> Boundary:
        """A boundary with the handlers that files near by register with the application, where it is made in one."""
        family = _FAMILIES.get(boundary.framework)
        if boundary.complete or family is None or self._project is None:
            return boundary
        if family not in self._registered:
            self._registered[family] = tuple(self._handlers(family, self._project))
        found = self._registered[family]
        return boundary.within(found) if found else boundary

    def _handlers(self, family: str, project: Project) -> Iterator[Clause]:
        for word in _REGISTERING[family]:
            for file in project.mentioning(word, self._definitions.path, above=True):
                for clause in self._reader(file)[1].handlers(family):
                    types = tuple(self._canonical(file, kind) for kind in clause.types)
                    words = f"{clause.ending.words} of {file.path}"
                    yield Clause(types, dataclasses.replace(clause.ending, words=words))

    def swallows(self, manager: str) -> bool:
        """Whether leaving an instance of a class of the project ends every exception of the `with` block."""
        for method in ("__exit__", "__aexit__"):
            name = self._method(manager, method)
            digest = self.of(name) if name is not None else None
            if digest is not None and digest.swallows:
                return True
        return False

    def home(self, name: str) -> tuple[str, str]:
        """The file of a function, "" for the reviewed one, and its qualified name there."""
        if name.startswith("."):
            return "", name[1:]
        found = self._definition(name)
        return (found[0].path, found[1].name) if found is not None else ("", name)

    def line(self, name: str) -> int:
        """The line of a function's `def` in its file; 1 where it is not found."""
        if name.startswith("."):
            return self._definitions.line(name[1:]) or 1
        found = self._definition(name)
        return found[1].header_line if found is not None else 1

    def _find_body(self, callee: str) -> str | None:
        if callee.startswith("."):
            name = callee[1:]
            if not self._definitions.is_class(name):
                return callee if self._definitions.holds(name) else self._inherited(callee)
            return self._method(callee, "__init__")
        found = self._definition(callee)
        if found is None:
            return None
        if found[1].kind == "class":
            return self._method(callee, "__init__")
        return callee

    def _inherited(self, callee: str) -> str | None:
        owner, _, method = callee.rpartition(".")
        return self._method(owner, method) if len(owner) > 1 else None

    def _method(self, owner: str, method: str) -> str | None:
        """The function that a method of a class of the project is, its bases included."""
        for ancestor in self._hierarchy.ancestors(owner):
            name = f"{ancestor}.{method}"
            if name.startswith("."):
                if self._definitions.holds(name[1:]):
                    return name
            elif (found := self._definition(name)) is not None and found[1].kind != "class":
                return name
        return None

    def _local(self, name: str) -> Digest | None:
        return _read(self._definitions, self._boundaries, name)

    def _definition(self, name: str) -> tuple[ProjectFile, Definition] | None:
        if self._project is None:
            return None
        return self._project.definition(name, self._definitions.path)

    def _foreign(self, name: str) -> Digest | None:
        found = self._definition(name)
        if found is None or found[1].kind == "class":
            return None
        file, definition = found
        digest = self._remembered(file, definition.name)
        if digest is None:
            return None
        return renamed(digest, partial(self._canonical, file))

    def _canonical(self, file: ProjectFile, written: str) -> str:
        """The name that the reviewed file gives a thing which another file names."""
        canonical = file.neighbours.canonical(f"{file.module}{written}" if written.startswith(".") else written)
        local = canonical.removeprefix(f"{self._definitions.module}.")
        # What the reviewed file defines itself goes by its short name here.
        return f".{local}" if local != canonical and self._definitions.holds(local) else canonical

    def _remembered(self, file: ProjectFile, name: str) -> Digest | None:
        key = f"{file.content_hash}:{file.path}:{name}"  # relative imports depend on the path
        known = self._memory.recall("digest", key) if self._memory is not None else None
        if known is not None:
            try:
                return read_record(Digest, known)
            except RecordError:
                pass  # written by another version, or damaged: made again
        if self._spent > _SHARES * self._limits.seconds:
            self._exhausted = True
            return None
        started = time.thread_time()
        digest = _read(*self._reader(file), name)
        self._spent += time.thread_time() - started
        if digest is None:
            return None
        if self._memory is not None:
            self._memory.remember("digest", key, write_record(digest))
        return digest

    def _reader(self, file: ProjectFile) -> tuple[Definitions, Boundaries]:
        """What reads the functions of another file as if it stood alone, and tells its boundaries."""
        if file.path not in self._readers:
            names = Names(file.outline, file.names.knowledge, Unresolved())
            code = CodeFile(file.source, file.outline, (), (), names)
            self._readers[file.path] = Definitions(code, self._limits), Boundaries(code)
        return self._readers[file.path]


def _read(definitions: Definitions, boundaries: Boundaries, name: str) -> Digest | None:
    unit = definitions.unit(name)
    if unit is None:
        return None
    return digest_of(unit, definitions.inside(name), _retries(boundaries, unit))


def _retries(boundaries: Boundaries, unit: Unit) -> tuple[Retry, ...]:
    """The decorators that try again; what a file tells frameworks is costly to find out, so only where a name hints."""
    hinted = any(word in name.lower() for name in unit.decorators for word in _TRYING_AGAIN)
    return boundaries.retries(unit.name) if hinted else ()
