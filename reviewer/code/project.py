"""The project around a reviewed file: what its imports lead to, read on demand and never listed.

A name is looked for the way Python does it, by the paths that a module may have below the folders that the importing
file suggests. Only what a changed unit reaches is read, so that the cost follows the change.
"""

from __future__ import annotations

import builtins
import hashlib
import re
import sys
import time
from collections.abc import Callable as Function
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, TypeVar

from reviewer.code.limits import Limits
from reviewer.code.names import Names
from reviewer.code.neighbours import Neighbours, ProjectFile
from reviewer.code.outline import Definition, Outline, outline
from reviewer.code.source import Source, decode
from reviewer.errors import SourceError
from reviewer.knowledge.lookup import Knowledge
from reviewer.ports import Sources

T = TypeVar("T")

MAX_FILES = 400
"""Files that the review of one file may look into."""
MAX_SEARCHES = 8
"""How often the review of one file may search the files near it, for users of names and for subclasses each."""
MAX_NEAR = 10
"""Files that one such search may give."""
_MOST_SEEN = 60
"""Files whose text such a search may look into for subclasses."""
_MOST_PATHS = 20_000
"""Paths of which it is remembered whether there is a file."""
_KEPT_BYTES = 6_000_000
"""Source of the files that are kept outlined, for the next reviewed file that reaches them; the last used remain."""
_SHARES = 4
"""How many times the limit of one unit all reading beyond the reviewed file may take."""
_TOP = 3
"""Parts of a name by which the folder that its package lies in is found; packages need no `__init__.py`."""
_GAPS = 1
"""Folders in a row inside of a package that may be without `__init__.py`."""
_PARTS = 8
"""Parts of the longest dotted name that is looked for."""


class Project:
    """The files of one state of a project. Not for several threads at once.

    Args:
        sources: where they are read.
        knowledge: what libraries do.
        limits: what one definition may cost.
    """

    def __init__(self, sources: Sources, knowledge: Knowledge, limits: Limits) -> None:
        self._sources = sources
        self._knowledge = knowledge
        self._seconds = _SHARES * limits.seconds
        self._contents: dict[str, _Content | None] = {}
        self._outlines: dict[tuple[str, str], tuple[Source, Outline] | None] = {}
        self._files: dict[str, ProjectFile | None] = {}
        self._roots: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._starred: dict[str, tuple[ProjectFile, ...]] = {}
        self._around: dict[tuple[tuple[str, ...], str], list[str]] = {}
        self._made: dict[tuple[str, str], Any] = {}
        self._spent = 0.0
        self._searches = 0
        self._derivations = 0
        self._exhausted = False

    def begin(self) -> None:
        """Start the review of another file, which may look into as much as every other.

        What names mean is worked out anew, so that no review depends on those before it.
        """
        self._spent = 0.0
        self._searches = 0
        self._derivations = 0
        self._exhausted = False
        self._files.clear()
        self._roots.clear()
        self._starred.clear()
        size = 0
        for key, kept in reversed(list(self._outlines.items())):
            size += len(kept[0].text) if kept is not None else 0
            if size > _KEPT_BYTES:
                del self._outlines[key]
                self._contents.pop(key[0], None)
        if len(self._contents) > _MOST_PATHS:
            self._contents.clear()

    def outline(self, path: str, content: bytes) -> tuple[Source, Outline]:
        """The text of a reviewed file and what it defines; other files may lead back to it.

        Raises:
            SourceError: it is no Python.
        """
        key = (path, _Content.of(content).hash)
        known = self._outlines.get(key)
        if known is None:
            source = decode(path, content)
            known = self._outlines[key] = source, outline(source)
        return known

    @property
    def exhausted(self) -> bool:
        """Whether something was left unread since `begin` because the limits were reached."""
        return self._exhausted

    def file(self, path: str) -> ProjectFile | None:
        """The file at a path; None where there is none, it is no Python, or the limits are reached."""
        return self._first([path])

    def locate(self, symbol: str, importer: str) -> tuple[ProjectFile, str] | None:
        """Find what a dotted name means for the file that uses it; None for what is no part of the project.

        Args:
            symbol: "shop.orders.Order.save", "shop.orders".
            importer: path of the file that names it.

        Returns:
            The file, and what is named in it ("" for the module itself).
        """
        parts = symbol.split(".")
        if (
            parts[0] in sys.stdlib_module_names
            or hasattr(builtins, parts[0])
            or len(parts) > _PARTS
            or not all(map(str.isidentifier, parts))
        ):
            return None
        roots = self._roots_of(tuple(parts[:_TOP]), importer.rpartition("/")[0])
        found: tuple[ProjectFile, str] | None = None
        gaps = 0
        for length in range(1, len(parts) + 1) if roots else ():
            file = self._first([path for root in roots for path in _module_paths(root, parts[:length])])
            if file is None:
                gaps += 1
                if found is not None and gaps > _GAPS:
                    break
                continue
            found, gaps = (file, ".".join(parts[length:])), 0
            # A module has none inside it, and what a package binds itself is no module of it.
            if not file.path.endswith("/__init__.py") or (length < len(parts) and file.binds(parts[length])):
                break
        return found

    def definition(self, symbol: str, importer: str) -> tuple[ProjectFile, Definition] | None:
        """The function or class that a dotted name means, and its file; None for anything else."""
        found = self.locate(symbol, importer)
        definition = found[0].outline.definitions.get(found[1]) if found is not None else None
        return (found[0], definition) if found is not None and definition is not None else None

    def beside(self, names: Sequence[str], path: str) -> Iterator[tuple[str, bytes]]:
        """The files of some names in the folders around another one, those of the nearest folder first.

        Args:
            names: "pyproject.toml".
            path: the file in whose folder the search begins.

        Yields:
            Path and content, within a folder in the order of the names.
        """
        parts = path.split("/")[:-1]
        folders = ["/".join(parts[:length]) for length in range(len(parts), -1, -1)]
        paths = [_joined(folder, name) for folder in folders for name in names]
        self._fetch(paths)
        for one in paths:
            content = self._contents.get(one)
            if content is not None:
                yield one, content.data

    def mentioning(self, word: str, path: str, *, above: bool = False) -> Iterator[ProjectFile]:
        """The files near another one whose text holds a word: those of its folder first, then of the folders around.

        Args:
            word: an identifier.
            path: the file that they are near to; it is not among them.
            above: look in all folders on the way to it, as for the file that makes the application of its routes.
        """
        folder = path.rpartition("/")[0]
        folders = _folders_to(path) if above else list(dict.fromkeys((folder, folder.rpartition("/")[0])))
        if self._searches >= MAX_SEARCHES or not self._allowed():
            return
        self._searches += 1
        found = [name for name in self._sources.mentioning(word, folders) if name != path]
        nearest = sorted(
            found, key=lambda name: (name.rpartition("/")[0] != folder, _distance(name, path) if above else 0)
        )
        for name in nearest[:MAX_NEAR]:
            file = self.file(name)
            if file is not None:
                yield file

    def around(self, words: tuple[str, ...], path: str, most: int) -> Iterator[tuple[str, str]]:
        """Texts of the project's files that hold one of some words, of those nearest to a file first.

        Looked for are the folders on the way to the file, and the folders directly in them.

        Args:
            words: identifiers.
            path: the file that they are near to; it is not among them.
            most: how many are read.

        Yields:
            Path and text.
        """
        if not self._allowed():
            return
        nearest = self._nearest(words, path)[:most]
        self._fetch(nearest)
        for name in nearest:
            content = self._contents.get(name)
            if content is not None:
                try:
                    yield name, decode(name, content.data).text
                except SourceError:
                    continue

    def _nearest(self, words: tuple[str, ...], path: str) -> list[str]:
        folder = path.rpartition("/")[0]
        if (words, folder) not in self._around:
            folders = _folders_to(path)
            with self._timed():
                found = {name for word in words for name in self._sources.mentioning(word, folders)}
            self._around[words, folder] = sorted(found, key=lambda name: (_distance(name, path), name))
        return [name for name in self._around[words, folder] if name != path]

    def once(self, make: Function[[str], T], path: str, text: str) -> T:
        """What a function says of the text of a file, worked out at the first request.

        Args:
            make: the function; told apart by its name.
            path: of the file.
            text: of the file, as this state of the project has it.
        """
        key = (make.__qualname__, path)
        if key not in self._made:
            self._made[key] = make(text)
        made: T = self._made[key]
        return made

    def deriving(self, word: str, paths: Sequence[str], keep: Function[[str], bool]) -> Iterator[ProjectFile]:
        """The files near others in which some class seems to inherit from one of a name, the nearest first.

        Near are the files of the folders of the paths, and of the folders around them. Only the text is looked at: what
        the name means there is for the caller to find out.

        Args:
            word: the last name of the class.
            paths: the files that they are near to, the most telling first; they are not among them.
            keep: tells by its path whether a file counts.
        """
        if self._derivations >= MAX_SEARCHES or not self._allowed():
            return
        self._derivations += 1
        inner = [path.rpartition("/")[0] for path in paths]
        folders = list(dict.fromkeys(folder for one in inner for folder in (one, one.rpartition("/")[0])))
        ranks = {folder: rank for rank, folder in enumerate(folders)}
        found = [name for name in self._sources.mentioning(word, folders) if name not in paths and keep(name)]
        nearest = sorted(found, key=lambda name: ranks.get(name.rpartition("/")[0], len(ranks)))[:_MOST_SEEN]
        with self._timed():
            contents = self._sources.read(nearest)
        names = re.escape(word.encode())
        heading = re.compile(rb"\bclass\s+\w+[^:]{0,400}\b%b\b|\b%b\s+as\s" % (names, names))
        for name in [name for name in nearest if heading.search(contents.get(name, b""))][:MAX_NEAR]:
            file = self.file(name)
            if file is not None:
                yield file

    def starred(self, file: ProjectFile) -> tuple[ProjectFile, ...]:
        """The files whose names a file brings in by `import *`, those that they bring in included, the winner first."""
        if file.path not in self._starred:
            found = {file.path: file}
            pending = self._stars_of(file)
            while pending:
                current = pending.pop()
                if current.path not in found:
                    found[current.path] = current
                    pending.extend(self._stars_of(current))
            del found[file.path]
            self._starred[file.path] = tuple(found.values())
        return self._starred[file.path]

    def _stars_of(self, file: ProjectFile) -> list[ProjectFile]:
        """The files that a file itself brings in by `import *`, the winner last."""
        located = [self.locate(module, file.path) for module in reversed(file.outline.stars)]
        return [found[0] for found in located if found is not None and not found[1]]

    def _roots_of(self, top: tuple[str, ...], folder: str) -> tuple[str, ...]:
        """The folders below which a package lies, of those that a file in a folder is likely to import from.

        Its first name tells where it has a file of its own; a folder without one is known by what is named in it.
        """
        return self._holding(top[:1], folder) or self._holding(top, folder)

    def _holding(self, top: tuple[str, ...], folder: str) -> tuple[str, ...]:
        key = (folder, *top)
        if key not in self._roots:
            candidates = list(dict.fromkeys([*self._import_folders(folder), "src", "lib"]))
            self._fetch([path for root in candidates for path in _paths_of_package(root, top)])
            holds = {root: any(map(self._exists, _paths_of_package(root, top))) for root in candidates}
            self._roots[key] = tuple(root for root in candidates if holds[root])
        return self._roots[key]

    def _import_folders(self, folder: str) -> list[str]:
        """A folder and those around it, without packages: what is inside of a package is imported by its whole name."""
        parts = folder.split("/") if folder else []
        around = ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]
        markers = {path: _joined(path, "__init__.py") for path in around}
        self._fetch(list(markers.values()))
        return [*(path for path in around if not self._exists(markers[path])), ""]

    def _exists(self, path: str) -> bool:
        return self._contents.get(path) is not None

    def _fetch(self, paths: list[str]) -> None:
        """Read those of the paths that have not been read yet, in one request."""
        unread = [path for path in dict.fromkeys(paths) if path not in self._contents]
        if unread and self._allowed():
            with self._timed():
                contents = self._sources.read(unread)
            for path in unread:
                content = contents.get(path)
                self._contents[path] = _Content.of(content) if content is not None else None

    def _first(self, paths: list[str]) -> ProjectFile | None:
        """The first of the paths that exists, if it is Python."""
        self._fetch(paths)
        path = next(filter(self._exists, paths), None)
        if path is None:
            return None
        if path not in self._files and self._allowed():
            self._files[path] = self._read(path)
        return self._files.get(path)

    def _allowed(self) -> bool:
        if len(self._files) > MAX_FILES or self._spent > self._seconds:
            self._exhausted = True
        return not self._exhausted

    @contextmanager
    def _timed(self) -> Iterator[None]:
        started = time.thread_time()
        try:
            yield
        finally:
            self._spent += time.thread_time() - started

    def _read(self, path: str) -> ProjectFile | None:
        content = self._contents[path]
        if content is None:
            return None
        key = (path, content.hash)
        if key not in self._outlines:
            with self._timed():
                self._outlines[key] = _outlined(path, content.data)
        read = self._outlines[key] = self._outlines.pop(key)  # the last one used stands last
        if read is None:
            return None
        neighbours = Neighbours(self, path)
        source, plan = read
        names = Names(plan, self._knowledge, neighbours)
        return ProjectFile(path, content.hash, source, plan, names, neighbours)


@dataclass(frozen=True, slots=True)
class _Content:
    data: bytes
    hash: str

    @classmethod
    def of(cls, data: bytes) -> _Content:
        return cls(data, hashlib.sha256(data).hexdigest())


def _outlined(path: str, content: bytes) -> tuple[Source, Outline] | None:
    try:
        source = decode(path, content)
        return source, outline(source)
    except (SourceError, RecursionError):
        return None


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _module_paths(root: str, parts: list[str]) -> list[str]:
    path = _joined(root, "/".join(parts))
    return [f"{path}.py", f"{path}/__init__.py"]


def _paths_of_package(root: str, top: tuple[str, ...]) -> list[str]:
    """What exists where a package does: itself, or in a folder without `__init__.py` the module that is named."""
    return [path for length in range(1, len(top) + 1) for path in _module_paths(root, list(top[:length]))]


def _folders_to(path: str) -> list[str]:
    """The folders on the way to a file, its own first and the root, "", last."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:length]) for length in range(len(parts), -1, -1)]


def _distance(one: str, other: str) -> int:
    """Folders on the way from one file to another."""
    mine, theirs = one.split("/")[:-1], other.split("/")[:-1]
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(mine, theirs, strict=False)))
    return len(mine) + len(theirs) - 2 * common
