"""Who let a deployment go on against a review, and why; one tenant's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, insert, select

from reviewer.stores.database.audit import audit
from reviewer.stores.database.engine import reading, writing
from reviewer.stores.database.tables import gate_override


@dataclass(frozen=True, slots=True)
class GateOverride:
    """A decision against a review.

    Attributes:
        environment: where to.
        reason: why.
        by: who.
        at: when.
    """

    environment: str
    reason: str
    by: str
    at: datetime


class Overrides:
    """The overrides of one tenant; no other's are seen through it.

    Args:
        engine: of the database.
        tenant: whose.
    """

    def __init__(self, engine: Engine, tenant: str) -> None:
        self._engine = engine
        self._tenant = tenant

    def add(self, review: str, override: GateOverride) -> None:
        """Keep one, in the audit log too."""
        with writing(self._engine) as connection:
            connection.execute(
                insert(gate_override).values(
                    tenant=self._tenant,
                    review=review,
                    environment=override.environment,
                    reason=override.reason,
                    by=override.by,
                    at=override.at.astimezone(UTC),
                )
            )
            detail = f"{override.environment}: {override.reason}"
            audit(connection, self._tenant, override.by, "gate.override", review, detail=detail)

    def last(self, review: str, environment: str) -> GateOverride | None:
        """The latest for a review and an environment; None for none."""
        query = (
            select(gate_override)
            .where(
                gate_override.c.tenant == self._tenant,
                gate_override.c.review == review,
                gate_override.c.environment == environment,
            )
            .order_by(gate_override.c.number.desc())
            .limit(1)
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else GateOverride(row.environment, row.reason, row.by, row.at)
