"""Plain text → blocks: headings underlined, in capitals, numbered or ended by a colon; lists; paragraphs.

Underlined headings and field lists are those of reStructuredText, `h2.` those of Jira.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from reviewer.catalog.documents.characters import seen
from reviewer.catalog.documents.writer import Run, Writer
from reviewer.errors import PostmortemError

_MOST_LINES = 20_000
_LONGEST_HEADING = 80
_MOST_WORDS = 8
_LEAST_RULE = 3
_RULE = re.compile(r"([=\-~^\"'*#+`:._])\1{2,}+\s*$")
_ITEM = re.compile(r"(\s{0,40}+)(?:[-*+•–·]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+(?=\S)")
_NUMBERED = re.compile(r"(?:\d{1,2}\.){1,4}\d{0,2}\s+(?=[A-Z])")
_JIRA = re.compile(r"h([1-6])\.\s+(?=\S)")
_FIELD = re.compile(r":([A-Za-z][\w -]{0,40}):\s+")
_CODE = re.compile(r"(?: {4}|\t)")


def write_text(text: str, writer: Writer, name: str) -> None:
    """Write a plain text block by block.

    Args:
        text: the text.
        writer: takes the blocks.
        name: of the document, for errors.

    Raises:
        PostmortemError: it is too long.
    """
    text = seen(text)
    lines = text.count("\n") + 1
    if lines > _MOST_LINES:
        raise PostmortemError(
            name,
            f"has {lines:,} lines, and a post-mortem has a few hundred; cut out the part that tells of the incident",
        )
    rules: list[str] = []
    for number, rows in enumerate(_paragraphs(text)):
        _Paragraph(writer, rows, rules).write(first=number == 0)


def _paragraphs(text: str) -> Iterator[list[str]]:
    rows: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip():
            rows.append(line.rstrip())
        elif rows:
            yield rows
            rows = []


class _Paragraph:
    """Lines without a blank one between them."""

    def __init__(self, writer: Writer, rows: list[str], rules: list[str]) -> None:
        self._writer = writer
        self._rows = rows
        self._rules = rules

    def write(self, *, first: bool) -> None:
        """Write it.

        Args:
            first: it opens the document, and a short line there is its title.
        """
        rows = self._headings(first=first)
        if not rows:
            return
        if all(_CODE.match(row) for row in rows) and not _ITEM.match(rows[0]):
            self._writer.write("code", [Run("\n".join(rows))])
            return
        self._prose([_FIELD.sub(r"\1: ", row, count=1) if row.startswith(":") else row for row in rows])

    def _headings(self, *, first: bool) -> Sequence[str]:
        """Write the headings that it begins with; what is left of it."""
        rows = self._rows
        while rows:
            if len(rows) > 2 and _is_rule(rows[0]) and _is_rule(rows[2]):
                rows = rows[1:]  # a title between two rules
            if len(rows) > 1 and _is_rule(rows[1]) and not _is_rule(rows[0]):
                self._heading(rows[0], self._level_of(rows[1].strip()[0]))
                rows = rows[2:]
            elif _is_rule(rows[0]):
                rows = rows[1:]
            elif (jira := _JIRA.match(rows[0])) is not None:
                self._heading(rows[0][jira.end() :], int(jira[1]))
                rows = rows[1:]
            elif first and len(rows) == 1 and _is_title(rows[0]):
                self._heading(rows[0], 1)
                return ()
            elif _is_heading(rows[0], alone=len(rows) == 1):
                self._heading(rows[0], 2)
                rows = rows[1:]
            else:
                break
        return rows

    def _level_of(self, rule: str) -> int:
        """The first sort of rule in a text is that of its widest headings."""
        if rule not in self._rules:
            self._rules.append(rule)
        return 1 + self._rules.index(rule)

    def _heading(self, row: str, level: int) -> None:
        self._writer.write("heading", [Run(row.strip())], level)

    def _prose(self, rows: Sequence[str]) -> None:
        part: list[str] = []
        level = -1
        for row in rows:
            item = _ITEM.match(row)
            if item is not None:
                self._part(part, level)
                part, level = [row[item.end() :]], len(item[1]) // 2
            else:
                part.append(row.strip())
        self._part(part, level)

    def _part(self, rows: Sequence[str], level: int) -> None:
        if rows:
            text = "\n".join(rows)
            self._writer.write("paragraph" if level < 0 else "item", [Run(text)], max(0, level))


def _is_rule(row: str) -> bool:
    return len(row) >= _LEAST_RULE and _RULE.match(row.strip()) is not None


def _is_title(row: str) -> bool:
    return (
        len(row) <= 2 * _LONGEST_HEADING
        and not row.rstrip().endswith((".", "!", ";", ","))
        and not _ITEM.match(row)
        and not _FIELD.match(row)
    )


def _is_heading(row: str, *, alone: bool) -> bool:
    """Whether a line is a heading of what follows: in capitals, ended by a colon, or by itself with its number."""
    row = row.strip()
    if len(row) > _LONGEST_HEADING or len(row.split()) > _MOST_WORDS or not any(char.isalpha() for char in row):
        return False
    if row.endswith(":"):
        return row[0].isupper()
    if row.endswith((".", "!", ",", ";")) or ": " in row:
        return False
    return row.isupper() or (alone and _NUMBERED.match(row) is not None)
