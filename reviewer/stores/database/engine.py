"""Opens the database of the service.

The store is synchronous on purpose. Three sorts of threads use one and the same store: the web framework's (through its
thread pool), the steps of the jobs, and the heartbeat. An asynchronous engine belongs to one event loop, so each of
them would want its own; and with SQLite each awaited call is a hop to a thread anyway, three or four for every
statement, where a request handled in a thread takes one for all: a query took 0.2 to 0.5 ms of processor time this way
and 0.5 ms through aiosqlite. One driver, psycopg, serves this store, the jobs and the catalog.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, func, make_url, select
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from reviewer.domain.distribution import install_extra
from reviewer.errors import StoreError, UsageError
from reviewer.stores.sqlite import prepare

PATIENCE = 30
"""Seconds to wait for another writer."""
_LIVELY = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3", "tcp_user_timeout": "30000"}
"""How libpq finds out in a minute, and not in two hours, that the other machine is gone without a word.

Each thread that asks would wait as long, and a worker that waits gives no sign of life. A URL may say something else.
"""
_DRIVERS = ("sqlite", "postgresql+psycopg", "postgresql")


def read_url(url: str) -> URL:
    """A store's URL, with the driver that is used.

    Raises:
        UsageError: it names no store that there is.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UsageError("--store: the URL cannot be understood; write sqlite:///FILE") from error
    if parsed.drivername not in _DRIVERS:
        shown = parsed.render_as_string(hide_password=True)
        raise UsageError(f"--store {shown}: write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME")
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise UsageError("--store: a database in memory would lose what was accepted; write sqlite:///FILE")
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed


def jobs_url(store: URL) -> str:
    """Where the jobs of a store are kept.

    It is a file beside the service's own with SQLite, since a file has one writer at a time; with PostgreSQL the same
    database, where they have a schema of their own.
    """
    if store.get_backend_name() == "sqlite":
        file = Path(store.database or "")
        store = store.set(database=str(file.with_name(f"{file.stem}-jobs{file.suffix}")))
    else:
        store = store.update_query_dict(_lively(store))
    return store.render_as_string(hide_password=False)


def open_engine(url: URL, *, connections: int = 10) -> Engine:
    """An engine for a store.

    Args:
        url: as `read_url` gives it.
        connections: most connections at once.

    Raises:
        StoreError: its driver is not installed, or the folder of the file cannot be made.
    """
    try:
        if url.get_backend_name() == "sqlite":
            Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(url, pool_size=connections, max_overflow=10, connect_args={"timeout": PATIENCE})
            prepare(engine, PATIENCE)
            return engine
        limits = {"connect_timeout": 10, **_lively(url)}
        return create_engine(url, pool_size=connections, max_overflow=10, pool_pre_ping=True, connect_args=limits)
    except (ImportError, NoSuchModuleError) as error:
        raise StoreError(f"its driver is not installed; install it with: {install_extra('service')}") from error
    except OSError as error:
        raise StoreError(f"{url.database}: {error.strerror}; name another file with --store") from error


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection for reading.

    Raises:
        StoreError: the database failed.
    """
    with told(), engine.connect() as connection:
        yield connection


@contextlib.contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction for writing; it is undone where the block is left by an error.

    Raises:
        StoreError: the database failed.
    """
    with told(), engine.connect().execution_options(reviewer_writes=True) as connection, connection.begin():
        yield connection


def moment(connection: Connection) -> datetime:
    """Now, by the clock of the database: those of several machines need not agree."""
    if connection.dialect.name == "sqlite":  # a file of this machine
        return datetime.now(UTC)
    now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return now.astimezone(UTC)


def put(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; where there is one of the same primary key, it becomes the new one."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert  # noqa: PLC0415 (one of the two)
    else:
        from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment]  # noqa: PLC0415
    keys = [column.name for column in table.primary_key]
    statement = insert(table)
    news = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=news), [dict(row) for row in rows])


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Failures of the database as an error that a person can read.

    Raises:
        StoreError: the driver's words alone: the statement and its values are nobody's business outside.
    """
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__).strip().split("\n")[0]
        raise StoreError(f"the database failed: {reason}; check that it is up and has room, then repeat") from error


def _lively(url: URL) -> dict[str, str]:
    return {name: value for name, value in _LIVELY.items() if name not in url.query}
