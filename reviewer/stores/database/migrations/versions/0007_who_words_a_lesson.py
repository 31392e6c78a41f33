"""Which model a client wants to take part in learning a post-mortem."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column."""
    op.add_column("postmortem", sa.Column("model", sa.String(length=200), nullable=True))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("postmortem", "model")
