"""Who may give the reviewer orders: those who may write to the repository, as its forge says."""

from __future__ import annotations

import threading
import time

from reviewer.domain.posting import Destination
from reviewer.ports import CodeHosts

_KEPT = 60.0
"""Seconds for which a no is remembered. A yes is not: it may be taken back."""


class Writers:
    """Asks forges, and does not ask again at once for somebody who may not.

    Anybody may comment on a public repository, as often as he likes; what each comment costs, others cannot ask for.

    Args:
        hosts: the forges.
    """

    def __init__(self, hosts: CodeHosts) -> None:
        self._hosts = hosts
        self._refused: dict[tuple[str, str, str], float] = {}
        self._lock = threading.Lock()

    def may_write(self, place: Destination, login: str) -> bool:
        """Whether somebody may write to a repository; raises as `CodeHosts.may_write`."""
        key = (place.forge, place.repository, login)
        with self._lock:
            if time.monotonic() < self._refused.get(key, 0.0):
                return False
        if self._hosts.may_write(place, login):
            return True
        now = time.monotonic()
        with self._lock:
            self._refused = {known: until for known, until in self._refused.items() if now < until}
            self._refused[key] = now + _KEPT
        return False
