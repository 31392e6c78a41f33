"""The tables of the service, the same for SQLite and PostgreSQL; `migrations/` makes them.

Every table that holds what belongs to somebody has a column `tenant`, and every index on it begins with that.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)

NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself in a column of this very type only."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite forgets the zone of a `DateTime(timezone=True)`; this one never does."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """The moment as it is kept."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """The moment as it was."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_UNFINISHED = text("state IN ('queued', 'running')")

review = Table(
    "review",
    metadata,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("tenant", String(64), nullable=False),
    Column("state", String(12), nullable=False),
    Column("request", Text, nullable=False),
    Column("diff", Text),
    Column("repository", Text),
    Column("succession", String(64)),
    Column("superseded_by", String(32)),
    Column("base", Text),
    Column("head", Text),
    Column("step", String(16)),
    Column("files_done", Integer, nullable=False, server_default="0"),
    Column("files_total", Integer, nullable=False, server_default="0"),
    Column("status", String(12)),
    Column("verdict", String(12)),
    Column("report", Text),
    Column("posted", Text),
    Column("created_by", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Index(None, "tenant", "number"),
    Index(None, "tenant", "state", "number"),
    Index(None, "tenant", "repository", "number"),
    Index(None, "tenant", "head", "number"),
    # The two questions that are asked of what is not finished look at nothing that is.
    Index("ix_review_succession", "tenant", "succession", sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED),
    Index("ix_review_unfinished", "created_at", sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED),
    Index("ix_review_finished", "finished_at"),  # of all tenants: what is deleted once it was kept long enough
)

review_event = Table(
    "review_event",
    metadata,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("tenant", String(64), nullable=False),
    Column("review", NUMBER, ForeignKey("review.number", ondelete="CASCADE"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("data", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "review", "number"),
)

postmortem = Table(
    "postmortem",
    metadata,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("tenant", String(64), nullable=False),
    Column("state", String(12), nullable=False),
    Column("name", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("repository", Text),
    Column("fix", Text),
    Column("model", String(200)),
    Column("result", Text),
    Column("created_by", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Index(None, "tenant", "number"),
    Index("ix_postmortem_unfinished", "created_at", sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED),
)

finding = Table(
    "finding",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("repository", String(512), primary_key=True),
    Column("rule", String(64), nullable=False),
    Column("pattern", String(128), nullable=False),
    Column("path", Text, nullable=False),
    Column("review", String(32), nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("tenant", String(64), nullable=False),
    Column("finding", String(64), nullable=False),
    Column("repository", Text, nullable=False),
    Column("verdict", String(12), nullable=False),
    Column("reason", Text, nullable=False),
    Column("expires", String(10)),
    Column("said_by", String(128), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "tenant", "finding"),
    Index(None, "tenant", "repository"),
)

idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("route", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("answer", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("used_at", UtcDateTime),
    Index(None, "tenant"),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    Column("forge", String(32), primary_key=True),
    Column("id", String(128), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("event", String(64), nullable=False),
    Column("received_at", UtcDateTime, nullable=False, index=True),
    Column("received_as", String(32), index=True),
)

forge_event = Table(
    "forge_event",
    metadata,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("tenant", String(64), nullable=False),
    Column("forge", String(32), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("data", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("result", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Index(None, "tenant", "number"),
    Index("ix_forge_event_unfinished", "created_at", sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED),
    Index("ix_forge_event_finished", "finished_at"),
)

gate_override = Table(
    "gate_override",
    metadata,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("tenant", String(64), nullable=False),
    Column("review", String(32), nullable=False),
    Column("environment", String(255), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", String(128), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "tenant", "review"),
)

executor = Table(
    "executor",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("claimed_by", String(128)),
    Column("claimed_at", UtcDateTime),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(512), primary_key=True),
    Column("holder", String(32), nullable=False),
    Column("executor", String(128)),
    Column("until", UtcDateTime, nullable=False),
)

request_rate = Table(
    "request_rate",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("full_at", Double, nullable=False),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("tenant", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(128), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "tenant", "number"),
)
