"""How long a call may wait, as far as its arguments, its client and the blocks around it tell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from reviewer.domain.fact import Call, Context

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
