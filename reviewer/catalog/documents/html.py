"""HTML → blocks of plain text. Parsed by lxml as a stream of events; nothing of it is ever rendered or fetched."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reviewer.catalog.documents.characters import one_line
from reviewer.catalog.documents.document import BlockKind, Details
from reviewer.catalog.documents.writer import Run, Writer
from reviewer.errors import PostmortemError

_LONGEST_VALUE = 300
_MOST_ELEMENTS = 100_000
_SILENT = frozenset(
    {"script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "audio", "video", "canvas"}
    | {"nav", "footer", "aside", "form", "button", "select", "textarea", "head"}
)
"""Elements whose text no reader of the page takes for the document's."""
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset({"ul", "ol", "dl"})
_ROWS = frozenset({"tr", "dt"})
"""What begins a row: a term with what is said of it is one too."""
_CELLS = frozenset({"td", "th", "dt", "dd"})
_EMPTY = frozenset({"br", "hr", "input", "col"})
_BLANKS = re.compile(r"\s+")
_INSIDE = frozenset(
    {
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "label",
    }
    | {"mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"}
)
"""Elements that do not end a paragraph."""
_SITE = ("og:site_name",)
_ADDRESS = ("og:url",)
_PUBLISHED = ("article:published_time", "datepublished", "date", "dc.date", "dcterms.date")


def write_html(text: str, writer: Writer, name: str, *, below: int = 0) -> Details:
    """Write a page, or a part of one, block by block.

    Args:
        text: the HTML.
        writer: takes the blocks.
        name: of the document, for errors.
        below: level of the heading that it stands under.

    Returns:
        What its head says of it.

    Raises:
        PostmortemError: it is too long.
    """
    from lxml import etree

    page = _Page(writer, below, name)
    # Events and no tree: a page of any depth takes no more than its text. The parser reads what is no HTML too.
    target: Any = page  # the stubs know only of targets that hear comments, which are left out
    parser = etree.HTMLParser(target=target, huge_tree=True, no_network=True, remove_comments=True, remove_pis=True)
    parser.feed(text)
    parser.close()
    return page.details


class _Page:
    """Hears of the elements of a page, in their order."""

    def __init__(self, writer: Writer, below: int, name: str) -> None:
        self._name = name
        self._elements = 0
        self._writer = writer
        self._below = below
        self._runs: list[Run] = []
        self._kind: BlockKind = "paragraph"
        self._level = 0
        self._lists = 0
        self._silent = 0
        self._open: list[bool] = []
        self._links: list[str] = []
        self._code = 0
        self._verbatim = False
        self._row: list[list[Run]] | None = None
        self._head_cells = 0
        self._in_title = False
        self._title: list[str] = []
        self._told: dict[str, str] = {}

    @property
    def details(self) -> Details:
        told = {key: one_line(value, _LONGEST_VALUE) for key, value in self._told.items()}
        return Details(
            title=one_line("".join(self._title), _LONGEST_VALUE),
            organisation=told.get("organisation", ""),
            source=told.get("source", ""),
            published=told.get("published", ""),
        )

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        if self._elements > _MOST_ELEMENTS:
            raise PostmortemError(
                self._name,
                f"has more than {_MOST_ELEMENTS:,} elements of HTML; a page has a few thousand; save its text alone",
            )
        hidden = tag in _SILENT or _is_hidden(attributes)
        self._open.append(hidden)
        self._silent += hidden
        if tag in ("meta", "link", "title"):
            self._about(tag, attributes)
        if self._silent:
            return
        if tag not in _INSIDE:
            self._begin(tag)
        elif tag == "a":
            self._links.append(attributes.get("href", ""))
        elif tag == "code":
            self._code += 1
        elif tag == "img":
            self._runs.append(Run(attributes.get("alt", ""), attributes.get("src", "")[:_LONGEST_VALUE]))

    def end(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        silent = self._silent
        self._silent -= self._open.pop() if self._open else 0
        if silent:
            return
        if tag not in _INSIDE:
            self._finish(tag)
        elif tag == "a" and self._links:
            self._links.pop()
        elif tag == "code":
            self._code = max(0, self._code - 1)

    def data(self, data: str) -> None:
        if self._in_title:
            self._title.append(data)
        if self._silent or self._in_title:
            return
        text = data if self._verbatim else _BLANKS.sub(" ", data)
        self._runs.append(
            Run(text, self._links[-1] if self._links else "", code=bool(self._code) and not self._verbatim)
        )

    def close(self) -> None:
        self._end_row()
        self._flush()

    def _begin(self, tag: str) -> None:
        if self._row is not None and tag in _HEADINGS:
            self._end_row()  # a table that lays out the page, and no table
        if tag == "br" or (self._row is not None and tag not in _ROWS and tag not in _CELLS):
            self._runs.append(Run("\n"))
            return
        if self._row is not None and tag in ("td", "th", "dd"):
            self._head_cells += tag == "th"
            if any(run.text.strip() for run in self._runs):
                self._row.append(self._runs)  # the cell before was not ended
            self._runs = []
            return
        self._flush()
        if tag in _ROWS:
            self._end_row()
            self._row, self._head_cells = [], 0
        elif tag in _LISTS:
            self._lists += 1
        elif tag in _HEADINGS:
            self._kind, self._level = "heading", self._below + _HEADINGS[tag]
        elif tag in ("li", "dd"):
            self._kind, self._level = "item", max(0, self._lists - 1)
        elif tag == "pre":
            self._kind = "code"
            self._verbatim = True

    def _finish(self, tag: str) -> None:
        if tag in _EMPTY:
            return
        if self._row is not None:
            if tag in _CELLS:
                self._row.append(self._runs)
                self._runs = []
            if tag in ("tr", "dd", "dl", "table"):
                self._end_row()
            return
        self._flush()
        if tag in _LISTS:
            self._lists = max(0, self._lists - 1)
        elif tag == "pre":
            self._verbatim = False

    def _end_row(self) -> None:
        row, self._row = self._row, None
        if self._runs and row is not None:
            row.append(self._runs)
            self._runs = []
        if row:
            self._writer.row("table-head" if self._head_cells == len(row) else "row", row)

    def _flush(self) -> None:
        runs, self._runs = self._runs, []
        kind, level = self._kind, self._level
        self._kind, self._level = "paragraph", 0
        if runs:
            self._writer.write(kind, runs, level)

    def _about(self, tag: str, attributes: Mapping[str, str]) -> None:
        """What the head of the page says of it; what stands in a part that is not shown is not heard."""
        if tag == "title":
            self._in_title = not self._title
        elif tag == "link":
            if attributes.get("rel", "").lower() == "canonical":
                self._told.setdefault("source", attributes.get("href", ""))
        else:
            name = (attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or "").lower()
            for names, detail in ((_SITE, "organisation"), (_ADDRESS, "source"), (_PUBLISHED, "published")):
                if name in names:
                    self._told.setdefault(detail, attributes.get("content", ""))


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    style = attributes.get("style", "")[:1000].replace(" ", "").lower()
    return "hidden" in attributes or "display:none" in style or "visibility:hidden" in style
