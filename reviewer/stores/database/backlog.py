"""What of all tenants is not finished; asked by the workers and the metrics, and by no client."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from reviewer.domain.request import UNFINISHED, State
from reviewer.stores.database import tables
from reviewer.stores.database.engine import reading

_REVIEW = tables.review
_UNFINISHED = [state.value for state in UNFINISHED]


def unfinished(engine: Engine, older_than: datetime, limit: int = 500) -> Iterable[tuple[str, str]]:
    """Tenants and ids of reviews of all tenants that were accepted before a moment and are not finished."""
    query = (
        select(_REVIEW.c.tenant, _REVIEW.c.id)
        .where(_REVIEW.c.state.in_(_UNFINISHED), _REVIEW.c.created_at < older_than)
        .order_by(_REVIEW.c.created_at)
        .limit(limit)
    )
    with reading(engine) as connection:
        return [(row.tenant, row.id) for row in connection.execute(query)]


def unposted(engine: Engine, after: datetime, before: datetime, limit: int = 500) -> Iterable[tuple[str, str]]:
    """Tenants and ids of reviews of all tenants that ended between two moments, and are to be posted and are not."""
    query = (
        select(_REVIEW.c.tenant, _REVIEW.c.id)
        .where(_REVIEW.c.finished_at > after, _REVIEW.c.finished_at < before)
        .where(_REVIEW.c.posted.is_(None), _REVIEW.c.state.in_((State.DONE.value, State.FAILED.value)))
        # No text of a client can hold it: within one, a quotation mark has a backslash before it.
        .where(_REVIEW.c.request.not_like('%"post_to": null%'))
        .order_by(_REVIEW.c.finished_at)
        .limit(limit)
    )
    with reading(engine) as connection:
        return [(row.tenant, row.id) for row in connection.execute(query)]


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is accepted and not finished, of all tenants.

    Attributes:
        queued: how many reviews nobody has begun.
        oldest: when the oldest that is not finished was accepted; None where there is none.
    """

    queued: int
    oldest: datetime | None


def backlog(engine: Engine) -> Backlog:
    """What is accepted and not finished; it looks at nothing that is."""
    queued = func.count().filter(_REVIEW.c.state == State.QUEUED.value)
    query = select(queued, func.min(_REVIEW.c.created_at)).where(_REVIEW.c.state.in_(_UNFINISHED))
    with reading(engine) as connection:
        queued, oldest = connection.execute(query).one()
    return Backlog(queued, oldest)
