"""How each SQLite file of this program is opened."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_BETWEEN_TRIES = 0.02
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


def use_write_ahead_log(connection: sqlite3.Connection, seconds: float) -> None:
    """Let readers read while somebody writes; the mode stays with the file.

    To change the mode takes the file for itself, and SQLite does not wait for it as it does for a statement's lock
    (https://sqlite.org/wal.html, "Sometimes Queries Return SQLITE_BUSY In WAL Mode"): of two processes that make a file
    at once, one would fail.

    Args:
        connection: to the file.
        seconds: how long to wait for others.

    Raises:
        sqlite3.OperationalError: others held the file for longer, or it cannot be written.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_BETWEEN_TRIES)
        else:
            return


def prepare(engine: Engine, seconds: int) -> None:
    """Have the connections of an engine wait for each other, and begin transactions as the program says.

    Args:
        engine: of a SQLite file.
        seconds: how long to wait for another writer.
    """
    from sqlalchemy import event  # noqa: PLC0415 (not for who has only a file of its own)

    def connected(connection: Any, _: object) -> None:
        # The driver's own transactions begin too late, and would let two writers read before either writes.
        connection.isolation_level = None
        use_write_ahead_log(connection, seconds)
        for pragma in ("synchronous = NORMAL", "foreign_keys = ON", f"busy_timeout = {seconds}000"):
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", _begin)


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("reviewer_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
