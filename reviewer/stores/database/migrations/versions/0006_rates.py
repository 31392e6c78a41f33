"""How often each API key asks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table; what it holds is of no worth after a minute, so PostgreSQL keeps no log of it."""
    op.create_table(
        "request_rate",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("full_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_request_rate")),
        prefixes=["UNLOGGED"] if op.get_bind().dialect.name == "postgresql" else [],
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("request_rate")
