"""Writes the plain text of a document block by block, and keeps where everything came to stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reviewer.catalog.documents.characters import seen
from reviewer.catalog.documents.document import Block, BlockKind, Details, Document, Mark
from reviewer.domain.lesson import Shape
from reviewer.errors import PostmortemError

MOST_CHARACTERS = 300_000
"""Characters of plain text that are read: a long post-mortem has 50,000."""
_BLANKS = re.compile(r"[^\S\n]+")
_BETWEEN_CELLS = " | "


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one manner.

    Attributes:
        text: its characters; line ends mean something.
        target: where it leads, where it is a link.
        code: whether it is code inside a sentence.
    """

    text: str
    target: str = ""
    code: bool = False


class Writer:
    """Takes the blocks of one document in their order.

    Args:
        name: what a person calls the document.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._marks: list[Mark] = []

    def write(self, kind: BlockKind, runs: Sequence[Run], level: int = 0) -> None:
        """One block; nothing where it holds nothing that can be seen.

        Raises:
            PostmortemError: the document is too long.
        """
        start = self._begin()
        self._runs(runs, verbatim=kind == "code")
        self._end(kind, start, level, ())

    def row(self, kind: BlockKind, cells: Sequence[Sequence[Run]]) -> None:
        """A row of a table, its cells side by side.

        Raises:
            PostmortemError: the document is too long.
        """
        start = self._begin()
        places: list[tuple[int, int]] = []
        for runs in cells:
            before = self._length
            if places:
                self._put(_BETWEEN_CELLS)
            inside = self._length
            self._runs(runs)
            if self._length > inside:
                places.append((inside, self._length))
            else:
                self._back_to(before)
        self._end(kind, start, 0, tuple(places))

    def document(self, shape: Shape, details: Details) -> Document:
        """What was written."""
        return Document(self._name, shape, "".join(self._parts), tuple(self._blocks), tuple(self._marks), details)

    def _begin(self) -> int:
        if self._blocks:
            self._put("\n\n")
        return self._length

    def _end(self, kind: BlockKind, start: int, level: int, cells: tuple[tuple[int, int], ...]) -> None:
        if self._length == start:
            self._back_to(self._blocks[-1].end if self._blocks else 0)
            return
        if self._length > MOST_CHARACTERS:
            raise PostmortemError(
                self._name,
                f"has more than {MOST_CHARACTERS:,} characters of text, and a post-mortem has a few thousand; "
                "cut out the part that tells of the incident",
            )
        self._blocks.append(Block(kind, start, self._length, level, cells))

    def _runs(self, runs: Sequence[Run], *, verbatim: bool = False) -> None:
        begun = self._length
        for run in runs:
            text = seen(run.text)
            text = text.strip("\n") if verbatim else _prose(text, first=self._length == begun, after=self._last())
            before = self._length
            self._put(text)
            if run.target or run.code:
                self._mark(run, before)
        self._trim(begun)

    def _mark(self, run: Run, start: int) -> None:
        text = self._parts[-1] if self._length > start else ""
        start, end = start + len(text) - len(text.lstrip()), start + len(text.rstrip())
        if start < end:
            self._marks.append(Mark("code" if run.code else "link", start, end, seen(run.target).strip()))

    def _last(self) -> str:
        return self._parts[-1][-1] if self._parts else "\n"

    def _put(self, text: str) -> None:
        if text:
            self._parts.append(text)
            self._length += len(text)

    def _trim(self, begun: int) -> None:
        while self._length > begun and self._parts[-1][-1].isspace():
            kept = self._parts[-1].rstrip()
            start = self._length - len(self._parts[-1])
            self._back_to(max(begun, start + len(kept)))

    def _back_to(self, length: int) -> None:
        while self._length > length:
            part = self._parts.pop()
            self._length -= len(part)
            if self._length < length:
                self._put(part[: length - self._length])


def _prose(text: str, *, first: bool, after: str) -> str:
    """Text whose blanks are single; line ends stay."""
    text = _BLANKS.sub(" ", text)
    if "\n" in text:
        rows = [row.strip(" ") for row in text.split("\n")]
        lead = " " if text[0] == " " else ""
        trail = " " if text[-1] == " " else ""
        text = lead + "\n".join(row for index, row in enumerate(rows) if row or index in (0, len(rows) - 1)) + trail
    if first:
        return text.lstrip()
    return text.lstrip() if after.isspace() else text
