"""Paths as diffs and git write them: bytes, quoted like C strings, and never to be trusted."""

from __future__ import annotations

import re

UNSAFE_PATH = "the path leads outside the repository, so the file was not read; check where this diff comes from"
"""Why a file with an unsafe path is reported as failed."""

_ESCAPE = re.compile(rb"\\([abtnvfr\"\\]|[0-3][0-7]{2})|(\\)")
_LETTERS = {b"a": 7, b"b": 8, b"t": 9, b"n": 10, b"v": 11, b"f": 12, b"r": 13, b'"': 34, b"\\": 92}


def decode(raw: bytes) -> str:
    """The path or line as text; bytes that are no UTF-8 become surrogates (PEP 383), so that nothing is lost."""
    return raw.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes that `decode` made the text from; a surrogate that no byte could have given becomes '?'."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def unquote(raw: bytes) -> tuple[bytes, bytes] | None:
    """Read one C-quoted name from the start of `raw`.

    Args:
        raw: begins with the opening double quote.

    Returns:
        the name and what follows the closing quote; None where the quoting is broken.
    """
    end = 1
    while end < len(raw) and raw[end] != 0x22:
        end += 2 if raw[end] == 0x5C else 1
    if end >= len(raw):
        return None
    body = raw[1:end]
    if any(match[2] for match in _ESCAPE.finditer(body)):
        return None
    return _ESCAPE.sub(_unescape, body), raw[end + 1 :]


def _unescape(match: re.Match[bytes]) -> bytes:
    escape = match[1]
    return bytes((_LETTERS[escape] if escape in _LETTERS else int(escape, 8),))


def is_safe(path: str) -> bool:
    """True for a relative path that stays below its root and out of git's own directory."""
    if not path or path.startswith("/") or "\0" in path:
        return False
    return not any(part in {"", ".", ".."} or part.lower() == ".git" for part in path.split("/"))
