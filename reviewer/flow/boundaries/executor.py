"""Functions that a pool of threads or processes runs.

What they raise is kept in the future, `SystemExit` included, and raised where somebody asks for the result; a future
that is thrown away keeps it for good. `map` of an executor raises when its results are walked, the pools of
`multiprocessing` raise in `map` and `apply`, and in `get()` of their asynchronous results.

Source: https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Future.result,
https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.AsyncResult.get,
https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.run_in_executor
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.domain.boundary import Boundary, Ending
from reviewer.flow.boundaries.entry import Candidate, Example
from reviewer.flow.boundaries.site import Site

_THROUGH = {
    "asyncio.to_thread": 0,
    "starlette.concurrency.run_in_threadpool": 0,
    "anyio.to_thread.run_sync": 0,
    "trio.to_thread.run_sync": 0,
}
_POOL_NOW = frozenset({"map", "starmap", "apply", "imap", "imap_unordered"})
_POOL_LATER = frozenset({"apply_async", "map_async", "starmap_async"})
_LOST = Ending("kept in a future that is thrown away; nobody is told", "lost")
_KEPT = Ending("kept in the future until somebody asks for its result", "kept")

EXAMPLES = (
    Example(
        """
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor()

def load(path):
    read(path)

def start(path):
    pool.submit(load, path)
""",
        "load",
        "executor",
        "pooled load",
        {"OSError": ("kept in a future that is thrown away; nobody is told", "lost")},
    ),
    Example(
        """
class Loader:
    def start(self, paths):
        return [self.pool.submit(self._load, path) for path in paths]

    def _load(self, path):
        read(path)
""",
        "Loader._load",
        "executor",
        "pooled Loader._load",
        {"OSError": ("kept in the future until somebody asks for its result", "kept")},
    ),
    Example(
        """
import asyncio

def load(path):
    read(path)

async def start(path):
    await asyncio.to_thread(load, path)
""",
        "load",
        "executor",
        "pooled load",
        {"OSError": ("raised where it is awaited (line 8)", "passed")},
    ),
    Example(
        """
from concurrent.futures import ThreadPoolExecutor

def load(path):
    read(path)

def start(paths):
    with ThreadPoolExecutor() as pool:
        pool.map(load, paths)
""",
        "load",
        "executor",
        "pooled load",
        {"OSError": ("kept in results that nobody walks; nobody is told", "lost")},
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The pooled function that a function is."""
    for handed in candidate.handed:
        site = handed.site
        if handed.called:
            continue
        ending = None
        if (
            (site.method == "submit" and handed.for_parameter("fn", 0))
            or (site.method == "run_in_executor" and handed.for_parameter("func", 1))
            or (site.callee in _THROUGH and handed.position == _THROUGH[site.callee])
        ):
            ending = _later(site)
        elif handed.for_parameter("func", 0) and "ultiprocessing" in site.callee and site.method in _POOL_NOW:
            ending = Ending(f"raised where the pool is asked (line {site.line})", "passed")
        elif handed.for_parameter("func", 0) and site.method in _POOL_LATER:
            ending = _later(site)
        elif site.method == "map" and handed.position == 0 and "Executor" in site.callee:
            if site.use == "discarded":
                ending = Ending("kept in results that nobody walks; nobody is told", "lost")
            else:
                ending = Ending("raised where its results are walked", "passed")
        if ending is not None:
            yield Boundary("executor", "an executor", f"pooled {candidate.name}", site.line, ending)


def _later(site: Site) -> Ending:
    if site.use == "awaited":
        return Ending(f"raised where it is awaited (line {site.line})", "passed")
    return _LOST if site.use == "discarded" else _KEPT
