"""Which event a delivery was taken in as, so that one that failed may be delivered again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column, and the index that finds the deliveries of an event."""
    op.add_column("webhook_delivery", sa.Column("received_as", sa.String(length=32), nullable=True))
    op.create_index(op.f("ix_webhook_delivery_received_as"), "webhook_delivery", ["received_as"])


def downgrade() -> None:
    """Take both away."""
    op.drop_index(op.f("ix_webhook_delivery_received_as"), "webhook_delivery")
    op.drop_column("webhook_delivery", "received_as")
