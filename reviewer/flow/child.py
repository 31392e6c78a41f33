"""Tasks that a function starts in a task group of its own, and where what they raise comes out.

An exception of such a task is seen at the end of the group's block and nowhere before: a `try` in the block around the
call that starts the task does not meet it. Only `await group.start(…)` raises at once what happens before the task says
that it has started, so there the tries in the block count.

Source: https://docs.python.org/3/library/asyncio-task.html#task-groups,
https://anyio.readthedocs.io/en/stable/tasks.html#handling-multiple-errors-in-a-task-group,
https://trio.readthedocs.io/en/stable/reference-core.html#errors-in-multiple-child-tasks
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reviewer.domain.fact import Call, Context, Fact, Place, Value

_BOUND = "functools.partial"


@dataclass(frozen=True, slots=True)
class Child:
    """A task in a task group.

    Attributes:
        start: the call that starts it.
        function: canonical name of the coroutine function.
        made_at: where its coroutine is made; None where the group makes it from the function.
        context: where what it raises comes out.
    """

    start: Call
    function: str
    made_at: Place | None
    context: Context


def children(facts: Sequence[Fact]) -> Iterator[Child]:
    """The tasks that a function, or a part of it, starts in its task groups, as far as their functions are known."""
    calls: dict[Place, Call] | None = None
    for fact in facts:
        if not isinstance(fact, Call) or fact.known is None or fact.known.child is None:
            continue
        context = _outlet(fact)
        given = fact.argument(fact.known.child, 0)
        if context is None or given is None:
            continue
        takes_function = fact.known.child in fact.known.callback
        if takes_function and given.made_by == _BOUND and given.made_at is not None:
            calls = calls or {(one.span.line, one.span.column): one for one in facts if isinstance(one, Call)}
            given = _first_argument(calls.get(given.made_at)) or given
        function = given.symbol if takes_function else given.made_by
        if function is not None:
            yield Child(fact, function, None if takes_function else given.made_at, context)


def _outlet(start: Call) -> Context | None:
    """Where the exceptions of a started task come out; None where its group belongs to somebody else."""
    if start.awaited:
        return start.context
    group = start.context.group_over(start.receiver) if start.receiver is not None else None
    return start.context.at_end_of(group) if group is not None else None


def _first_argument(call: Call | None) -> Value | None:
    return call.arguments[0].value if call is not None and call.arguments else None
