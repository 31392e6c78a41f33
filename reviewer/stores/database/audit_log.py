"""Who did what: the audit log of one tenant, as it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from reviewer.stores.database.engine import reading
from reviewer.stores.database.tables import audit_entry


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that somebody did.

    Attributes:
        number: grows with every entry.
        at: when.
        actor: who.
        action: what, as "review.accept".
        subject: to what.
        detail: more of it, in words.
    """

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str


class AuditLog:
    """The audit log of one tenant; no other's is seen through it.

    Args:
        engine: of the database.
        tenant: whose.
    """

    def __init__(self, engine: Engine, tenant: str) -> None:
        self._engine = engine
        self._tenant = tenant

    def page(self, action: str | None, before: int | None, limit: int) -> Sequence[AuditEntry]:
        """Entries, the newest first.

        Args:
            action: only of this one; None for all.
            before: only those with a smaller number; None for all.
            limit: most of them.
        """
        table = audit_entry
        query = select(table).where(table.c.tenant == self._tenant)
        if action is not None:
            query = query.where(table.c.action == action)
        if before is not None:
            query = query.where(table.c.number < before)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(table.c.number.desc()).limit(limit)).all()
        return [AuditEntry(row.number, row.at, row.actor, row.action, row.subject, row.detail) for row in rows]
