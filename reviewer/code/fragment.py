"""Making the lines of some hunks readable as Python when the file they belong to is not at hand."""

from __future__ import annotations

import textwrap

from reviewer.code.source import Source
from reviewer.domain.syntax import parse_module

_MOST_DROPPED = 40
"""Lines that may be left out of one block before the block is given up."""


def mend(source: Source) -> tuple[Source, tuple[str, ...]]:
    """Turn the lines of hunks, blank lines between them, into text that parses, line numbers kept.

    Each block of lines is moved to the left margin; lines that cannot stand without what surrounded them (an `else:`
    whose `if` is not shown, the rest of a call) are left out, and told.

    Args:
        source: hunk lines at their places.

    Returns:
        The mended text, and one reason for each line left out.
    """
    lines = list(source.lines)
    dropped: list[int] = []
    start = 0
    while start < len(lines):
        if not lines[start].strip():
            start += 1
            continue
        end = start
        while end < len(lines) and lines[end].strip():
            end += 1
        block, missing = _mend_block(lines[start:end])
        lines[start:end] = block
        dropped.extend(start + offset + 1 for offset in missing)
        start = end
    reasons = tuple(f"line {line}: cannot be read without the rest of the file" for line in dropped)
    return Source(source.path, "\n".join(lines) + "\n"), reasons


def _mend_block(lines: list[str]) -> tuple[list[str], list[int]]:
    """A block that parses by itself, with as many lines as before, and the offsets of those emptied."""
    missing: list[int] = []
    current = list(lines)
    while len(missing) <= _MOST_DROPPED and len(missing) < len(lines):
        text = textwrap.dedent("\n".join(current))
        bad = _error_line(text)
        if bad is None:
            return text.split("\n"), missing
        offset = next((i for i in range(min(bad, len(current)) - 1, -1, -1) if current[i].strip()), None)
        if offset is None:
            break
        current[offset] = ""
        missing.append(offset)
    return [""] * len(lines), list(range(len(lines)))


def _error_line(text: str) -> int | None:
    """The line, from 1, at which parsing fails; None when it does not."""
    try:
        parse_module(text + "\n")
    except SyntaxError as error:
        return error.lineno or 1
    except (RecursionError, MemoryError, ValueError):
        return 1
    return None
