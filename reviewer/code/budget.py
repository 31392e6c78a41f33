"""The time that walking one definition, or asking the rules about it, may take."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from reviewer.errors import SourceError

_STRIDE = 256
"""Steps between two looks at the clock."""

T = TypeVar("T")


class Budget:
    """Counts steps and gives up when the time is over, so that no code, however made, holds a review up.

    Only the time of this thread's own work counts: a busy machine makes a review slow, and not incomplete.

    Args:
        seconds: how long the work may take from now on.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.thread_time() + seconds
        self._steps = 0

    def spend(self, steps: int = 1) -> None:
        """Take steps, one if nothing else is said.

        Raises:
            SourceError: the time is over.
        """
        self._steps += steps
        if self._steps >= _STRIDE:
            self._steps = 0
            self.look()

    def look(self) -> None:
        """Look at the clock.

        Raises:
            SourceError: the time is over.
        """
        if time.thread_time() > self._end:
            raise SourceError(f"took longer than {self._seconds:g} s and was given up; raise limits.unit-seconds")


class Watched(tuple[T, ...]):
    """Items that may be walked as long as there is time, so that a loop over all of them within another ends."""

    _budget: Budget

    @classmethod
    def of(cls, items: Iterable[T], budget: Budget) -> Watched[T]:
        """The items, under a budget that each new walk over them takes from."""
        watched = cls(items)
        watched._budget = budget
        return watched

    def __iter__(self) -> Iterator[T]:
        self._budget.spend(len(self) + 1)
        return super().__iter__()
