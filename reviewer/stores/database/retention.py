"""What was kept long enough is deleted: finished reviews, with the events that tell how they went.

Post-mortems, what people said of findings, overrides of gates and the audit log stay: they are what is looked up later.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, delete, select

from reviewer.stores.database.engine import reading, writing
from reviewer.stores.database.tables import review


def delete_finished(engine: Engine, before: datetime, most: int) -> int:
    """Delete some of the reviews of all tenants that were finished before a moment, the oldest first.

    Args:
        engine: of the database.
        before: the moment; an index finds what is older.
        most: at once.

    Returns:
        How many there were; with fewer than `most`, nothing is left.
    """
    old = select(review.c.number).where(review.c.finished_at < before).order_by(review.c.finished_at).limit(most)
    with reading(engine) as connection:  # as a rule there is nothing, and nobody has to wait for a look
        if connection.execute(old.limit(1)).first() is None:
            return 0
    with writing(engine) as connection:
        # Several workers do this at once: each leaves alone what another has in hand. SQLite has no such clause.
        numbers = connection.execute(old.with_for_update(skip_locked=True)).scalars().all()
        connection.execute(delete(review).where(review.c.number.in_(numbers)))
    return len(numbers)
