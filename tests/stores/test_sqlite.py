from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from reviewer.stores.sqlite import use_write_ahead_log


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
def release(file: Path) -> Iterator[Callable[[], object]]:
    """Somebody else holds the file, until told to let go of it."""
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("CREATE TABLE t (a)")
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO t VALUES (1)")
        yield lambda: other.execute("COMMIT")


def test_the_mode_of_a_file_that_somebody_writes_is_waited_for(file: Path, release: Callable[[], object]) -> None:
    timer = threading.Timer(0.3, release)
    timer.start()
    with closing(sqlite3.connect(file, timeout=0)) as connection:
        use_write_ahead_log(connection, 60)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    timer.join()


@pytest.mark.usefixtures("release")
def test_the_mode_is_not_waited_for_without_end(file: Path) -> None:
    with (
        closing(sqlite3.connect(file, timeout=0)) as connection,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        use_write_ahead_log(connection, 0.1)


def test_what_is_no_lock_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").mkdir()
    began = time.monotonic()
    with pytest.raises(sqlite3.OperationalError), closing(sqlite3.connect(tmp_path / "store.sqlite")) as connection:
        use_write_ahead_log(connection, 60)
    assert time.monotonic() - began < 30
