"""Runs a function in a process of its own, with limits on time and memory.

The analysis takes all of a processor; in this process it would hold up the event loop and the heartbeat, and a file
that ends a parser would end the service. Processes are forked off a small server that has the pipeline imported already
and no threads, so that one costs milliseconds.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, TypeVar

from reviewer.domain.report import to_json
from reviewer.errors import IncompleteReviewError, ReviewerError, TimeLimitError

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

T = TypeVar("T")
Count = Callable[[int, int], None]
_MOMENT = 0.25
"""Seconds between two looks at whether the result is still wanted."""
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
        exit_code, http_status: what the edge makes of it.
    """

    def __init__(self, message: str, code: str, exit_code: int, http_status: int) -> None:
        super().__init__(message)
        self.kind = code
        self.status = http_status
        self.exit_status = exit_code


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process may take.

    Attributes:
        seconds: of time.
        memory_bytes: of address space; None for no limit.
    """

    seconds: float
    memory_bytes: int | None = None


def run_apart(
    function: Callable[[T, Count], dict[str, Any]],
    argument: T,
    limits: Limits,
    *,
    count: Count | None = None,
    is_wanted: Callable[[], bool] = lambda: True,
) -> dict[str, Any]:
    """Call a function in a process of its own.

    Args:
        function: of a module; it is given the argument and whom to tell how far it is, and returns what JSON can hold.
        argument: a frozen value.
        limits: on it.
        count: told how far it is.
        is_wanted: asked now and then; where it says no, the process is ended.

    Raises:
        RemoteError: the function raised an error of ours.
        NotWantedError: it is not wanted any more.
        TimeLimitError: it took too long.
        IncompleteReviewError: the process died.
    """
    context = _context()
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(  # type: ignore[attr-defined]
        target=_serve, args=(theirs, function, argument, limits.memory_bytes), daemon=False
    )
    process.start()
    theirs.close()
    deadline = time.monotonic() + limits.seconds
    try:
        while True:
            if ours.poll(_MOMENT):
                kind, value = json.loads(ours.recv_bytes())
                if kind == "result":
                    return dict(value)
                if kind == "error":
                    raise RemoteError(*value)
                if kind == "fault":
                    raise IncompleteReviewError(f"this is a bug in reviewer: {value}; please report it")
                if count is not None:
                    count(*value)
            elif not is_wanted():
                raise NotWantedError("it is not wanted any more")
            if time.monotonic() > deadline:
                raise TimeLimitError(
                    f"it took longer than {limits.seconds:.0f} seconds; narrow it with paths, or raise the limit"
                )
    except EOFError as error:
        process.join(5)
        raise IncompleteReviewError(
            f"the process that worked it out died ({_death(process.exitcode)}); the change may be too large or hostile"
        ) from error
    finally:
        ours.close()
        _end(process)


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


def _end(process: Any) -> None:
    process.join(0.5)
    if process.is_alive():
        process.kill()
        process.join(5)
    process.close()


def _context() -> BaseContext:
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context


def _serve(
    connection: Connection, function: Callable[[T, Count], dict[str, Any]], argument: T, memory_bytes: int | None
) -> None:
    """What the other process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the one who started it decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if memory_bytes is not None and sys.platform != "win32":
        import resource  # noqa: PLC0415 (not on every system)

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))

    def send(kind: str, value: object) -> None:
        connection.send_bytes(to_json([kind, value], indent=None).encode())

    told = 0.0

    def count(done: int, total: int) -> None:
        nonlocal told
        if done == total or time.monotonic() - told >= _MOMENT:
            told = time.monotonic()
            send("count", [done, total])

    try:
        send("result", function(argument, count))
    except ReviewerError as error:
        send("error", [str(error), error.code, error.exit_code, error.http_status])
    except MemoryError:
        send("error", ["it took more memory than it may; narrow it with paths", "memory", 3, 500])
    except Exception as error:  # noqa: BLE001 (the boundary of the process: whatever is left is a fault of this program)
        send("fault", f"{type(error).__name__}: {error}"[:300])
    connection.close()


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, killed perhaps."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
