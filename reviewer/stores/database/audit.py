"""Who did what, written down in the transaction in which it was done."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, insert

from reviewer.stores.database import tables


def audit(connection: Connection, tenant: str, actor: str, action: str, subject: str, *, detail: str = "") -> None:
    """Write down who did what."""
    connection.execute(
        insert(tables.audit_entry).values(
            tenant=tenant, at=datetime.now(UTC), actor=actor, action=action, subject=subject, detail=detail[:500]
        )
    )
