"""Markdown → blocks of plain text. Parsed by markdown-it; its HTML is read as HTML, and never kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from reviewer.catalog.documents.characters import seen
from reviewer.catalog.documents.html import write_html
from reviewer.catalog.documents.writer import Run, Writer
from reviewer.errors import PostmortemError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_MOST_LINES = 20_000
"""Lines that are parsed: the parser takes a tenth of a millisecond for each."""
_MOST_BRACKETS = 60
_MOST_MARKS = 400
"""Opening brackets and marks of one paragraph; with more of them the parser may take the square of their number."""
_MOST_SIGNS = 30_000
"""Signs of one document at which the parser stops; it takes some time for each."""
_MARK = re.compile(r"[*_`<&\\!~]")
_SIGN = re.compile(r"[\n!#$%&*+:<=>@\[\\\]^_`{}~-]")
_BOLD_HEADING = 60
"""Characters of a paragraph in bold that is taken for a heading."""
_WIDEST_BOLD = 6
_BREAK = re.compile(r"<br\s{0,5}/?>", re.IGNORECASE)


def write_markdown(text: str, writer: Writer, name: str, *, below: int = 0) -> None:
    """Write a Markdown text block by block.

    Args:
        text: the Markdown.
        writer: takes the blocks.
        name: of the document, for errors.
        below: level of the heading that it stands under.

    Raises:
        PostmortemError: it is too long.
    """
    from markdown_it import MarkdownIt

    text = seen(text)  # before a mark of Markdown takes a part of an escape sequence away
    lines = text.count("\n") + 1
    if lines > _MOST_LINES:
        raise PostmortemError(
            name,
            f"has {lines:,} lines, and a post-mortem has a few hundred; cut out the part that tells of the incident",
        )
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    # Only paragraphs that are no trap are parsed for what is inside them.
    parser.core.ruler.disable(["inline"])
    environment: dict[str, Any] = {}
    _Blocks(parser, environment, writer, below, name).write(parser.parse(text, environment))


class _Blocks:
    """Turns the tokens of one text into blocks."""

    def __init__(self, parser: MarkdownIt, environment: dict[str, Any], writer: Writer, below: int, name: str) -> None:
        self._name = name
        self._parser = parser
        self._environment = environment
        self._writer = writer
        self._below = below
        self._lists = 0
        self._item_begun = False
        self._row: list[Sequence[Run]] | None = None
        self._heading = 0
        self._in_head = False
        self._signs = 0

    def write(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            self._structure(token)
            if token.type == "inline":
                self._inline(token.content)
            elif token.type in ("fence", "code_block"):
                self._writer.write("code", [Run(token.content)])
            elif token.type == "html_block":
                write_html(token.content, self._writer, self._name, below=self._below)

    def _structure(self, token: Token) -> None:
        match token.type:
            case "heading_open":
                self._heading = self._below + int(token.tag[1:])
            case "heading_close":
                self._heading = 0
            case "bullet_list_open" | "ordered_list_open":
                self._lists += 1
            case "bullet_list_close" | "ordered_list_close":
                self._lists -= 1
            case "list_item_open":
                self._item_begun = False
            case "thead_open" | "thead_close":
                self._in_head = token.type == "thead_open"
            case "tr_open":
                self._row = []
            case "tr_close":
                if self._row is not None:
                    self._writer.row("table-head" if self._in_head else "row", self._row)
                self._row = None

    def _inline(self, content: str) -> None:
        runs, manner = self._runs(content)
        if self._row is not None:
            self._row.append(runs)
        elif self._heading:
            self._writer.write("heading", runs, self._heading)
        elif self._lists:
            self._writer.write("item", runs, self._lists - 1 + self._item_begun)
            self._item_begun = True
        elif manner == "strong" and len(content) <= _BOLD_HEADING:
            self._writer.write("heading", runs, self._below + _WIDEST_BOLD)
        else:
            self._writer.write("note" if manner == "em" else "paragraph", runs)

    def _runs(self, content: str) -> tuple[list[Run], str]:
        """The text inside a block, and "strong" or "em" where all of it is so."""
        self._signs += len(_SIGN.findall(content))
        marks = len(_MARK.findall(content))
        if content.count("[") > _MOST_BRACKETS or marks > _MOST_MARKS or self._signs > _MOST_SIGNS:
            return [Run(content)], ""
        children: list[Token] = []
        self._parser.inline.parse(content, self._parser, self._environment, children)
        children = [child for child in children if child.content or child.type not in ("text", "text_special")]
        manner = children[0].tag if children and children[0].nesting == 1 else ""
        closed = next((i for i, child in enumerate(children) if child.tag == manner and child.nesting == -1), -1)
        return list(_text_of(children)), manner if manner and closed == len(children) - 1 else ""


def _text_of(children: Sequence[Token]) -> Iterator[Run]:
    target = ""
    for child in children:
        match child.type:
            case "link_open":
                target = str(child.attrs.get("href", ""))
            case "link_close":
                target = ""
            case "text" | "text_special":
                yield Run(child.content, target)
            case "code_inline":
                yield Run(child.content, target, code=True)
            case "image":
                yield Run(child.content, str(child.attrs.get("src", "")))
            case "softbreak" | "hardbreak":
                yield Run("\n")
            case "html_inline" if _BREAK.fullmatch(child.content):
                yield Run("\n")
