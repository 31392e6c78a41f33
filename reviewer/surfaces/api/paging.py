"""Pages of a list by cursor: what comes after the last one that a client has seen, whatever was added since."""

from __future__ import annotations

import base64
import binascii

from reviewer.errors import UsageError


def write_cursor(number: int) -> str:
    """A cursor that stands behind a row; clients must not read anything into it."""
    return base64.urlsafe_b64encode(f"n{number}".encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> int | None:
    """The number of the row that a cursor stands behind; None for the beginning.

    Raises:
        UsageError: it is no cursor of ours.
    """
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise UsageError("cursor: this is not a cursor; pass next_cursor of the page before") from error
    if not text.startswith("n") or not text[1:].isascii() or not text[1:].isdigit() or len(text) > 19:
        raise UsageError("cursor: this is not a cursor; pass next_cursor of the page before")
    return int(text[1:])
