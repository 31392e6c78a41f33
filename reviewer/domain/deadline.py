"""When the answer of a review is of no use any more, because somebody waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

AGAINST_THE_CLOCK = "reviewer-against-the-clock"
"""Name of the thread that works while another one watches the deadline. What still runs when the deadline is over is of
no use; whoever ends the process does not wait for it."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment after which nobody waits.

    Attributes:
        seconds: how long there was from the beginning.
        until: the moment, as the clock counts.
        clock: seconds that only grow.
    """

    seconds: float
    until: float
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(cls, seconds: float, began: float) -> Deadline:
        """So many seconds after a moment of the monotonic clock."""
        return cls(seconds, began + seconds)

    @property
    def left(self) -> float:
        """Seconds that are left; never less than 0."""
        return max(0.0, self.until - self.clock())

    @property
    def reason(self) -> str:
        """Why something was not done, for a list of what was not checked."""
        return f"not reviewed in {self.seconds:g} s"
