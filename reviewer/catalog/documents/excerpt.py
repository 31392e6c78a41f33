"""What of a document is shown to somebody who has room for a part of it only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.catalog.documents.document import Block, Document, fold
from reviewer.catalog.documents.heading import Role, role_of

MOST_CHARACTERS = 24_000
"""Characters that are shown: a post-mortem has 4,000 to 20,000."""
_CODE_LINES = 12
"""Lines of a block of code that are shown."""
_LONGEST_LINE = 4_000


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a document.

    Attributes:
        rows: number of the line that it begins at, from 1, and text of each paragraph, heading, item and line of code.
        left_out: characters of the document that are not shown.
    """

    rows: tuple[tuple[int, str], ...]
    left_out: int


def excerpt_of(document: Document, most: int = MOST_CHARACTERS) -> Excerpt:
    """As much of a document as there is room for, in its order.

    Where that is not all, what tells of a topic comes first, then what no heading tells of, then timelines and asides,
    and code last.

    Args:
        document: the document.
        most: characters that may be shown.
    """
    ranked = list(_ranked(document))
    kept: set[int] = set()
    room = most
    for rank in range(_RANKS):
        for index, (block_rank, block) in enumerate(ranked):
            size = block.end - block.start
            if block_rank == rank and size <= room:
                kept.add(index)
                room -= size
    rows: list[tuple[int, str]] = []
    number, at, shown = 1, 0, 0
    for index, (_, block) in enumerate(ranked):
        number += document.text.count("\n", at, block.start)
        at = block.start
        if index in kept:
            found = list(_rows(document, block))
            rows += [(number + offset, line) for offset, line in found]
            shown += sum(len(line) for _, line in found)
    told = sum(len(line) for _, block in ranked for _, line in _rows(document, block, whole=True))
    return Excerpt(tuple(rows), max(0, told - shown))


def _rows(document: Document, block: Block, *, whole: bool = False) -> Iterator[tuple[int, str]]:
    """The lines of a block: of code as they stand, of anything else as one; shortened, or whole."""
    text = document.text[block.start : block.end]
    longest = None if whole else _LONGEST_LINE
    if block.kind != "code":
        yield 0, fold(text)[:longest]
        return
    for offset, line in enumerate(text.split("\n")[: None if whole else _CODE_LINES]):
        if line.strip():
            yield offset, line[:longest]


_RANKS = 4


def _ranked(document: Document) -> Iterator[tuple[int, Block]]:
    """The blocks, each with how soon it is shown."""
    above: list[tuple[int, Role | None]] = []
    for block in document.blocks:
        if block.kind == "heading":
            while above and above[-1][0] >= block.level:
                above.pop()
            around = above[-1][1] if above else None
            above.append((block.level, role_of(document.text[block.start : block.end]) or around))
            yield 0, block
            continue
        role = above[-1][1] if above else None
        if block.kind == "code":
            yield 3, block
        elif role is None:
            yield 1, block
        else:
            yield (2 if role.other in ("timeline", "aside") else 0), block
