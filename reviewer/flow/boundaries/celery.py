"""Tasks of Celery.

A task that raises is marked FAILURE and acknowledged; nothing does it again by itself. `autoretry_for` does, three
times unless `max_retries` says another number (None: for ever), then the exception itself is the task's failure;
`dont_autoretry_for` excepts classes from it. `throws` names expected exceptions: logged as information, failed all the
same. Retry, Ignore and Reject are signals to the worker.

Source: https://docs.celeryq.dev/en/stable/userguide/tasks.html#automatic-retry-for-known-exceptions,
https://docs.celeryq.dev/en/stable/userguide/tasks.html#Task.throws; celery/app/autoretry.py
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from reviewer.domain.boundary import Boundary, Clause, Ending
from reviewer.flow.boundaries.entry import Candidate, Example
from reviewer.flow.boundaries.site import Decorator

_DECORATORS = frozenset(
    {"celery.shared_task", "celery.Celery.task", "celery.app.shared_task", "celery.task.task", "celery.decorators.task"}
)
_TASK_BASES = ("celery.app.task.Task", "celery.Task", "celery.task.Task")
_OPTIONS = ("autoretry_for", "acks_late", "default_retry_delay", "soft_time_limit", "retry_backoff", "ignore_result")
_DEFAULT_RETRIES = 3

_FAILED = Ending("the task is marked failed; nothing retries it", "failed")
_EXPECTED = Ending("the task is marked failed and logged as expected; nothing retries it", "failed", intended=True)
_SIGNALS = (
    Clause(("celery.exceptions.Retry",), Ending("the task is done again later", "retried", intended=True)),
    Clause(
        ("celery.exceptions.Ignore", "celery.exceptions.Reject"),
        Ending("the worker takes it as a signal: the task is neither failed nor done", "failed", intended=True),
    ),
)

EXAMPLES = (
    Example(
        """
from celery import shared_task

@shared_task(autoretry_for=(OSError,), dont_autoretry_for=(FileNotFoundError,), throws=(KeyError,), max_retries=5)
def sync(order):
    send(order)
""",
        "sync",
        "task",
        "task sync",
        {
            "ConnectionError": ("retried 5 times by autoretry_for, then marked failed", "retried"),
            "FileNotFoundError": ("the task is marked failed; nothing retries it", "failed"),
            "KeyError": ("the task is marked failed and logged as expected; nothing retries it", "failed"),
            "ValueError": ("the task is marked failed; nothing retries it", "failed"),
            "celery.exceptions.Retry": ("the task is done again later", "retried"),
        },
    ),
    Example(
        """
from celery import Celery

app = Celery("shop")

@app.task(name="orders.sync", autoretry_for=(Exception,), retry_kwargs={"max_retries": None})
def sync(order):
    send(order)
""",
        "sync",
        "task",
        "task orders.sync",
        {"ValueError": ("retried for ever by autoretry_for", "retried")},
    ),
    Example(
        """
from shop.celery import app

@app.task
def sync(order):
    send(order)
""",
        "sync",
        "task",
        "task sync",
        {"OSError": ("the task is marked failed; nothing retries it", "failed")},
    ),
    Example(
        """
from celery import Task

class Sync(Task):
    autoretry_for = (OSError,)

    def run(self, order):
        send(order)
""",
        "Sync.run",
        "task",
        "task Sync",
        {"OSError": ("retried 3 times by autoretry_for, then marked failed", "retried")},
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The Celery task that a function is."""
    for decorator in candidate.decorators:
        if _is_task(decorator, candidate):
            name = f"task {decorator.arguments.text('name') or candidate.method}"
            options = (
                {k.arg: k.value for k in decorator.arguments.call.keywords if k.arg}
                if decorator.called and (decorator.arguments.call is not None)
                else {}
            )
            yield Boundary("task", "Celery", name, decorator.line, _FAILED, _layers(candidate, options))
            return
    if candidate.method == "run" and candidate.inherits(*_TASK_BASES):
        attributes = candidate.file.outline.attributes.get(candidate.owner, {})
        options = {name: places[-1].value for name, places in attributes.items() if places[-1].value is not None}
        layers = _layers(candidate, options)
        yield Boundary("task", "Celery", f"task {candidate.owner}", candidate.line, _FAILED, layers)


def _is_task(decorator: Decorator, candidate: Candidate) -> bool:
    if decorator.symbol in _DECORATORS:
        return True
    if decorator.method not in ("task", "shared_task") or "." not in decorator.written:
        return False
    if "celery" in decorator.symbol.lower() or candidate.file.imports("celery"):
        return True
    return any(decorator.arguments.names(option) for option in _OPTIONS)


def _layers(candidate: Candidate, options: dict[str, ast.expr]) -> tuple[tuple[Clause, ...], ...]:
    file = candidate.file
    layers: list[tuple[Clause, ...]] = [_SIGNALS]
    excepted = file.types(options.get("dont_autoretry_for"))
    retried = file.types(options.get("autoretry_for"))
    throws = file.types(options.get("throws"))
    expected = (Clause(throws, _EXPECTED),) if throws else ()
    if retried:
        if excepted:
            layers.append((*expected, Clause(excepted, _FAILED)))
        layers.append((Clause(retried, _retried(options)),))
    layers.append(expected)
    return tuple(layers)


def _retried(options: dict[str, ast.expr]) -> Ending:
    given = _in_kwargs(options.get("retry_kwargs")) or options.get("max_retries")
    if given is None:
        count = str(_DEFAULT_RETRIES)
    elif isinstance(given, ast.Constant) and given.value is None:
        return Ending("retried for ever by autoretry_for", "retried", intended=True)
    else:
        count = str(given.value) if isinstance(given, ast.Constant) else ast.unparse(given)
    if count == "0":
        return _FAILED
    times = "once" if count == "1" else f"{count} times"
    return Ending(f"retried {times} by autoretry_for, then marked failed", "retried", intended=True)


def _in_kwargs(node: ast.expr | None) -> ast.expr | None:
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "max_retries":
                return value
    return None
