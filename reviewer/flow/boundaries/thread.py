"""Threads and processes.

What leaves a thread's function goes to `threading.excepthook`: a traceback on stderr, and the thread is gone. Its
SystemExit is dropped in silence. `join()` says nothing of it. A process ends with exit status 1, which only its
`exitcode` tells. A greenlet of gevent ends like a thread.

Source: https://www.gevent.org/api/gevent.greenlet.html, https://docs.python.org/3/library/threading.html#threading.excepthook,
https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.exitcode
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.domain.boundary import Boundary, Clause, Ending
from reviewer.flow.boundaries.entry import Candidate, Example

_THREADS = {
    "threading.Thread": ("target", 1),
    "threading.Timer": ("function", 1),
    "_thread.start_new_thread": ("function", 0),
}
_GREENLETS = {"spawn": 0, "spawn_later": 1}
_DIES = Ending("the thread ends; its traceback goes to stderr and nobody is told", "lost")
_QUIETLY = Ending("the thread ends without a word", "lost", intended=True)
_PROCESS = Ending("the process ends with a traceback on stderr; only its exitcode tells", "lost")
_GREENLET = Ending("the greenlet ends; its traceback goes to stderr and nobody is told", "lost")
_LAYERS = ((Clause(("SystemExit",), _QUIETLY),),)

EXAMPLES = (
    Example(
        """
import threading

class Refresher:
    def start(self):
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        load()
""",
        "Refresher._run",
        "thread",
        "thread Refresher._run",
        {
            "OSError": ("the thread ends; its traceback goes to stderr and nobody is told", "lost"),
            "SystemExit": ("the thread ends without a word", "lost"),
        },
    ),
    Example(
        """
from threading import Thread

class Worker(Thread):
    def run(self):
        work()
""",
        "Worker.run",
        "thread",
        "thread Worker",
    ),
    Example(
        """
import functools
import threading

def load(path):
    read(path)

threading.Timer(5, functools.partial(load, "x")).start()
""",
        "load",
        "thread",
        "thread load",
    ),
    Example(
        """
from gevent.pool import Group

class Users:
    def __init__(self):
        self.group = Group()

    def start(self):
        self.group.spawn(self.work)

    def work(self):
        load()
""",
        "Users.work",
        "thread",
        "greenlet Users.work",
        {"OSError": ("the greenlet ends; its traceback goes to stderr and nobody is told", "lost")},
    ),
    Example(
        """
from multiprocessing import Process

def work():
    load()

def start():
    Process(target=work).start()
""",
        "work",
        "process",
        "process work",
        {"OSError": ("the process ends with a traceback on stderr; only its exitcode tells", "lost")},
    ),
    Example(
        """
import threading

def load(path):
    return read(path)

def start():
    threading.Thread(target=print, args=(load("x"),)).start()
""",
        "load",
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The thread's or process's function that a function is."""
    if candidate.method == "run" and candidate.inherits("threading.Thread"):
        yield Boundary("thread", "threading", f"thread {candidate.owner}", candidate.line, _DIES, _LAYERS)
    if candidate.method == "run" and any(
        base.startswith("multiprocessing.") and base.endswith("Process") for base in candidate.bases
    ):
        yield Boundary("process", "multiprocessing", f"process {candidate.owner}", candidate.line, _PROCESS)
    for handed in candidate.handed:
        site = handed.site
        if handed.called:
            continue
        if site.callee in _THREADS and handed.for_parameter(*_THREADS[site.callee]):
            yield Boundary("thread", "threading", f"thread {candidate.name}", site.line, _DIES, _LAYERS)
        elif site.callee.startswith("gevent.") and handed.position == _GREENLETS.get(site.method, -1):
            yield Boundary("thread", "gevent", f"greenlet {candidate.name}", site.line, _GREENLET)
        elif site.method == "Process" and handed.for_parameter("target", 1):
            yield Boundary("process", "multiprocessing", f"process {candidate.name}", site.line, _PROCESS)
