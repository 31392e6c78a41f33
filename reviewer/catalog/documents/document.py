"""A document as all after its reader see it: plain text, and where in it headings, paragraphs and links stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from reviewer.domain.lesson import Quote, Shape

BlockKind = Literal["heading", "paragraph", "note", "item", "row", "table-head", "code"]
"""A note is a paragraph in italics, as the hints of templates are."""


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text that stands by itself.

    Attributes:
        kind: what it is.
        start, end: characters of the document's text, end excluded.
        level: of a heading, from 1 for the widest; of an item, how deep it is nested, from 0; else 0.
        cells: of a row or the head of a table: start and end of each cell.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    cells: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch inside a block.

    Attributes:
        kind: a link, or code inside a sentence.
        start, end: characters of the document's text, end excluded.
        target: where a link leads; "" for code.
    """

    kind: Literal["link", "code"]
    start: int
    end: int
    target: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """What a document says of itself outside its sentences: in its front matter, its fields, the head of its page.

    Everything is as the document has it, on one line, without characters that cannot be seen; "" is unknown.

    Attributes:
        id: identity that a person gave it.
        title: its title.
        organisation: whose incident it was.
        source: its address.
        incident: day of the incident.
        date: a day of which it is not said what it is the day of.
        published: day when it was written or published.
        repository: whose code failed: a name such as "owner/name", or an address.
        fix: the mending commit, perhaps as an address.
        assistant: who wrote the failing code.
        tags: words that somebody filed it under.
    """

    id: str = ""
    title: str = ""
    organisation: str = ""
    source: str = ""
    incident: str = ""
    date: str = ""
    published: str = ""
    repository: str = ""
    fix: str = ""
    assistant: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """A document.

    Attributes:
        name: what a person calls it; shown in errors.
        shape: what it was read from.
        text: its plain text. No markup, no character that cannot be seen but line ends.
        blocks: what it is made of, in order, without overlaps.
        marks: links and code inside of sentences, in order.
        details: what it says of itself outside its sentences.
    """

    name: str
    shape: Shape
    text: str
    blocks: tuple[Block, ...] = ()
    marks: tuple[Mark, ...] = ()
    details: Details = field(default_factory=Details)

    def quote(self, start: int, end: int) -> Quote:
        """A passage of it."""
        return Quote(start, end, fold(self.text[start:end]))


def fold(text: str) -> str:
    """A text with each stretch of white space as one blank, and none at its ends."""
    return " ".join(text.split())
