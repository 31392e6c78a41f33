"""Exception groups by their names, which tell what is inside: "ExceptionGroup[shop.errors.Damaged]".

What leaves a task group is such a group, and groups in groups count as one: a plain clause sees the group alone, and an
`except*` looks into all of them.

Source: https://peps.python.org/pep-0654/
"""

from __future__ import annotations

from collections.abc import Callable as Function

ORDINARY = "ExceptionGroup"
ANY = "BaseExceptionGroup"
SINGLE = frozenset({"SystemExit", "KeyboardInterrupt", "GeneratorExit", "asyncio.CancelledError", "trio.Cancelled"})
"""What ends the program or the task. It leaves a task group of asyncio by itself; groups of the other libraries may
hold it, and end by it all the same."""


def group_of(exception: str, *, ordinary: bool) -> str:
    """The group that an exception is put in.

    Args:
        exception: its name; a group stays the group that it is.
        ordinary: it is an `Exception`.
    """
    if exception in SINGLE or kind_of(exception) in (ORDINARY, ANY):
        return exception
    return f"{ORDINARY if ordinary else ANY}[{exception}]"


def kind_of(exception: str) -> str:
    """The class of an exception, without what is inside of a group."""
    return exception.partition("[")[0]


def part_of(exception: str) -> str | None:
    """What is inside a group; None for what is none, and for a group of which that is not known."""
    return exception.partition("[")[2][:-1] or None


def names_in(exception: str) -> tuple[str, ...]:
    """The qualified names that an exception's name is made of: the group's, then that of what is inside."""
    part = part_of(exception)
    return (exception,) if part is None else (kind_of(exception), part)


def renamed_within(exception: str, rename: Function[[str], str]) -> str:
    """The same exception or group by other names."""
    part = part_of(exception)
    return rename(exception) if part is None else f"{kind_of(exception)}[{rename(part)}]"
