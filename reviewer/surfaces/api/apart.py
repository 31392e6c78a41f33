"""Questions that are answered at once, each worked out in a process of its own, a few at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import anyio
import anyio.to_thread
from fastapi import Request

from reviewer.errors import TimeLimitError
from reviewer.jobs.apart import ProcessPool

T = TypeVar("T")
_SECONDS = 60.0
"""Most time for one answer."""
_PATIENCE = 20.0
"""Seconds to wait for others to be answered."""


class Answering:
    """Answers a few questions at a time.

    They have threads of their own, and whoever waits for one takes none: the threads of all other routes stay free.

    Args:
        at_once: how many.
        processes: that work the answers out.
    """

    def __init__(self, at_once: int, processes: ProcessPool) -> None:
        self._turns = anyio.Semaphore(at_once)
        self._threads = anyio.CapacityLimiter(at_once)
        self._processes = processes

    async def ask(
        self,
        function: Callable[[T, Callable[[int, int], None]], dict[str, Any]],
        prepare: Callable[[], T],
    ) -> dict[str, Any]:
        """Answer one.

        Args:
            function: works the answer out, in a process of its own.
            prepare: makes what it is given; it may take a while too.

        Raises:
            ReviewerError: it cannot be answered, or not now.
        """
        try:
            with anyio.fail_after(_PATIENCE):
                await self._turns.acquire()
        except TimeoutError as error:
            raise TimeLimitError("too many questions are being answered; ask again in a moment") from error
        try:
            return await anyio.to_thread.run_sync(partial(self._answer, function, prepare), limiter=self._threads)
        finally:
            self._turns.release()

    def _answer(
        self, function: Callable[[T, Callable[[int, int], None]], dict[str, Any]], prepare: Callable[[], T]
    ) -> dict[str, Any]:
        return self._processes.run(function, prepare(), _SECONDS)


def answering_of(request: Request) -> Answering:
    """What answers the questions of an application."""
    answering: Answering = request.app.state.answering
    return answering
