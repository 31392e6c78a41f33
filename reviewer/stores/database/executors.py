"""The processes that work on jobs: who is alive, and who takes over the work of one that is not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, and_, delete, insert, or_, select, update

from reviewer.stores.database.engine import moment, reading, writing
from reviewer.stores.database.tables import executor


class Executors:
    """Signs of life of all processes.

    Args:
        engine: of the database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def beat(self, identity: str, version: str) -> None:
        """Say that a process is alive."""
        with writing(self._engine) as connection:
            now = moment(connection)
            values = {"seen_at": now, "claimed_by": None, "claimed_at": None}
            known = connection.execute(
                update(executor).where(executor.c.id == identity).values(**values).returning(executor.c.id)
            ).one_or_none()
            if known is None:
                connection.execute(insert(executor).values(id=identity, version=version, started_at=now, **values))

    def claim_silent(self, by: str, silence: timedelta) -> list[str]:
        """Take charge of the work of processes that have been silent too long; nobody else has then, for as long.

        Args:
            by: who takes charge.
            silence: after which a process counts as dead, and a claim as given up.
        """
        with reading(self._engine) as connection:
            now = moment(connection)
            silent = and_(executor.c.seen_at < now - silence, executor.c.id != by)
            free = or_(executor.c.claimed_at.is_(None), executor.c.claimed_at < now - silence)
            if connection.execute(select(executor.c.id).where(silent, free).limit(1)).one_or_none() is None:
                return []
        with writing(self._engine) as connection:
            taken = connection.execute(
                update(executor).where(silent, free).values(claimed_by=by, claimed_at=now).returning(executor.c.id)
            )
            return list(taken.scalars())

    def retire(self, identity: str) -> None:
        """Say that a process ends, so that others need not wait until it counts as silent."""
        with writing(self._engine) as connection:
            connection.execute(
                update(executor).where(executor.c.id == identity).values(seen_at=datetime.fromtimestamp(0, UTC))
            )

    def add_lost(self, identities: Collection[str]) -> list[str]:
        """Put those of some processes on the list that are not on it, as silent ones; which they were."""
        if not identities:
            return []
        with reading(self._engine) as connection:
            known = set(connection.execute(select(executor.c.id).where(executor.c.id.in_(identities))).scalars())
        lost = sorted(set(identities) - known)
        if lost:
            never = datetime.fromtimestamp(0, UTC)
            with writing(self._engine) as connection:
                rows = [{"id": one, "version": "", "started_at": never, "seen_at": never} for one in lost]
                connection.execute(insert(executor), rows)
        return lost

    def forget(self, identity: str, by: str | None = None) -> None:
        """Strike a process off the list: it has ended well, or its work was taken over.

        Args:
            identity: the process.
            by: who has taken charge of it; only where that is still so.
        """
        mine = executor.c.id == identity if by is None else and_(executor.c.id == identity, executor.c.claimed_by == by)
        with writing(self._engine) as connection:
            connection.execute(delete(executor).where(mine))

    def alive(self, silence: timedelta) -> list[str]:
        """Processes that have given a sign of life lately."""
        with reading(self._engine) as connection:
            lately = executor.c.seen_at >= moment(connection) - silence
            return list(connection.execute(select(executor.c.id).where(lately).order_by(executor.c.id)).scalars())
