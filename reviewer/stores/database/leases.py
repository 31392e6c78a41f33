"""Who may do something alone for a while, on whatever machine: a lease that runs out where its holder died."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import Engine, and_, delete, insert, select, update

from reviewer.errors import BusyError
from reviewer.stores.database.engine import moment, writing
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
    def hold(
        self,
        name: str,
        most: timedelta,
        executor: str | None = None,
        *,
        work: str | None = None,
        patience: timedelta | None = None,
    ) -> Iterator[None]:
        """Do something alone, once nobody else does it.

        Args:
            name: what is done.
            most: after so long somebody else may, whether it is done or not: its holder may have died.
            executor: the process that does it, where it has a name.
            work: what it is done for. The same process goes on with it for the same work, should the database have been
                away when it let go; None for nothing of the sort.
            patience: how long to wait for others; None for twice `most`.

        Raises:
            BusyError: others did it for longer.
            StoreError: the database failed.
        """
        holder = uuid.uuid4().hex if work is None else hashlib.sha256(f"{executor}\n{work}".encode()).hexdigest()[:32]
        deadline = time.monotonic() + (2 * most if patience is None else patience).total_seconds()
        while not self._take(name, holder, most, executor):
            if time.monotonic() > deadline:
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
        with writing(self._engine) as connection:
            take_turn(connection, f"lease\n{name}")
            now = moment(connection)
            connection.execute(delete(lease).where(lease.c.until < now))
            mine = and_(lease.c.name == name, lease.c.holder == holder)
            if connection.execute(update(lease).where(mine).values(until=now + most).returning(lease.c.name)).first():
                return True
            if connection.execute(select(lease.c.name).where(lease.c.name == name)).one_or_none() is not None:
                return False
            connection.execute(insert(lease).values(name=name, holder=holder, executor=executor, until=now + most))
        return True
