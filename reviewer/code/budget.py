"""The time that walking one definition may take."""

from __future__ import annotations

import time

from reviewer.errors import SourceError

_STRIDE = 256
"""Steps between two looks at the clock."""


class Budget:
    """Counts steps and gives up when the time is over, so that no code, however made, holds a review up.

    Args:
        seconds: how long the walk may take from now on.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        self._steps = 0

    def spend(self) -> None:
        """Take one step.

        Raises:
            SourceError: the time is over.
        """
        self._steps += 1
        if self._steps % _STRIDE == 0 and time.monotonic() > self._end:
            raise SourceError(f"took longer than {self._seconds:g} s and was given up; raise limits.unit-seconds")
