"""When to give a definition up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one definition may cost before it is given up and told as not checked.

    Attributes:
        lines: lines of one outermost definition.
        seconds: time for parsing and walking it.
    """

    lines: int = 5000
    seconds: float = 2.0
