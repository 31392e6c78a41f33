"""Who may do something alone for a while, on whatever machine: a lease that runs out where its holder died."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, insert, select

from reviewer.errors import BusyError
from reviewer.stores.database.engine import writing
from reviewer.stores.database.idempotency import take_turn
from reviewer.stores.database.tables import lease

_MOMENT = 0.25
"""Seconds between two looks at whether it is free."""


class Leases:
    """The leases of the service.

    Args:
        engine: of the database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def hold(self, name: str, most: timedelta, executor: str | None = None) -> Iterator[None]:
        """Do something alone, once nobody else does it.

        Args:
            name: what is done.
            most: after so long somebody else may, whether it is done or not: its holder may have died.
            executor: the process that does it, where it has a name.

        Raises:
            BusyError: others did it for twice as long.
            StoreError: the database failed.
        """
        holder = uuid.uuid4().hex
        patience = time.monotonic() + 2 * most.total_seconds()
        while not self._take(name, holder, most, executor):
            if time.monotonic() > patience:
                raise BusyError("others are at it; it is tried again")
            time.sleep(_MOMENT)
        try:
            yield
        finally:
            with writing(self._engine) as connection:
                connection.execute(delete(lease).where(lease.c.name == name, lease.c.holder == holder))

    def release(self, executor: str) -> None:
        """Let go of all that a process had, which is dead."""
        with writing(self._engine) as connection:
            connection.execute(delete(lease).where(lease.c.executor == executor))

    def _take(self, name: str, holder: str, most: timedelta, executor: str | None) -> bool:
        now = datetime.now(UTC)
        with writing(self._engine) as connection:
            take_turn(connection, f"lease\n{name}")
            connection.execute(delete(lease).where(lease.c.until < now))
            if connection.execute(select(lease.c.name).where(lease.c.name == name)).one_or_none() is not None:
                return False
            connection.execute(insert(lease).values(name=name, holder=holder, executor=executor, until=now + most))
        return True
