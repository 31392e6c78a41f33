"""The text of a Python file, decoded as Python itself would decode it."""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from reviewer.errors import SourceError

_LINE_END = re.compile(r"\r\n|\n|\r")

_NO_SOURCE = frozenset({"punycode", "idna", "undefined"})
"""Encodings of names and of nothing; decoding a large file by them takes time that grows with its square."""


@dataclass(frozen=True)
class Source:
    """A decoded file.

    Attributes:
        path: path relative to the repository root.
        text: the text, without a byte order mark, line ends as they are.
    """

    path: str
    text: str

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset of each line's first character. Only CR, LF and CRLF end a line, as in Python's grammar."""
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends; the first has index 0."""
        return _LINE_END.split(self.text)

    def line_of(self, offset: int) -> int:
        """Number, from 1, of the line that holds the character."""
        return bisect_right(self.line_starts, offset)

    def range_of_lines(self, first: int, last: int) -> tuple[int, int]:
        """Offsets of lines first to last, numbered from 1, their ends included."""
        starts = self.line_starts
        return starts[first - 1], starts[last] if last < len(starts) else len(self.text)


def decode(path: str, content: bytes) -> Source:
    """Decode a file by its byte order mark or coding line, else as UTF-8 (PEP 263, PEP 3120).

    Raises:
        SourceError: NUL bytes, an unknown encoding, bytes that do not fit it, or one that writes line ends otherwise.
    """
    if b"\0" in content:
        raise SourceError("holds NUL bytes, so it is not Python source")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        if codecs.lookup(encoding).name in _NO_SOURCE:
            raise SourceError(f"declares the encoding {encoding}, which is none for source; save it as UTF-8")
        text = content.decode(encoding)
    except (SyntaxError, LookupError) as error:
        raise SourceError(f"its encoding cannot be told ({error}); save it as UTF-8 or declare its encoding") from error
    except UnicodeDecodeError as error:
        raise SourceError(
            f"is not valid {error.encoding} at byte {error.start}; save it as UTF-8 or declare its encoding"
        ) from error
    except UnicodeError as error:  # what codecs written in Python raise
        raise SourceError(f"is not valid in its declared encoding ({error}); save it as UTF-8") from error
    if any(text.count(end) != content.count(end.encode()) for end in "\r\n"):
        # utf-7, unicode_escape: git and every reader see other lines than Python runs.
        raise SourceError(f"hides line ends in its encoding {encoding}; save it as UTF-8")
    return Source(path, text.removeprefix("\ufeff"))
