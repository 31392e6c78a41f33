"""What a call may raise, by itself or by what it runs, and which of that nobody in the unit handles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.domain.fact import Call, Context, Handler, Try
from reviewer.flow.child import Child
from reviewer.flow.failure import call_failures, is_signal
from reviewer.flow.group import part_of
from reviewer.flow.hierarchy import Hierarchy

if TYPE_CHECKING:
    from reviewer.flow.leaving import Leaving, Step
    from reviewer.flow.summary import Summaries

_RARE = frozenset(
    {"PermissionError", "IsADirectoryError", "NotADirectoryError", "FileExistsError", "UnicodeDecodeError"}
)
"""What a program that handles the usual failures seldom meets: files of another owner, sort or encoding."""
_BY_LIBRARY = frozenset({"RuntimeError", "UnicodeError", "ModuleNotFoundError", "asyncio.LimitOverrunError"})
"""What a library raises beside its usual failure: no home folder, an unfit host name, too long a line."""


@dataclass(frozen=True, slots=True)
class Risk:
    """An exception that a call may raise.

    Attributes:
        call: the call.
        exception: canonical name.
        when: when, in words; "" where a function of the file raises it.
        outside: what it has become where it leaves the unit: the group that it is put in by a task group around.
        steps: the way inside the called function of the file; empty where the called thing itself documents it.
        from_input: because of data, not of something outside.
        raised: by a `raise` of the file.
    """

    call: Call
    exception: str
    when: str
    outside: str
    steps: tuple[Step, ...] = ()
    from_input: bool = False
    raised: bool = False

    @property
    def rare(self) -> bool:
        """Whether a program that handles the usual failures seldom meets this one."""
        exception = part_of(self.exception) or self.exception
        return exception in _RARE or (exception in _BY_LIBRARY and not self.raised)


def risks(call: Call, flow: Summaries) -> Iterator[Risk]:
    """The exceptions that a call may raise in operation, handlers around it not counted."""
    for failure in call_failures(call):
        if not failure.doubtful:
            outside = flow.hierarchy.arriving(call.context, failure.exception)
            yield Risk(call, failure.exception, failure.when, outside, (), failure.from_input)
    yield from _followed(call, call.context, flow.in_operation(call), flow)


def task_risks(child: Child, flow: Summaries) -> Iterator[Risk]:
    """The exceptions of a task in a task group, as they are before the group holds them; handlers not counted."""
    found = flow.through_task(child.function)
    operation = [one for one in found if not one.doubtful and not is_signal(one.exception, flow.hierarchy)]
    yield from _followed(child.start, child.context, operation, flow)


def _followed(call: Call, context: Context, found: Iterable[Leaving], flow: Summaries) -> Iterator[Risk]:
    for leaving in found:
        outside = flow.hierarchy.arriving(context, leaving.exception)
        yield Risk(call, leaving.exception, leaving.when, outside, leaving.steps, leaving.from_input, leaving.raised)


def open_risks(call: Call, flow: Summaries) -> tuple[Risk, ...]:
    """Those of the call's exceptions that no handler of the unit ends, and no decorator of it."""
    return tuple(
        risk
        for risk in risks(call, flow)
        if flow.hierarchy.catcher(call.context, risk.exception) is None
        and not flow.is_met_by_decorator(call.context.function, risk.outside)
    )


def open_task_risks(child: Child, flow: Summaries) -> tuple[Risk, ...]:
    """Those of a task's exceptions that no handler of the unit ends, as they are before the group holds them."""
    return tuple(
        risk for risk in task_risks(child, flow) if flow.hierarchy.catcher(child.context, risk.exception) is None
    )


def covering(attempt: Try, risk: Risk, hierarchy: Hierarchy) -> Handler | None:
    """The clause of a `try` that catches the exception, or at least some kinds of it.

    A class of another file may inherit from any class that is not built in.
    """
    for handler in attempt.handlers:
        if hierarchy.may_cover(handler, risk.exception):
            return handler
        if not hierarchy.known(risk.exception) and not all(hierarchy.known(kind) for kind in handler.types):
            return handler
    return None


def names_outside(found: Iterable[Risk]) -> tuple[str, ...]:
    """What leaves the unit of the exceptions, without repetition, in order."""
    return tuple(dict.fromkeys(risk.outside for risk in found))


def names(found: Iterable[Risk]) -> tuple[str, ...]:
    """The exceptions without repetition, in order."""
    return tuple(dict.fromkeys(risk.exception for risk in found))
