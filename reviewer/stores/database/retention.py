"""What was kept long enough is deleted: finished reviews with the events of how they went, and what forges told.

Post-mortems, what people said of findings, overrides of gates and the audit log stay: they are what is looked up later.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, Table, delete, select

from reviewer.stores.database.engine import reading, writing
from reviewer.stores.database.tables import forge_event, review


def delete_finished(engine: Engine, before: datetime, most: int) -> int:
    """Delete some of the reviews of all tenants, and of what forges told, that were finished before a moment.

    The oldest go first.

    Args:
        engine: of the database.
        before: the moment; an index finds what is older.
        most: of each at once.

    Returns:
        How many there were of which there were more; with fewer than `most`, nothing is left.
    """
    return max(_delete(engine, table, before, most) for table in (review, forge_event))


def _delete(engine: Engine, table: Table, before: datetime, most: int) -> int:
    old = select(table.c.number).where(table.c.finished_at < before).order_by(table.c.finished_at).limit(most)
    with reading(engine) as connection:  # as a rule there is nothing, and nobody has to wait for a look
        if connection.execute(old.limit(1)).first() is None:
            return 0
    with writing(engine) as connection:
        # Several workers do this at once: each leaves alone what another has in hand. SQLite has no such clause.
        numbers = connection.execute(old.with_for_update(skip_locked=True)).scalars().all()
        connection.execute(delete(table).where(table.c.number.in_(numbers)))
    return len(numbers)
