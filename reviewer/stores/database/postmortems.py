"""The post-mortems that one tenant has sent, and what was learned of them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, insert, select, update

from reviewer.domain.request import UNFINISHED, State
from reviewer.errors import NotFoundError
from reviewer.stores.database.audit import audit
from reviewer.stores.database.engine import reading, writing
from reviewer.stores.database.idempotency import Accepted, Claim, take_key
from reviewer.stores.database.tables import postmortem

_UNFINISHED = [state.value for state in UNFINISHED]


@dataclass(frozen=True, slots=True)
class PostmortemRecord:
    """A post-mortem as the service knows it.

    Attributes:
        id: its public name.
        state: how far learning it is.
        name: of the document; its ending tells the format.
        document: the text.
        repository: of the fix; None for none.
        fix: the commit; None for none.
        model: who is to take part, as the client named it; None leaves it to the settings of the repository.
        result: what came of it; None before that.
        created_at, finished_at: when.
    """

    id: str
    state: State
    name: str
    document: str
    repository: str | None
    fix: str | None
    model: str | None
    result: Mapping[str, Any] | None
    created_at: datetime
    finished_at: datetime | None


class Postmortems:
    """The post-mortems of one tenant; no other's are seen through it.

    Args:
        engine: of the database.
        tenant: whose.
    """

    def __init__(self, engine: Engine, tenant: str) -> None:
        self._engine = engine
        self.tenant = tenant
        self._own = postmortem.c.tenant == tenant

    def accept(
        self,
        name: str,
        document: str,
        fix: tuple[str, str] | None,
        actor: str,
        claim: Claim | None = None,
        *,
        model: str | None = None,
    ) -> Accepted:
        """Keep a document, so that it will be learned whatever happens.

        Args:
            name: of the document.
            document: the text.
            fix: repository and commit of the fix; None for none.
            actor: who sends it.
            claim: names the request, where the client may repeat it.
            model: who is to take part in learning.

        Raises:
            ReusedKeyError: the claim's key came with another request before.
        """
        now = datetime.now(UTC)
        identity = uuid.uuid4().hex
        with writing(self._engine) as connection:
            before = None if claim is None else take_key(connection, self.tenant, claim, identity, now)
            if before is not None:
                return Accepted(before, repeated=True)
            connection.execute(
                insert(postmortem).values(
                    id=identity,
                    tenant=self.tenant,
                    state=State.QUEUED.value,
                    name=name,
                    document=document,
                    repository=None if fix is None else fix[0],
                    fix=None if fix is None else fix[1],
                    model=model,
                    created_by=actor,
                    created_at=now,
                )
            )
            audit(connection, self.tenant, actor, "postmortem.accept", identity, detail=name)
        return Accepted(identity)

    def get(self, identity: str) -> PostmortemRecord:
        """A post-mortem.

        Raises:
            NotFoundError: the tenant has none of this id.
        """
        with reading(self._engine) as connection:
            row = connection.execute(select(postmortem).where(self._own, postmortem.c.id == identity)).one_or_none()
        if row is None:
            raise NotFoundError(f"there is no post-mortem {identity[:40]!r}")
        return PostmortemRecord(
            row.id,
            State(row.state),
            row.name,
            row.document,
            row.repository,
            row.fix,
            row.model,
            None if row.result is None else json.loads(row.result),
            row.created_at,
            row.finished_at,
        )

    def finish(self, identity: str, state: State, result: Mapping[str, Any]) -> None:
        """Keep what was learned, unless something is kept already."""
        mine = (self._own, postmortem.c.id == identity, postmortem.c.state.in_(_UNFINISHED))
        with writing(self._engine) as connection:
            connection.execute(
                update(postmortem)
                .where(*mine)
                .values(state=state.value, result=json.dumps(dict(result)), finished_at=datetime.now(UTC))
            )


def unlearned(engine: Engine, older_than: datetime, limit: int = 500) -> list[tuple[str, str]]:
    """Tenants and ids of post-mortems of all tenants that were accepted before a moment and are not learned."""
    query = (
        select(postmortem.c.tenant, postmortem.c.id)
        .where(postmortem.c.state.in_(_UNFINISHED), postmortem.c.created_at < older_than)
        .order_by(postmortem.c.created_at)
        .limit(limit)
    )
    with reading(engine) as connection:
        return [(row.tenant, row.id) for row in connection.execute(query)]
