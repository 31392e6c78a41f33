"""Webhooks that have come already; a forge sends one again where it is not sure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, delete, insert, select

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
        with writing(self._engine) as connection:
            return take_delivery(connection, forge, identity, tenant, event)

    def forget(self, forge: str, identity: str) -> None:
        """Undo `take`."""
        with writing(self._engine) as connection:
            connection.execute(
                delete(webhook_delivery).where(webhook_delivery.c.forge == forge, webhook_delivery.c.id == identity)
            )


def take_delivery(
    connection: Connection, forge: str, identity: str, tenant: str, event: str, *, received_as: str | None = None
) -> bool:
    """Whether a delivery comes for the first time, as `Deliveries.take`; it is undone with the transaction.

    Args:
        connection: in the transaction.
        forge, identity, tenant, event: as for `Deliveries.take`.
        received_as: the id of the event that it becomes; None for none.
    """
    now = datetime.now(UTC)
    mine = (webhook_delivery.c.forge == forge, webhook_delivery.c.id == identity)
    take_turn(connection, f"{forge}\n{identity}")
    if connection.execute(select(webhook_delivery.c.id).where(*mine)).one_or_none() is not None:
        return False
    connection.execute(
        insert(webhook_delivery).values(
            forge=forge, id=identity, tenant=tenant, event=event, received_at=now, received_as=received_as
        )
    )
    connection.execute(delete(webhook_delivery).where(webhook_delivery.c.received_at < now - _LIFE))
    return True


def forget_delivery(connection: Connection, received_as: str) -> None:
    """Forget the deliveries of an event: a forge that sends one again finds it new."""
    connection.execute(delete(webhook_delivery).where(webhook_delivery.c.received_as == received_as))
