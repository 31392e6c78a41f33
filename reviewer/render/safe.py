"""Text out of a reviewed repository, made safe to look at.

File names and code may hold terminal escapes, bidirectional overrides, invisible characters and halves of surrogate
pairs. Shown as they are, they would move the cursor, hide code or fail to be written; here each is shown as its escape.
"""

from __future__ import annotations

TAB = 4
"""Columns between tab stops."""


def visible(text: str, encoding: str = "utf-8") -> str:
    r"""One line of text in which every character can be seen and written.

    Everything that Python calls not printable (controls, format characters such as U+202E, surrogates, unassigned code
    points, spaces other than the plain one) becomes its backslash escape, line ends and tabs included.

    Args:
        text: anything.
        encoding: what the reader's stream can take; characters outside it are escaped too.
    """
    if text.isascii() and text.isprintable():
        return text
    shown = "".join(char if char.isprintable() else _escape(char) for char in text)
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        return shown
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def visible_lines(text: str, encoding: str = "utf-8") -> list[str]:
    """The lines of a prose text, each visible; tabs are spaces, blank lines at both ends go."""
    lines = [visible(line.replace("\t", " ").rstrip(), encoding) for line in text.strip().split("\n")]
    return lines if lines != [""] else []


def visible_code(line: str, column: int, end: int, encoding: str = "utf-8") -> tuple[str, int, int]:
    """A line of code made visible, its indentation dropped, and where a stretch of it now is.

    Args:
        line: the line as it is in the file.
        column: first character of the stretch, from 0.
        end: the character after it.

    Returns:
        The line to show, and start and end of the stretch in it.
    """
    line = line.rstrip()
    indent = len(line) - len(line.lstrip(" \t\f"))
    shown, start, stop = "", 0, 0
    for index, char in enumerate(line[indent:], start=indent):
        if index == column:
            start = len(shown)
        if index == end:
            stop = len(shown)
        shown += " " * (TAB - len(shown) % TAB) if char == "\t" else visible(char, encoding)
    if column >= len(line):
        start = len(shown)
    if end >= len(line):
        stop = len(shown)
    return shown, start, max(start, stop)


def span_end(line: str, column: int) -> int:
    """Where the expression that begins at a column ends on its line, as far as brackets tell.

    Names, attributes, calls and subscripts belong to it; a keyword or an operator takes the rest of the line. It is a
    guess for an underline, nothing else depends on it.
    """
    end = len(line.rstrip())
    column = max(0, column)
    index = column
    while index < end and (line[index].isalnum() or line[index] in "_."):
        index += 1
    if index == column or line[column:index] in _STATEMENTS:
        return max(end, column + 1)
    depth = 0
    while index < end:
        char = line[index]
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if depth < 0:
                return index
        elif depth == 0 and not (char.isalnum() or char in "_."):
            return index
        index += 1
    return index


_STATEMENTS = frozenset(
    ["assert", "async", "await", "class", "def", "except", "finally", "for", "raise", "return", "try", "while", "with"]
)


def _escape(char: str) -> str:
    if char == "\t":
        return "\\t"
    code = ord(char)
    if char in "\n\r":
        return {"\n": "\\n", "\r": "\\r"}[char]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
