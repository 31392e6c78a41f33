"""What forges tell, and who lets a deployment go on against a review."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
_UNFINISHED = sa.text("state IN ('queued', 'running')")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "forge_event",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("forge", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("result", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_forge_event")),
        sa.UniqueConstraint("id", name=op.f("uq_forge_event_id")),
    )
    op.create_index(op.f("ix_forge_event_tenant_number"), "forge_event", ["tenant", "number"])
    op.create_index(
        "ix_forge_event_unfinished",
        "forge_event",
        ["created_at"],
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )
    op.create_table(
        "gate_override",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("review", sa.String(length=32), nullable=False),
        sa.Column("environment", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_gate_override")),
    )
    op.create_index(op.f("ix_gate_override_tenant_review"), "gate_override", ["tenant", "review"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index(op.f("ix_gate_override_tenant_review"), "gate_override")
    op.drop_table("gate_override")
    op.drop_index("ix_forge_event_unfinished", "forge_event")
    op.drop_index(op.f("ix_forge_event_tenant_number"), "forge_event")
    op.drop_table("forge_event")
