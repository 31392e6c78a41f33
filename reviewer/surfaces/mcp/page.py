"""Answers in small pieces: an assistant pays for each word that it reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, TypeVar

from reviewer.errors import UsageError

Item = TypeVar("Item")

MOST = 50
"""Most items that one answer holds, whatever is asked for."""


class Rest(TypedDict):
    """What an answer has left out."""

    total: int
    next: int | None


def page(items: Sequence[Item], start: int, limit: int) -> tuple[Sequence[Item], Rest]:
    """A part of a list, and what is left of it.

    Args:
        items: all of them, in a lasting order.
        start: number of the first that is wanted, from 0; the `next` of the answer before.
        limit: how many are wanted, 1 to `MOST`.

    Raises:
        UsageError: no such part can be.
    """
    if start < 0 or not 1 <= limit <= MOST:
        raise UsageError(f"start {start}, limit {limit}: take a start from 0 and a limit from 1 to {MOST}")
    end = start + limit
    return items[start:end], Rest(total=len(items), next=end if end < len(items) else None)
