"""Who wrote the lines that a fix replaced: the commits that `git blame` names at the parent of the fix."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from reviewer.diff.objects import ObjectReader
from reviewer.diff.path import is_safe
from reviewer.diff.program import GitProgram
from reviewer.domain.fix import Authorship, Fix, FixedFile
from reviewer.errors import RepositoryError, UsageError

MOST_LINES = 400
"""Lines of a fix that are looked at."""
SECONDS = 8.0
"""What looking may take; a long history costs more than who wrote a line is worth."""
_MOST_COMMITS = 50
_MOST_MESSAGE = 20_000
"""Bytes at the end of a message that are kept: trailers stand there."""
_ENTRY = re.compile(rb"^(?P<commit>[0-9a-f]{40}|[0-9a-f]{64}) \d+ \d+ (?P<lines>\d+)$")
_AUTHOR = re.compile(rb"^author (?P<who>.*>) -?\d+ [+-]\d+$", re.MULTILINE)


class AuthorReader:
    """Reads who wrote lines of one repository.

    Args:
        program: git.
        objects: where commits are read.
    """

    def __init__(self, program: GitProgram, objects: ObjectReader) -> None:
        self._program = program
        self._objects = objects

    def read(self, fix: Fix) -> tuple[Authorship, ...]:
        """The commits that wrote the lines that a fix replaced, or beside which it only inserted, most lines first.

        Nothing is told of lines whose history is not here, as in a shallow clone, or takes too long to read.
        """
        lines: Counter[bytes] = Counter()
        until = time.monotonic() + SECONDS
        left = MOST_LINES
        for file in fix.files:
            wanted = _wanted(file)[: max(left, 0)]
            left -= len(wanted)
            seconds = until - time.monotonic()
            if not wanted or seconds <= 0 or not is_safe(file.old_path):
                continue
            for commit, count in self._blame(fix.parent, file.old_path, wanted, seconds):
                lines[commit] += count
        return tuple(self._authors(lines.most_common(_MOST_COMMITS)))

    def _blame(self, parent: str, path: str, wanted: Sequence[int], seconds: float) -> Iterator[tuple[bytes, int]]:
        # A cut-off history begins with a commit that seems to have written everything. Told as a boundary, it is known.
        root = () if self._program.place.is_shallow else ("--root",)
        ranges = (f"-L{first},{last}" for first, last in _runs(wanted))
        try:
            # Converting text for people would run a program that the repository names.
            arguments = ("blame", "--no-textconv", "--incremental", *root, *ranges, parent, "--", self._from_here(path))
            told = self._program.run(*arguments, seconds=seconds)
        except (RepositoryError, UsageError):
            return
        for entry in _entries(told.split(b"\n")):
            match = _ENTRY.match(entry[0])
            if match is not None and b"boundary" not in entry:
                yield match["commit"], int(match["lines"])

    def _from_here(self, path: str) -> str:
        """The path as `git blame` takes it, which counts from where git is started."""
        root, start = self._program.place.work_tree, self._program.place.start
        return path if root is None else os.path.relpath(root / path, start)

    def _authors(self, lines: Iterable[tuple[bytes, int]]) -> Iterator[Authorship]:
        counted = list(lines)
        for (_, count), found in zip(counted, self._objects.read([commit for commit, _ in counted]), strict=True):
            head, _, message = ((found.data if found is not None else None) or b"").partition(b"\n\n")
            author = _AUTHOR.search(head)
            if author is not None:
                told = message[-_MOST_MESSAGE:].decode("utf-8", "replace")
                yield Authorship(author["who"].decode("utf-8", "replace"), told, count)


def _wanted(file: FixedFile) -> list[int]:
    """The lines before the fix to ask about."""
    if file.before is None:
        return []
    return sorted(file.removed or {line for line in file.gaps if line})


def _runs(lines: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Sorted numbers as first and last of each unbroken run."""
    first = last = lines[0]
    for line in lines[1:]:
        if line != last + 1:
            yield first, last
            first = line
        last = line
    yield first, last


def _entries(rows: Iterable[bytes]) -> Iterator[list[bytes]]:
    """What `--incremental` tells of each group of lines, which ends with the name of the file."""
    entry: list[bytes] = []
    for row in rows:
        entry.append(row)
        if row.startswith(b"filename "):
            yield entry
            entry = []
