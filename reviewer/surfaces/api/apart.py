"""Questions that are answered at once, each worked out in a process of its own, a few at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import Request

from reviewer.errors import TimeLimitError
from reviewer.jobs.apart import Limits, run_apart

T = TypeVar("T")
_SECONDS = 60.0
"""Most time for one answer."""
_PATIENCE = 20.0
"""Seconds to wait for others to be answered."""


class Answering:
    """Answers a few questions at a time.

    Args:
        at_once: how many.
        memory_bytes: most memory of one.
    """

    def __init__(self, at_once: int, memory_bytes: int) -> None:
        self._turns = threading.Semaphore(at_once)
        self._limits = Limits(_SECONDS, memory_bytes)

    def ask(self, function: Callable[[T, Callable[[int, int], None]], dict[str, Any]], argument: T) -> dict[str, Any]:
        """Answer one.

        Raises:
            ReviewerError: it cannot be answered, or not now.
        """
        if not self._turns.acquire(timeout=_PATIENCE):
            raise TimeLimitError("too many questions are being answered; ask again in a moment")
        try:
            return run_apart(function, argument, self._limits)
        finally:
            self._turns.release()


def answering_of(request: Request) -> Answering:
    """What answers the questions of an application."""
    answering: Answering = request.app.state.answering
    return answering
