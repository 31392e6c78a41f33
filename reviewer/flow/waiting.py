"""How long a call may wait, as far as its arguments, its client and the blocks around it tell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from reviewer.domain.fact import Call, Context, Unit, Value

_BOUNDING = frozenset(
    {
        "asyncio.timeout",
        "asyncio.timeout_at",
        "anyio.fail_after",
        "anyio.move_on_after",
        "async_timeout.timeout",
        "trio.fail_after",
        "trio.move_on_after",
    }
)
"""Context managers that bound everything awaited inside them."""


@dataclass(frozen=True, slots=True)
class Wait:
    """The limit of one call.

    Attributes:
        source: who sets it: the code, the library's default, nobody, or it cannot be told.
        seconds: the limit where it is a known number.
    """

    source: Literal["explicit", "library-default", "none", "unknown"]
    seconds: float | None = None


def wait_of(call: Call) -> Wait:
    """The time limit of an external call."""
    timeout = call.known.timeout if call.known is not None else None
    bounded = is_bounded(call.context)
    if timeout is None:
        return Wait("explicit") if bounded else Wait("unknown")
    given = call.argument(timeout.parameter, timeout.position) if timeout.parameter else None
    if given is not None:
        if given.literal == "None":
            return Wait("explicit") if bounded else Wait("none")
        return Wait("explicit", seconds_of(given.literal, timeout.unit))
    if call.open_ended:
        return Wait("unknown")
    if timeout.constructor and call.receiver is not None:
        settings = call.receiver.settings
        written = next((value for name, value in settings or () if name == timeout.constructor), None)
        if written is not None:
            return (
                Wait("none")
                if written == "None" and not bounded
                else Wait("explicit", seconds_of(written, timeout.unit))
            )
        if settings is None and timeout.default == "none":
            return Wait("unknown")  # made elsewhere: what it was given cannot be told
    if bounded:
        return Wait("explicit")
    if timeout.default == "none":
        return Wait("none")
    if timeout.default == "unknown":
        return Wait("unknown")
    return Wait("library-default", timeout.default)


def wait_in(unit: Unit, call: Call) -> Wait:
    """The time limit of an external call of a unit, with what a method has set before it (`socket.settimeout`)."""
    wait = wait_of(call)
    setter, held_by = setter_of(call)
    if wait.source != "none" or setter is None:
        return wait
    if held_by is None or held_by.made_by != "socket.socket" or held_by.parameter is not None:
        return Wait("unknown")  # whoever made it may have set its limit
    told = [
        fact.arguments[0].value.literal
        for fact in unit.facts
        if isinstance(fact, Call)
        and fact.text == f"{held_by.text}.{setter}"
        and fact.arguments
        and (fact.span.line, fact.span.column) < (call.span.line, call.span.column)
    ]
    if not told or told[-1] == "None":
        return wait
    return Wait("explicit", seconds_of(told[-1]))


def setter_of(call: Call) -> tuple[str | None, Value | None]:
    """The method that sets the limit of a call, and whose it is: the receiver's, or that of the socket it wraps."""
    if call.known is None or call.known.timeout is None:
        return None, None
    if call.known.name.endswith(".wrap_socket"):
        return "settimeout", call.arguments[0].value if call.arguments else None
    return call.known.timeout.setter, call.receiver


def is_bounded(context: Context) -> bool:
    """Whether a block around bounds the time of what is awaited in it."""
    return any(block.symbol in _BOUNDING for block in context.blocks)


def seconds_of(written: str | None, unit: float = 1.0) -> float | None:
    """The number of seconds that a literal says; None for anything that is no plain finite number."""
    try:
        seconds = float(written) * unit if written is not None else math.inf
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None
