"""Requests that may come more than once: known again by their key, and taken one at a time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, select, text

from reviewer.errors import ReusedKeyError
from reviewer.stores.database import tables

_KEY_LIFE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Claim:
    """What makes a repeated request the same one (draft-ietf-httpapi-idempotency-key-header).

    Attributes:
        route: what was called.
        key: what the client gave.
        body_hash: of what was asked.
    """

    route: str
    key: str
    body_hash: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a request.

    Attributes:
        id: of the review.
        repeated: it was accepted before, under the same key.
        superseded: ids of the reviews whose place it takes.
    """

    id: str
    repeated: bool = False
    superseded: tuple[str, ...] = ()


def take_key(connection: Connection, tenant: str, claim: Claim, answer: str, now: datetime) -> str | None:
    """Take an idempotency key for an answer; the answer it has already, where it was taken before.

    Raises:
        ReusedKeyError: it was taken for another request.
    """
    table = tables.idempotency_key
    values = {
        "tenant": tenant,
        "route": claim.route,
        "key": claim.key,
        "body_hash": claim.body_hash,
        "answer": answer,
        "created_at": now,
    }
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_new  # noqa: PLC0415
    else:
        from sqlalchemy.dialects.postgresql import insert as insert_new  # type: ignore[assignment]  # noqa: PLC0415
    # What the driver counts is not to be trusted here (-1 under psycopg): what is returned is.
    taken = connection.execute(
        insert_new(table).values(**values).on_conflict_do_nothing().returning(table.c.answer)
    ).scalar_one_or_none()
    if taken is not None:
        connection.execute(delete(table).where(table.c.created_at < now - _KEY_LIFE))
        return None
    mine = and_(table.c.tenant == tenant, table.c.route == claim.route, table.c.key == claim.key)
    before = connection.execute(select(table.c.body_hash, table.c.answer).where(mine)).one()
    if before.body_hash != claim.body_hash:
        raise ReusedKeyError("this Idempotency-Key came with another request before; take a new key")
    return str(before.answer)


def take_turn(connection: Connection, name: str) -> None:
    """Wait until no other transaction is about the same thing; SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        key = int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()[:8], signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
