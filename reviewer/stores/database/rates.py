"""How often each API key asks, counted by all processes of the service together."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import BindParameter, Engine, bindparam, case, select
from sqlalchemy.dialects.postgresql import insert

from reviewer.domain.access import Level
from reviewer.stores.database.engine import told
from reviewer.stores.database.tables import request_rate

_NOW: BindParameter[float] = bindparam("now")
_COST: BindParameter[float] = bindparam("cost")
_LIMIT: BindParameter[float] = bindparam("limit")
_FULL_AT = request_rate.c.full_at
_AFTER = case((_FULL_AT > _NOW, _FULL_AT), else_=_NOW) + _COST
_TAKE = (
    insert(request_rate)
    .values(key=bindparam("key"), full_at=_NOW + _COST)
    .on_conflict_do_update(index_elements=["key"], set_={"full_at": _AFTER}, where=_AFTER <= _LIMIT)
    .returning(_FULL_AT)
)
_LOOK = select(_FULL_AT).where(request_rate.c.key == bindparam("key"))


class Rates:
    """The buckets of all keys, in PostgreSQL; each is the one number of when it will be full again.

    That makes a request one statement (the generic cell rate algorithm, ITU-T I.371: a bucket of tokens told by times).
    The table is unlogged: no request waits for a disk, and after a crash every bucket is full.

    Args:
        engine: of the database.
        clock: seconds since 1970; those of all machines are taken to agree.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._clock = clock

    def take(self, key: str, cost: float, most: float) -> Level:
        """Take what one request costs, where there is as much.

        Args:
            key: whose bucket.
            cost: seconds in which as much flows in.
            most: seconds in which an empty bucket fills.

        Raises:
            StoreError: the database failed.
        """
        now = self._clock()
        with told(), self._engine.connect() as connection:
            values = {"key": key, "now": now, "cost": cost, "limit": now + most}
            taken = connection.execute(_TAKE, values).scalar_one_or_none()
            if taken is not None:
                return Level(True, taken - now)
            full_at = connection.execute(_LOOK, {"key": key}).scalar_one_or_none()
        return Level(False, most if full_at is None else full_at - now)
