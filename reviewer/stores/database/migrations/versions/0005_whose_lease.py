"""Which process has a lease, so that it need not run out where that process is known to be dead."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column."""
    op.add_column("lease", sa.Column("executor", sa.String(length=128), nullable=True))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("lease", "executor")
