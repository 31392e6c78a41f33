"""What a call may raise, by itself or by what it runs, and which of that nobody in the unit handles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewer.domain.fact import Call, Handler, Try
from reviewer.flow.failure import call_failures
from reviewer.flow.hierarchy import Hierarchy
from reviewer.flow.summary import Step, Summaries

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
        steps: the way inside the called function of the file; empty where the called thing itself documents it.
        from_input: because of data, not of something outside.
        raised: by a `raise` of the file.
    """

    call: Call
    exception: str
    when: str
    steps: tuple[Step, ...] = ()
    from_input: bool = False
    raised: bool = False

    @property
    def rare(self) -> bool:
        """Whether a program that handles the usual failures seldom meets this one."""
        return self.exception in _RARE or (self.exception in _BY_LIBRARY and not self.raised)


def risks(call: Call, flow: Summaries) -> Iterator[Risk]:
    """The exceptions that a call may raise in operation, handlers around it not counted."""
    for failure in call_failures(call):
        if not failure.doubtful:
            yield Risk(call, failure.exception, failure.when, (), failure.from_input)
    for leaving in flow.in_operation(call):
        yield Risk(call, leaving.exception, leaving.when, leaving.steps, leaving.from_input, leaving.raised)


def open_risks(call: Call, flow: Summaries) -> tuple[Risk, ...]:
    """Those of the call's exceptions that no handler of the unit ends."""
    return tuple(risk for risk in risks(call, flow) if flow.hierarchy.catcher(call.context, risk.exception) is None)


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


def names(found: Iterable[Risk]) -> tuple[str, ...]:
    """The exceptions without repetition, in order."""
    return tuple(dict.fromkeys(risk.exception for risk in found))
