"""Calls functions in other processes, with limits on time and memory.

The analysis takes all of a processor; in this process it would hold up the event loop and the heartbeat, and a file
that ends a parser would end the service. Processes are forked off a small server that has the pipeline imported and no
threads; one that has given a result waits for the next question, with everything loaded that the last one needed.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any, TypeVar

from reviewer.errors import IncompleteReviewError, ReviewerError, TimeLimitError
from reviewer.jobs.apart_process import serve

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

T = TypeVar("T")
Count = Callable[[int, int], None]
_MOMENT = 0.25
"""Seconds between two looks at whether the result is still wanted."""
_MOST_ANSWERS = 50
_MOST_MEMORY = 256 * 1024**2
"""Answers, and bytes of memory at its peak, after which a process is replaced: what it has grown by is given back."""
_PRELOADED = [
    "reviewer.catalog.meeting",
    "reviewer.catalog_wiring",
    "reviewer.detectors.registry",
    "reviewer.diff.contents",
    "reviewer.diff.repository",
    "reviewer.jobs.analysis",
    "reviewer.review",
    "reviewer.review_wiring",
    "reviewer.stores.finder",
    "reviewer.wiring",
    "reviewer.work.worker",
]


class NotWantedError(ReviewerError):
    """Whoever asked has given it up; the process was ended."""

    code = "not-wanted"
    http_status = 409


class RemoteError(ReviewerError):
    """An error of ours that was raised in the other process.

    Args:
        message: its one line.
        code: its kind.
        http_status: what the edge makes of it.
    """

    def __init__(self, message: str, code: str, http_status: int) -> None:
        super().__init__(message)
        self.kind = code
        self.status = http_status


class ProcessPool:
    """Processes that work something out, each one thing at a time. As many work as are asked; close it after use.

    Args:
        memory_bytes: of address space that one may take; None for no limit.
        idle: how many wait for the next question at most; the others are ended when they have answered.
        idle_bytes: of memory that one may have taken at its peak and still wait for the next question.
    """

    def __init__(self, memory_bytes: int | None = None, *, idle: int = 2, idle_bytes: int = _MOST_MEMORY) -> None:
        self._memory_bytes = memory_bytes
        self._most_idle = idle
        self._idle_bytes = idle_bytes
        self._idle: list[_Process] = []
        self._lock = threading.Lock()

    def run(
        self,
        function: Callable[[T, Count], dict[str, Any]],
        argument: T,
        seconds: float,
        *,
        count: Count | None = None,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> dict[str, Any]:
        """Call a function in one of them.

        Args:
            function: of a module; it is given the argument and whom to tell how far it is, and returns what JSON can
                hold.
            argument: a frozen value.
            seconds: that it may take.
            count: told how far it is.
            is_wanted: asked now and then; where it says no, the process is ended.

        Raises:
            RemoteError: the function raised an error of ours.
            NotWantedError: it is not wanted any more.
            TimeLimitError: it took too long.
            IncompleteReviewError: the process died.
        """
        process = self._take()
        try:
            result = process.call(function, argument, seconds, count, is_wanted)
        except BaseException:
            process.end()
            raise
        self._give_back(process)
        return result

    def close(self) -> None:
        """End those that wait; what is being worked out is ended when it is done."""
        with self._lock:
            waiting, self._idle, self._most_idle = self._idle, [], 0
        for process in waiting:
            process.end()

    def _take(self) -> _Process:
        while True:
            with self._lock:
                process = self._idle.pop() if self._idle else None
            if process is None:
                return _Process(self._memory_bytes)
            if process.is_alive():  # it may have died while it waited, for want of memory perhaps
                return process
            process.end()

    def _give_back(self, process: _Process) -> None:
        with self._lock:
            is_fit = process.answers < _MOST_ANSWERS and process.peak_bytes <= self._idle_bytes
            kept = is_fit and len(self._idle) < self._most_idle
            if kept:
                self._idle.append(process)
        if not kept:
            process.end()


class _Process:
    """One of them."""

    def __init__(self, memory_bytes: int | None) -> None:
        context = _context()
        self._connection: Connection
        self._connection, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(  # type: ignore[attr-defined]
            target=serve, args=(theirs, memory_bytes), daemon=False
        )
        self._process.start()
        theirs.close()
        self.answers = 0
        self.peak_bytes = 0

    def is_alive(self) -> bool:
        """Whether it still waits for a question. One that waits says nothing: whatever can be read then is its end.

        That end is seen here at once; the server the processes are forked off tells of a death a moment later.
        """
        try:
            return not self._connection.poll() and self._process.is_alive()
        except ConnectionError:
            return False

    def call(
        self, function: object, argument: object, seconds: float, count: Count | None, is_wanted: Callable[[], bool]
    ) -> dict[str, Any]:
        """Give it something to work out, and wait for what it says; see `ProcessPool.run`."""
        deadline = time.monotonic() + seconds
        try:
            self._connection.send((function, argument))
            while True:
                if self._connection.poll(_MOMENT):
                    kind, value = json.loads(self._connection.recv_bytes())
                    if kind == "result":
                        self.answers += 1
                        return dict(value)
                    if kind == "error":
                        raise RemoteError(*value)
                    if kind == "fault":
                        raise IncompleteReviewError(f"this is a bug in reviewer: {value}; please report it")
                    if kind == "peak":
                        self.peak_bytes = int(value)
                    elif count is not None:
                        count(*value)
                elif not is_wanted():
                    raise NotWantedError("it is not wanted any more")
                if time.monotonic() > deadline:
                    raise TimeLimitError(
                        f"it took longer than {seconds:.0f} seconds; narrow it with paths, or raise the limit"
                    )
        except (EOFError, ConnectionError) as error:
            self._process.join(5)
            death = _death(self._process.exitcode)
            raise IncompleteReviewError(
                f"the process that worked it out died ({death}); the change may be too large or hostile"
            ) from error

    def end(self) -> None:
        """End it, whatever it does."""
        self._connection.close()  # one that waits ends by itself then
        self._process.join(0.5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(5)
        self._process.close()


def warm() -> None:
    """Start the server that processes are forked off; it imports the pipeline while nobody waits for it yet."""
    if sys.platform != "win32":
        _context()
        from multiprocessing import forkserver  # noqa: PLC0415 (not on every system)

        forkserver.ensure_running()


def _death(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"


def _context() -> BaseContext:
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context
