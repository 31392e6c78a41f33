"""Jobs of RQ.

A job that raises goes to the registry of failed jobs; nothing does it again unless it was enqueued with
`retry=Retry(max=…)`.

Source: https://python-rq.org/docs/exceptions/#retrying-failed-jobs; rq/worker handle_job_failure
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from reviewer.domain.boundary import Boundary, Ending
from reviewer.flow.boundaries.entry import Candidate, Example
from reviewer.flow.boundaries.site import Arguments

_FAILED = Ending("the job is put among the failed jobs; nothing retries it", "failed")
_ENQUEUES = frozenset({"enqueue", "enqueue_call", "enqueue_at", "enqueue_in"})

EXAMPLES = (
    Example(
        """
from redis import Redis
from rq import Queue, Retry

queue = Queue(connection=Redis())

def send(order):
    deliver(order)

def place(order):
    queue.enqueue(send, order, retry=Retry(max=3))
""",
        "send",
        "task",
        "job send",
        {"OSError": ("retried 3 times by RQ, then put among the failed jobs", "retried")},
    ),
    Example(
        """
from rq.decorators import job

@job("low")
def send(order):
    deliver(order)
""",
        "send",
        "task",
        "job send",
        {"OSError": ("the job is put among the failed jobs; nothing retries it", "failed")},
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The RQ job that a function is."""
    file = candidate.file
    if not file.imports("rq", "django_rq"):
        return
    name = f"job {candidate.method}"
    for decorator in candidate.decorators:
        if decorator.symbol in ("rq.decorators.job", "rq.job", "django_rq.job"):
            yield Boundary("task", "RQ", name, decorator.line, _ending(decorator.arguments))
    for handed in candidate.handed:
        position = 1 if handed.site.method in ("enqueue_at", "enqueue_in") else 0
        parameter = "func" if handed.site.method == "enqueue_call" else "f"
        if handed.site.method in _ENQUEUES and not handed.called and handed.for_parameter(parameter, position):
            yield Boundary("task", "RQ", name, handed.site.line, _ending(handed.site.arguments))


def _ending(arguments: Arguments) -> Ending:
    node = arguments.get("retry")
    if node is None or (isinstance(node, ast.Constant) and node.value is None):
        return _FAILED
    count = Arguments(node).number("max", 0) if isinstance(node, ast.Call) else None
    times = "again" if count is None else "once" if count == 1 else f"{count} times"
    return Ending(f"retried {times} by RQ, then put among the failed jobs", "retried", intended=True)
