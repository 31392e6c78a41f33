"""The name of a process that works on jobs: the same after a restart, and never that of another that is alive.

A process takes the first free slot of its machine and holds its lock; the system lets go of it when the process dies,
however it does. Whoever starts next on the machine takes the slot, and with it, at once, the jobs that were begun under
its name. Where nobody starts again, the others notice that the name has fallen silent (`jobs.round`).
"""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path

from filelock import FileLock, Timeout

from reviewer.errors import UsageError

_MOST_SLOTS = 256


class ExecutorSlot:
    """A slot of this machine, held until `release`.

    Args:
        folder: of the service on this machine.

    Raises:
        UsageError: the folder cannot be written, or all slots are taken.
    """

    def __init__(self, folder: Path) -> None:
        place = folder / "executors"
        try:
            place.mkdir(parents=True, exist_ok=True)
            self._lock, number = _take(place)
        except OSError as error:
            raise UsageError(f"{place}: {error.strerror}; name another folder with --folder") from error
        machine = hashlib.sha256(f"{socket.gethostname()}\n{folder.resolve()}".encode()).hexdigest()[:8]
        self.id = f"{socket.gethostname()[:40]}-{machine}-{number}"

    def release(self) -> None:
        """Let go of the slot."""
        self._lock.release()


def _take(place: Path) -> tuple[FileLock, int]:
    for number in range(_MOST_SLOTS):
        lock = FileLock(place / f"{number}.lock", thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            continue
        return lock, number
    raise UsageError(f"{_MOST_SLOTS} processes work in {place} already; end some of them")
