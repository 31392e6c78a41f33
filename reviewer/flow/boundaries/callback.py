"""Callbacks of event loops, futures, signals and the end of the program.

An event loop logs what a callback raises and goes on; so does a future with its done-callbacks. A function of `atexit`
that raises leaves a traceback on stderr, the exit status stays as it was, SystemExit included. A signal handler raises
in the main thread, at whatever statement it is running.

Source: https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.call_exception_handler,
https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Future.add_done_callback,
https://docs.python.org/3/library/atexit.html, https://docs.python.org/3/library/signal.html#signals-and-threads
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.domain.boundary import Boundary, Clause, Ending
from reviewer.flow.boundaries.entry import Candidate, Example

_LOOP = {
    "call_soon": 0,
    "call_soon_threadsafe": 0,
    "call_later": 1,
    "call_at": 1,
    "add_reader": 1,
    "add_writer": 1,
    "add_signal_handler": 1,
}
_LOGGED = Ending("the event loop logs it and goes on, and nobody is told", "lost")
_DONE = Ending("logged where the future is done, and nobody is told", "lost")
_ATEXIT = Ending("a traceback on stderr while the program ends; its exit status does not tell", "lost")
_SIGNAL = Ending("raised in the main thread, at whatever statement it is running", "ends")
_STOPS = ((Clause(("SystemExit", "KeyboardInterrupt"), Ending("the loop and the program end", "ends", True)),),)

EXAMPLES = (
    Example(
        """
import asyncio

def tick():
    load()

async def start():
    asyncio.get_running_loop().call_later(5, tick)
""",
        "tick",
        "callback",
        "call_later tick",
        {
            "OSError": ("the event loop logs it and goes on, and nobody is told", "lost"),
            "SystemExit": ("the loop and the program end", "ends"),
        },
    ),
    Example(
        """
import atexit

@atexit.register
def close():
    save()
""",
        "close",
        "callback",
        "atexit close",
        {"OSError": ("a traceback on stderr while the program ends; its exit status does not tell", "lost")},
    ),
    Example(
        """
import signal

class Server:
    def __init__(self):
        signal.signal(signal.SIGTERM, self._stop)

    def _stop(self, number, frame):
        save()
""",
        "Server._stop",
        "callback",
        "signal Server._stop",
        {"OSError": ("raised in the main thread, at whatever statement it is running", "ends")},
    ),
    Example(
        """
def done(future):
    future.result()

def start(pool, work):
    pool.submit(work).add_done_callback(done)
""",
        "done",
        "callback",
        "add_done_callback done",
        {"OSError": ("logged where the future is done, and nobody is told", "lost")},
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The callback that a function is."""
    for decorator in candidate.decorators:
        if decorator.symbol == "atexit.register":
            yield Boundary("callback", "atexit", f"atexit {candidate.name}", decorator.line, _ATEXIT)
    for handed in candidate.handed:
        site = handed.site
        if handed.called:
            continue
        name = f"{site.method} {candidate.name}"
        if site.method in _LOOP and handed.for_parameter("callback", _LOOP[site.method]):
            if "tornado" not in site.callee and "ioloop" not in site.callee.lower():
                yield Boundary("callback", "asyncio", name, site.line, _LOGGED, _STOPS)
        elif site.method == "add_done_callback" and handed.position == 0:
            yield Boundary("callback", "a future", name, site.line, _DONE)
        elif site.callee == "atexit.register" and handed.for_parameter("func", 0):
            yield Boundary("callback", "atexit", f"atexit {candidate.name}", site.line, _ATEXIT)
        elif site.callee == "signal.signal" and handed.for_parameter("handler", 1):
            yield Boundary("callback", "signal", f"signal {candidate.name}", site.line, _SIGNAL)
        elif site.callee == "weakref.finalize" and handed.position == 1:
            told = Ending("a traceback on stderr, and nobody is told", "lost")
            yield Boundary("callback", "weakref", f"finalizer {candidate.name}", site.line, told)
