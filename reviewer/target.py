"""What a person points at, and the four answers for it."""

from __future__ import annotations

import difflib
import posixpath
import re

from reviewer.code.limits import Limits as UnitLimits
from reviewer.code.unit import CodeFile
from reviewer.diff.language import Language, judge_name
from reviewer.domain.report import Answer
from reviewer.domain.settings import Limits
from reviewer.errors import IncompleteReviewError, SourceError, UsageError
from reviewer.explain.answer import answer_unit
from reviewer.ports import OpenMemory, OpenSources, Repository
from reviewer.work.job import Job
from reviewer.work.worker import Worker

_PLACE = re.compile(r"(.+?):([0-9]{1,9})(?::[0-9]+)?", re.DOTALL)
"""A path with the line, and perhaps the column, that an editor or compiler puts after it."""


def explain_target(
    repository: Repository,
    target: str,
    head: str | None = None,
    *,
    folder: str = "",
    sources: OpenSources | None = None,
    memory: OpenMemory | None = None,
) -> list[Answer]:
    """The four answers for a file, the function at a line, or a named function.

    Args:
        repository: where the file is.
        target: "path", "path:line" (a column after it is passed over) or "path::Qualified.name"; the path from
            `folder`, from the root, or absolute.
        head: revision to read it at; None for the work tree.
        folder: directory of the repository where the person is; "" for the root.
        sources: opens the files around it; None where there are none.
        memory: opens what earlier reviews have found; None for nothing.

    Raises:
        UsageError: there is no such file, function or line.
        SourceError: the file is no Python.
        IncompleteReviewError: the definition was given up, for its size or its time.
    """
    given, name, line = _parse_target(target)
    path, content = _find(repository, given, head, folder)
    if judge_name(path) is Language.OTHER:
        raise UsageError(f"{path} is no Python; name a file that ends in .py")
    job = Job((), UnitLimits(), sources, memory)
    with Worker(job) as worker:
        try:
            read = worker.read(path, content, None if line is None else frozenset({line}))
        except SourceError as error:
            raise SourceError(f"{path}: {error}") from error
        units = [
            unit for unit in read.code.units if name is None or unit.name == name or unit.name.endswith(f".{name}")
        ]
        if not units and read.code.failures:
            raise IncompleteReviewError(f"{path}: {read.code.failures[0]}")
        if not units:
            raise UsageError(_no_such_unit(read.code, path, name, line))
        return [answer_unit(path, unit, read.flow) for unit in units]


def _parse_target(target: str) -> tuple[str, str | None, int | None]:
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
