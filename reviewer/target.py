"""What a person points at: a file, the function at a line, or a named one."""

from __future__ import annotations

import difflib
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

from reviewer.code.unit import CodeFile
from reviewer.diff.language import Language, judge_name
from reviewer.domain.fact import Unit
from reviewer.domain.settings import Limits
from reviewer.errors import IncompleteReviewError, UsageError
from reviewer.ports import Repository

_PLACE = re.compile(r"(.+?):([0-9]{1,9})(?::[0-9]+)?", re.DOTALL)
"""A path with the line, and perhaps the column, that an editor or compiler puts after it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A Python file of a repository, and what is meant in it.

    Attributes:
        path: from the root of the repository.
        content: the file.
        name: of a function or class, whole or its last parts; None for none.
        line: None for all.
    """

    path: str
    content: bytes
    name: str | None = None
    line: int | None = None

    @property
    def changed(self) -> frozenset[int] | None:
        """The lines whose units are meant; None for all."""
        return None if self.line is None else frozenset({self.line})

    def units(self, code: CodeFile) -> tuple[Unit, ...]:
        """Those units of the file, once it is read, that are meant.

        Raises:
            UsageError: there is no such function or line.
            IncompleteReviewError: the definition was given up, for its size or its time.
        """
        name = self.name
        found = tuple(u for u in code.units if name is None or u.name == name or u.name.endswith(f".{name}"))
        if not found and code.failures:
            raise IncompleteReviewError(f"{self.path}: {code.failures[0]}")
        if not found:
            raise UsageError(_no_such_unit(code, self.path, name, self.line))
        return found


def find_target(repository: Repository, target: str, head: str | None = None, folder: str = "") -> Target:
    """Find what a person points at.

    Args:
        repository: where the file is.
        target: "path", "path:line" (a column after it is passed over) or "path::Qualified.name"; the path from
            `folder`, from the root, or absolute.
        head: revision to read it at; None for the work tree.
        folder: directory of the repository where the person is; "" for the root.

    Raises:
        UsageError: there is no such file, or it is no Python.
    """
    given, name, line = _parse(target)
    path, content = _find(repository, given, head, folder)
    if judge_name(path) is Language.OTHER:
        raise UsageError(f"{path} is not a Python file; name a file that ends in .py")
    return Target(path, content, name, line)


def _parse(target: str) -> tuple[str, str | None, int | None]:
    path, separator, name = target.partition("::")
    if separator:
        return path, name, None
    place = _PLACE.fullmatch(target)
    return (place[1], None, int(place[2])) if place else (target, None, None)


def _find(repository: Repository, given: str, head: str | None, folder: str) -> tuple[str, bytes]:
    """The file that a person means, by its path from the root, and its contents."""
    if not given:
        raise UsageError("the target names no file; write path, path:line or path::Qualified.name")
    paths = [posixpath.normpath(given.removeprefix(f"{repository.name}/"))]
    if folder and not posixpath.isabs(given):
        paths.insert(0, posixpath.normpath(posixpath.join(folder, given)))
    contents = repository.read(paths, head)
    for path in paths:
        if path in contents:
            return path, contents[path]
    if head is None and any(Path(repository.name, path).is_dir() for path in paths):
        raise UsageError(f"{given} is a folder; name a file in it")
    where = f"at {head}" if head else "in the work tree"
    raise UsageError(
        f"{given}: no such file {where}, or none that can be read (up to {Limits().file_bytes:,} bytes); check the path"
    )


def _no_such_unit(code: CodeFile, path: str, name: str | None, line: int | None) -> str:
    if line is not None:
        last = len(code.source.lines) - (code.source.lines[-1] == "")
        return f"{path}: nothing at line {line} to explain; the file ends at line {last}"
    if name is None:
        return f"{path}: nothing to explain; it has no statement in it"
    near = difflib.get_close_matches(name, code.outline.definitions, n=3) or [
        other for other in code.outline.definitions if name.rpartition(".")[2].lower() in other.lower()
    ]
    hint = f"; did you mean {', '.join(near[:3])}?" if near and name else "; give the name of one"
    return f"{path}: no function or class {name!r} in it{hint}"
