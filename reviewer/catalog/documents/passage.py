"""The sentences of a document, each with what its headings and labels say of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from reviewer.catalog.documents.document import Block, Document, fold
from reviewer.catalog.documents.heading import Role, role_of
from reviewer.catalog.documents.sentence import sentences

MOST_PASSAGES = 2_000
"""Passages that are looked at; a long post-mortem has 400."""
_LABEL = re.compile(r"([A-Z][\w '’/()-]{1,60}?)\s?(?::|\s[–—-]\s)\s?(?!//)")
_NEW_LABEL = re.compile(r"\n([A-Z][\w '’/()-]{1,40}):(?=\s|$)")
_BOX = re.compile(r"\[[ xX]\]\s+")
_ITEM_SENTENCES = 400
"""Characters of an item that is taken whole."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence, a short item of a list or a cell of a table.

    Attributes:
        start, end: characters of the document's text.
        text: what stands there, white space folded.
        kind: what it is.
        section: number of the heading that it stands under, from 1; 0 for none.
        role: what that heading says of it, or the widest one around it that says anything; None where none does.
        inherited: the role is that of a heading around its own, which says nothing known.
        label: what the label before it says of it ("Detection: …"); None where there is no such label.
        leads: it announces what follows, as a sentence before a list does.
    """

    start: int
    end: int
    text: str
    kind: Literal["sentence", "item", "cell"]
    section: int = 0
    role: Role | None = None
    inherited: bool = False
    label: Role | None = None
    leads: bool = False

    @property
    def told(self) -> Role | None:
        """What is said of it, by its label or else by its headings."""
        return self.label if self.label is not None else self.role


def passages_of(document: Document) -> tuple[Passage, ...]:
    """The passages of a document in their order, at most `MOST_PASSAGES`; headings and code are none."""
    found: list[Passage] = []
    for passage in _Reader(document).read():
        found.append(passage)
        if len(found) == MOST_PASSAGES:
            break
    return tuple(found)


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._text = document.text
        self._above: list[tuple[int, Role | None, bool]] = []
        self._section = 0

    def read(self) -> Iterator[Passage]:
        for block in self._document.blocks:
            if block.kind == "heading":
                self._enter(block)
            elif block.kind == "row":
                yield from self._row(block)
            elif block.kind in ("paragraph", "item"):
                for start, end in self._parts(block):
                    yield from self._prose(start, end, block)

    def _enter(self, block: Block) -> None:
        self._section += 1
        while self._above and self._above[-1][0] >= block.level:
            self._above.pop()
        role = role_of(self._text[block.start : block.end])
        # What a heading without meaning of its own divides is still told by the heading around it.
        around = self._above[-1][1] if self._above else None
        self._above.append((block.level, role or around, role is None))

    def _parts(self, block: Block) -> Iterator[tuple[int, int]]:
        """A block, cut where a line begins with a label of its own."""
        start = block.start
        listed = _LABEL.match(self._text, block.start, block.end) is not None
        for found in _NEW_LABEL.finditer(self._text, block.start, block.end):
            # Inside of a sentence a line may begin with what only looks like a label.
            if listed or role_of(found[1]) is not None:
                yield start, found.start()
                start = found.start(1)
        yield start, block.end

    def _prose(self, start: int, end: int, block: Block) -> Iterator[Passage]:
        label = None
        section_label, begin = self._label(start, end)
        if section_label is not None:
            label, start = section_label, begin
        box = _BOX.match(self._text, start, end)
        start = box.end() if box is not None else start
        if block.kind == "item" and end - start <= _ITEM_SENTENCES:
            yield self._passage(start, end, "item", label)
            return
        opens = True
        for first, last in sentences(self._text, start, end):
            # A label at the beginning is that of the whole paragraph, one inside of it that of a sentence.
            own, begin = self._label(first, last) if not opens or label is None else (None, first)
            yield self._passage(begin, last, "sentence", own or label)
            opens = False

    def _label(self, start: int, end: int) -> tuple[Role | None, int]:
        """What a label at the beginning says, and where the text after it begins."""
        found = _LABEL.match(self._text, start, end)
        if found is None or found.end() >= end:
            return None, start
        role = role_of(found[1])
        return (role, found.end()) if role is not None else (None, start)

    def _row(self, block: Block) -> Iterator[Passage]:
        cells: Sequence[tuple[int, int]] = block.cells
        if not cells:
            return
        role = role_of(self._text[cells[0][0] : cells[0][1]]) if len(cells) > 1 else None
        if role is not None:
            start, end = cells[1]
            if role_of(self._text[start:end]) is not None:
                return  # a form that nobody has filled in: one label beside the other
            for first, last in sentences(self._text, start, end):
                yield self._passage(first, last, "sentence", role)
            return
        start, end = max(cells, key=lambda cell: cell[1] - cell[0])
        yield self._passage(start, end, "cell", None)

    def _passage(self, start: int, end: int, kind: Literal["sentence", "item", "cell"], label: Role | None) -> Passage:
        text = fold(self._text[start:end])
        _, role, inherited = self._above[-1] if self._above else (0, None, False)
        return Passage(start, end, text, kind, self._section, role, inherited, label, text.endswith(":"))
