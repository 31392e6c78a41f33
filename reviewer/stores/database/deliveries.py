"""Webhooks that have come already; a forge sends one again where it is not sure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, insert, select

from reviewer.stores.database.engine import writing
from reviewer.stores.database.idempotency import take_turn
from reviewer.stores.database.tables import webhook_delivery

_LIFE = timedelta(days=7)


class Deliveries:
    """Webhooks that have come, of all tenants: their ids are given by the forges.

    Args:
        engine: of the database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self, forge: str, identity: str, tenant: str, event: str) -> bool:
        """Whether a delivery comes for the first time; it has come now.

        Args:
            forge: who sends it.
            identity: what the forge calls it.
            tenant: whom it is for.
            event: what it is about.
        """
        now = datetime.now(UTC)
        mine = (webhook_delivery.c.forge == forge, webhook_delivery.c.id == identity)
        with writing(self._engine) as connection:
            take_turn(connection, f"{forge}\n{identity}")
            if connection.execute(select(webhook_delivery.c.id).where(*mine)).one_or_none() is not None:
                return False
            connection.execute(
                insert(webhook_delivery).values(forge=forge, id=identity, tenant=tenant, event=event, received_at=now)
            )
            connection.execute(delete(webhook_delivery).where(webhook_delivery.c.received_at < now - _LIFE))
        return True
