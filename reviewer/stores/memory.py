"""Remembers what reviews have worked out, in one SQLite file that several processes may use at once.

Everything in it can be worked out again, so that whatever is wrong with the file costs time and nothing else: a busy
file is passed over, a damaged one is made anew with one complaint.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from reviewer.stores.sqlite import use_write_ahead_log

_MOST_BYTES = 128 * 1024 * 1024
"""A larger file is made anew; it holds what no state of the code has any more."""
_PATIENCE = 1.0
"""Seconds to wait for another process that writes."""
_FILES_KEPT = 3
"""Files of other versions of the reviewer that are left where they are."""


class FileMemory:
    """A memory in a file. Not for several threads at once; after a fork, each process opens its own.

    Args:
        folder: where the file is, made at need and for this user alone.
        version: of all that turns a key into a value; another version has another file.
    """

    def __init__(self, folder: Path, version: str) -> None:
        self._path = folder / f"memory-{version}.sqlite"
        self._waiting: dict[tuple[str, str], bytes] = {}
        self._connection: sqlite3.Connection | None = None
        self._opened: int | None = None
        self._usable = True
        self.complaint: str | None = None

    def recall(self, kind: str, key: str) -> bytes | None:
        """What was remembered; None where nothing was, or it was forgotten or damaged."""
        waiting = self._waiting.get((kind, key))
        if waiting is not None:
            return waiting
        try:
            connection = self._connect()
            if connection is None:
                return None
            row = connection.execute("SELECT value FROM memory WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        except sqlite3.Error as error:
            self._give_up(error)
            return None
        return row[0] if row is not None and isinstance(row[0], bytes) else None

    def remember(self, kind: str, key: str, value: bytes) -> None:
        """Keep a value until `flush` writes it down."""
        self._waiting[kind, key] = value

    def flush(self) -> None:
        """Write down what is not written yet."""
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        rows = [(kind, key, value) for (kind, key), value in waiting.items()]
        try:
            connection = self._connect()
            if connection is not None:
                with connection:
                    connection.executemany("INSERT OR REPLACE INTO memory VALUES (?, ?, ?)", rows)
        except sqlite3.Error as error:
            self._give_up(error)

    def close(self) -> None:
        """Write down what is not written yet, and let go of the file."""
        self.flush()
        self._disconnect()

    def _connect(self) -> sqlite3.Connection | None:
        if self._connection is None and self._usable:
            try:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                if not self._path.exists():
                    _forget_others(self._path)
                elif self._path.stat().st_size > _MOST_BYTES:
                    _delete(self._path)
                self._connection = connection = sqlite3.connect(self._path, timeout=_PATIENCE)
                use_write_ahead_log(connection, _PATIENCE)
                # What a loss of power takes is worked out again.
                connection.execute("PRAGMA synchronous = OFF")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS memory (kind TEXT, key TEXT, value BLOB, PRIMARY KEY (kind, key))"
                )
                self._opened = self._path.stat().st_ino
            except OSError:  # no home, a full or read-only disk: nothing is remembered
                self._usable = False
                self._disconnect()
        return self._connection

    def _give_up(self, error: sqlite3.Error) -> None:
        """Go on without the file where it cannot be used now; make it anew where it is damaged."""
        damaged = not isinstance(error, sqlite3.OperationalError)
        self._disconnect()
        if not damaged or self.complaint is not None:
            self._usable = False
            return
        self.complaint = f"{self._path} was damaged and is made anew; what it remembered is worked out again"
        with contextlib.suppress(OSError):
            # Another process may have made it anew already.
            if self._opened is None or self._path.stat().st_ino == self._opened:
                _delete(self._path)

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


def _delete(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
        path.with_name(name).unlink(missing_ok=True)


def _forget_others(path: Path) -> None:
    """Delete the files of versions that have not been used for the longest time."""
    used: list[tuple[float, Path]] = []
    for entry in os.scandir(path.parent):
        if entry.name.startswith("memory-") and entry.name.endswith(".sqlite"):
            with contextlib.suppress(FileNotFoundError):  # another process forgets it too
                used.append((entry.stat().st_mtime, Path(entry.path)))
    for _, other in sorted(used)[:-_FILES_KEPT]:
        _delete(other)
