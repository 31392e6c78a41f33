"""Coroutines that run as tasks of asyncio, anyio and trio.

What a task raises stays in it until it is awaited; a task that nobody keeps tells it in the log when it is collected
("Task exception was never retrieved"). `gather` and `wait_for` raise it where they are awaited, a task group cancels
the other tasks and raises it in an exception group. SystemExit and KeyboardInterrupt end the loop and the program.

Source: https://docs.python.org/3/library/asyncio-dev.html#detect-never-retrieved-exceptions,
https://docs.python.org/3/library/asyncio-task.html#task-groups,
https://docs.python.org/3/library/asyncio-task.html#asyncio.gather
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.domain.boundary import Boundary, Clause, Ending
from reviewer.flow.boundaries.entry import Candidate, Example
from reviewer.flow.boundaries.site import MODULE, Handover

_MAKES = frozenset({"create_task", "ensure_future", "run_coroutine_threadsafe"})
_WAITS = frozenset({"gather", "wait_for", "shield", "run", "run_until_complete"})
_LOST = Ending("kept in a task that nobody holds; the loop logs it some time and nobody is told", "lost")
_KEPT = Ending("kept in the task until somebody awaits it", "kept")
_IN_RESULTS = Ending("given back among the results, for whoever looks at their types", "kept")
_ENDS = Ending("the loop and the program end", "ends", intended=True)
_CANCELLED = Ending("the task is cancelled", "kept", intended=True)
_LAYERS = ((Clause(("SystemExit", "KeyboardInterrupt"), _ENDS), Clause(("asyncio.CancelledError",), _CANCELLED)),)

EXAMPLES = (
    Example(
        """
import asyncio

async def work():
    await load()

async def start():
    asyncio.create_task(work())
""",
        "work",
        "async-task",
        "task work",
        {
            "OSError": ("kept in a task that nobody holds; the loop logs it some time and nobody is told", "lost"),
            "SystemExit": ("the loop and the program end", "ends"),
        },
    ),
    Example(
        """
import asyncio

class Poller:
    async def start(self):
        self._task = asyncio.create_task(self._poll())

    async def _poll(self):
        await load()
""",
        "Poller._poll",
        "async-task",
        "task Poller._poll",
        {"OSError": ("kept in the task until somebody awaits it", "kept")},
    ),
    Example(
        """
import asyncio

async def work(item):
    await load(item)

async def start(items):
    async with asyncio.TaskGroup() as group:
        for item in items:
            group.create_task(work(item))
""",
        "work",
        "async-task",
        "task work",
        {
            "OSError": (
                "the other tasks of the group are cancelled and it is raised in an exception group",
                "passed",
            )
        },
    ),
    Example(
        """
async def work(item):
    await load(item)

class Runner:
    def start(self, item):
        self._task_group.create_task(work(item))
""",
        "work",
        "async-task",
        "task work",
        {
            "OSError": (
                "the other tasks of the group are cancelled and it is raised in an exception group",
                "passed",
            )
        },
    ),
    Example(
        """
import asyncio

async def work(item):
    await load(item)

async def start(items):
    await asyncio.gather(*(work(item) for item in items))

async def look(items):
    return await asyncio.gather(*[work(item) for item in items], return_exceptions=True)
""",
        "work",
        "async-task",
        "task work",
        {"OSError": ("raised where it is awaited (line 8)", "passed")},
    ),
    Example(
        """
import asyncio

async def work():
    await load()

async def start():
    await work()
""",
        "work",
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The task that a coroutine function is run as."""
    if not candidate.is_async:
        return
    for handed in candidate.handed:
        ending = _ending(handed)
        if ending is not None:
            yield Boundary("async-task", "asyncio", f"task {candidate.name}", handed.site.line, ending, _LAYERS)


def _ending(handed: Handover) -> Ending | None:
    site = handed.site
    if not handed.called:
        if site.method == "start_soon" and handed.position == 0:
            return _GROUP
        return None
    if site.method in _MAKES and handed.for_parameter("coro", 0):
        if _is_group(site.owner):
            return _GROUP
        if site.use == "awaited":
            return Ending(f"raised where it is awaited (line {site.line})", "passed")
        return _LOST if site.use == "discarded" else _KEPT
    if site.method in _WAITS and site.scope != MODULE and (site.method not in ("run",) or "asyncio" in site.callee):
        if site.arguments.constant("return_exceptions") == "True":
            return _IN_RESULTS
        if site.method in ("run", "run_until_complete"):
            return Ending(f"raised where the loop is run (line {site.line})", "passed")
        return Ending(f"raised where it is awaited (line {site.line})", "passed") if site.use == "awaited" else _KEPT
    return None


def _is_group(owner: str) -> bool:
    """Whether a task is started in a task group, by the receiver's type, or by its name where its type is not known."""
    words = re.findall(r"[A-Z]*[a-z]+", owner.rpartition(".")[2])
    return any(word.lower() in ("tg", "group", "taskgroup", "nursery") for word in words)


_GROUP = Ending("the other tasks of the group are cancelled and it is raised in an exception group", "passed")
