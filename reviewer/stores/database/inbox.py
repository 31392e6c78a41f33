"""What forges have told and what came of it: kept in the transaction that remembers the delivery, so none is lost."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

from sqlalchemy import Engine, insert, select, update

from reviewer.domain.event import Event
from reviewer.domain.record import RecordError, read_record, write_record
from reviewer.domain.request import UNFINISHED, State
from reviewer.errors import NotFoundError, UnreadableRecordError
from reviewer.stores.database.audit import audit
from reviewer.stores.database.deliveries import forget_delivery, take_delivery
from reviewer.stores.database.engine import reading, writing
from reviewer.stores.database.tables import forge_event

_KINDS: Mapping[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}
_UNFINISHED = [state.value for state in UNFINISHED]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook that has come.

    Attributes:
        forge: who sends it.
        identities: what names it: the forge's own id, and a digest of the body where a copy of that is the same.
        event: what the forge calls what it is about.
    """

    forge: str
    identities: tuple[str, ...]
    event: str


@dataclass(frozen=True, slots=True)
class Received:
    """An event that was taken in.

    Attributes:
        id: its name.
        tenant: whom it is for.
        forge: who told it.
        event: what it says.
        state: how far it is.
        created_at: when it came.
        result: what came of it, in words; None before that.
    """

    id: str
    tenant: str
    forge: str
    event: Event
    state: State
    created_at: datetime
    result: str | None = None


class _RepeatedError(Exception):
    """It has come before; what the transaction has written is undone."""


class Inbox:
    """The events of all tenants.

    Args:
        engine: of the database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def receive(self, delivery: Delivery, tenant: str, event: Event) -> str | None:
        """Take an event in, so that it will be acted on whatever happens.

        Returns:
            Its id; None where the delivery has come before.
        """
        identity, now = uuid.uuid4().hex, datetime.now(UTC)
        with contextlib.suppress(_RepeatedError), writing(self._engine) as connection:
            for name in delivery.identities:
                if not take_delivery(connection, delivery.forge, name, tenant, delivery.event, received_as=identity):
                    raise _RepeatedError
            connection.execute(
                insert(forge_event).values(
                    id=identity,
                    tenant=tenant,
                    forge=delivery.forge,
                    kind=type(event).__name__,
                    data=write_record(event).decode(),
                    state=State.QUEUED.value,
                    created_at=now,
                )
            )
            return identity
        return None

    def get(self, identity: str) -> Received:
        """An event.

        Raises:
            NotFoundError: there is none of this id.
            UnreadableRecordError: it cannot be understood.
        """
        with reading(self._engine) as connection:
            row = connection.execute(select(forge_event).where(forge_event.c.id == identity)).one_or_none()
        if row is None:
            raise NotFoundError(f"there is no event {identity[:40]!r}")
        try:
            event = read_record(_KINDS[row.kind], row.data.encode())
        except (KeyError, RecordError) as error:
            raise UnreadableRecordError(f"the event {identity} is of another version; it is skipped") from error
        return Received(row.id, row.tenant, row.forge, event, State(row.state), row.created_at, row.result)

    def kind(self, identity: str) -> str:
        """What an event is: the name of its class, which another version may know.

        Raises:
            NotFoundError: there is none of this id.
        """
        with reading(self._engine) as connection:
            found = connection.execute(
                select(forge_event.c.kind).where(forge_event.c.id == identity)
            ).scalar_one_or_none()
        if found is None:
            raise NotFoundError(f"there is no event {identity[:40]!r}")
        return str(found)

    def finish(self, identity: str, state: State, result: str) -> str | None:
        """Keep what came of an event; one that failed may be delivered again, by a person at the forge.

        Returns:
            The forge that told it; None where it was finished already.
        """
        with writing(self._engine) as connection:
            row = connection.execute(
                update(forge_event)
                .where(forge_event.c.id == identity, forge_event.c.state.in_(_UNFINISHED))
                .values(state=state.value, result=result[:2000], finished_at=datetime.now(UTC))
                .returning(forge_event.c.tenant, forge_event.c.forge, forge_event.c.kind)
            ).one_or_none()
            if row is not None:
                if state is State.FAILED:
                    forget_delivery(connection, identity)
                audit(connection, row.tenant, f"webhook:{row.forge}", f"event.{row.kind}", identity, detail=result)
        return None if row is None else str(row.forge)

    def unfinished(self, older_than: datetime, limit: int = 500) -> Sequence[tuple[str, str]]:
        """Tenants and ids of events that came before a moment and are not acted on."""
        query = (
            select(forge_event.c.tenant, forge_event.c.id)
            .where(forge_event.c.state.in_(_UNFINISHED), forge_event.c.created_at < older_than)
            .order_by(forge_event.c.created_at)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [(row.tenant, row.id) for row in connection.execute(query)]
