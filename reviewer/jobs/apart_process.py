"""The other side of `jobs.apart`: a process that works out one thing after another for the one that started it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from reviewer.domain.report import to_json
from reviewer.errors import ReviewerError

_MOMENT = 0.25
"""Seconds between two words on how far it is."""


def serve(connection: Connection, memory_bytes: int | None) -> None:
    """Answer what is asked until nobody asks any more, or an answer was none.

    Args:
        connection: gives a function and its argument, takes JSON: "count"s, and at the end "error", "fault", or
            "peak" (bytes of memory) and "result". What comes back is no pickle, for it is made from what is reviewed.
        memory_bytes: of address space that this process may take; None for no limit.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the one who started it decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if memory_bytes is not None and sys.platform != "win32":
        import resource  # noqa: PLC0415 (not on every system)

        # A limit that holds for the whole service may be lower, and cannot be raised.
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        bound = memory_bytes if most == resource.RLIM_INFINITY else min(memory_bytes, most)
        resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    try:
        while _answer(connection, *connection.recv()):
            pass
    except (EOFError, OSError):
        return


def _answer(
    connection: Connection, function: Callable[[Any, Callable[[int, int], None]], dict[str, Any]], argument: object
) -> bool:
    """Work out one thing; whether this process is fit for another."""

    def send(kind: str, value: object) -> None:
        connection.send_bytes(to_json([kind, value], indent=None).encode())

    told = 0.0

    def count(done: int, total: int) -> None:
        nonlocal told
        if done == total or time.monotonic() - told >= _MOMENT:
            told = time.monotonic()
            send("count", [done, total])

    try:
        result = function(argument, count)
        send("peak", _peak_bytes())
        send("result", result)
    except ReviewerError as error:
        send("error", [str(error), error.code, error.http_status])
    except MemoryError:
        send("error", ["it took more memory than it may; narrow it with paths", "memory", 500])
    except Exception as error:  # noqa: BLE001 (the boundary of the process: whatever is left is a fault of this program)
        send("fault", f"{type(error).__name__}: {error}"[:300])
    else:
        return True
    return False


def _peak_bytes() -> int:
    """The most memory that this process has had at once; 0 where nobody tells."""
    if sys.platform == "win32":
        return 0
    import resource  # noqa: PLC0415 (not on every system)

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, killed perhaps."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
