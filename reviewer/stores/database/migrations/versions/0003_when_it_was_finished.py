"""Indexes that find what was kept long enough."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the indexes."""
    op.create_index("ix_review_finished", "review", ["finished_at"])
    op.create_index("ix_forge_event_finished", "forge_event", ["finished_at"])


def downgrade() -> None:
    """Take the indexes out."""
    op.drop_index("ix_forge_event_finished", "forge_event")
    op.drop_index("ix_review_finished", "review")
