"""The characters of a document: only what can be seen is kept, so that no reader is shown more than text.

A document is anybody's text. Its words go to terminals, where control characters act, and to people, from whom
direction marks and letters of no width hide what a sentence says.
"""

from __future__ import annotations

import re

_ANSI = re.compile(r"\x1b\[[0-?]*+[ -/]*+[@-~]|\x1b\][^\x07\x1b]*+(?:\x07|\x1b\\)?|\x1b[@-_]|\x9b[0-?]*+[ -/]*+[@-~]")
_BREAK = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
# Letters that are shown as nothing, and variation selectors: Unicode's Default_Ignorable_Code_Point.
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]")


def seen(text: str) -> str:
    """A text without escape sequences and characters that cannot be seen; line ends are "\\n", other spaces plain."""
    text = _BREAK.sub("\n", _ANSI.sub("", text))
    if text.isascii():
        return _CONTROL.sub("", text)
    text = _INVISIBLE.sub("", text)
    return "".join(char if char.isprintable() or char in "\n\t" else " " if char.isspace() else "" for char in text)


def one_line(text: str, limit: int) -> str:
    """A text as one line, cut at a word where it is longer than a limit.

    Args:
        text: anything.
        limit: characters, the ellipsis included.
    """
    text = " ".join(seen(text[: 8 * limit]).split())
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    space = cut.rfind(" ")
    return f"{cut[:space] if space > limit // 2 else cut}…".replace(" …", "…")
