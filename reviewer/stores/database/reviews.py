"""The reviews of one tenant: accepted, followed, finished, found again."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Engine, Select, and_, insert, select, update

from reviewer.domain.report import Report, to_json
from reviewer.domain.request import (
    UNFINISHED,
    Progress,
    ReviewEvent,
    ReviewRecord,
    ReviewRequest,
    State,
)
from reviewer.errors import NotFoundError, OvertakenError
from reviewer.stores.database import tables
from reviewer.stores.database.audit import audit
from reviewer.stores.database.engine import put, reading, writing
from reviewer.stores.database.form import read_request, write_request
from reviewer.stores.database.idempotency import Accepted, Claim, take_key, take_turn

R = TypeVar("R")
_REVIEW = tables.review
_SHOWN = [column for column in _REVIEW.c if column.name not in ("report", "diff")]
_UNFINISHED = [state.value for state in UNFINISHED]


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; None means any."""

    state: str | None = None
    repository: str | None = None
    head: str | None = None
    verdict: str | None = None


class Reviews:
    """The reviews of one tenant; no other's are seen through it.

    Args:
        engine: of the database.
        tenant: whose.
    """

    def __init__(self, engine: Engine, tenant: str) -> None:
        self._engine = engine
        self.tenant = tenant
        self._own = _REVIEW.c.tenant == tenant

    def accept(
        self, request: ReviewRequest, actor: str, claim: Claim | None = None, *, seen: int | None = None
    ) -> Accepted:
        """Keep a request, so that it will be reviewed whatever happens; older ones of the same ref make way.

        Args:
            request: what is asked.
            actor: who asks, for the audit log.
            claim: names the request, where the client may repeat it.
            seen: number of the newest review of the same ref that the caller knew of when it looked up what to review,
                0 for none; None for whoever decides by himself what is newest.

        Raises:
            ReusedKeyError: the claim's key came with another request before.
            OvertakenError: there is a newer review of the same ref than the one that was seen.
        """
        now = datetime.now(UTC)
        identity = uuid.uuid4().hex
        with writing(self._engine) as connection:
            if claim is not None:
                before = take_key(connection, self.tenant, claim, identity, now)
                if before is not None:
                    return Accepted(before, repeated=True)
            if request.succession is not None:
                take_turn(connection, f"{self.tenant}\n{_succession(request)}")
                if seen is not None and self._is_overtaken(connection, request, seen):
                    raise OvertakenError("another review of it was asked for meanwhile; it is looked at again")
            number = connection.execute(
                insert(_REVIEW)
                .values(
                    id=identity,
                    tenant=self.tenant,
                    state=State.QUEUED.value,
                    request=write_request(request),
                    diff=request.diff,
                    repository=request.repository,
                    succession=_succession(request),
                    base=request.base,
                    head=request.head,
                    created_by=actor,
                    created_at=now,
                )
                .returning(_REVIEW.c.number)
            ).scalar_one()
            _tell(connection, self.tenant, number, "state", {"state": State.QUEUED.value}, at=now)
            superseded = self._supersede(connection, request, number, identity, now)
            audit(connection, self.tenant, actor, "review.accept", identity, detail=request.repository or "diff")
        return Accepted(identity, superseded=superseded)

    def _is_overtaken(self, connection: Connection, request: ReviewRequest, seen: int) -> bool:
        newest: int | None = connection.execute(self._newest(request, _REVIEW.c.number)).scalar_one_or_none()
        return newest is not None and newest > seen

    def _supersede(
        self, connection: Connection, request: ReviewRequest, number: int, identity: str, now: datetime
    ) -> tuple[str, ...]:
        if request.succession is None:
            return ()
        ended = connection.execute(
            update(_REVIEW)
            .where(
                self._own,
                _REVIEW.c.succession == _succession(request),
                _REVIEW.c.state.in_(_UNFINISHED),
                _REVIEW.c.number < number,
            )
            .values(state=State.SUPERSEDED.value, superseded_by=identity, finished_at=now)
            .returning(_REVIEW.c.number, _REVIEW.c.id)
        ).all()
        for older, _ in ended:
            data = {"state": State.SUPERSEDED.value, "superseded_by": identity}
            _tell(connection, self.tenant, older, "state", data, at=now)
        return tuple(name for _, name in ended)

    def get(self, identity: str) -> ReviewRecord:
        """A review.

        Raises:
            NotFoundError: the tenant has none of this id.
        """
        with reading(self._engine) as connection:
            row = connection.execute(select(*_SHOWN).where(self._own, _REVIEW.c.id == identity)).one_or_none()
        return _record(_found(row, identity))

    def report(self, identity: str) -> tuple[ReviewRecord, str | None]:
        """A review with the JSON of its report; None where there is none yet.

        Raises:
            NotFoundError: the tenant has none of this id.
        """
        query = select(*_SHOWN, _REVIEW.c.report).where(self._own, _REVIEW.c.id == identity)
        with reading(self._engine) as connection:
            row = _found(connection.execute(query).one_or_none(), identity)
        return _record(row), row.report

    def request(self, identity: str) -> ReviewRequest:
        """What was asked, the diff included.

        Raises:
            NotFoundError: the tenant has none of this id.
        """
        query = select(_REVIEW.c.request, _REVIEW.c.diff).where(self._own, _REVIEW.c.id == identity)
        with reading(self._engine) as connection:
            row = _found(connection.execute(query).one_or_none(), identity)
        return read_request(row.request, self.tenant, row.diff)

    def page(self, wanted: Filter, before: int | None, limit: int) -> Sequence[ReviewRecord]:
        """Reviews, the newest first.

        Args:
            wanted: what to narrow to.
            before: only those with a smaller number; None for all.
            limit: most of them.
        """
        query = select(*_SHOWN).where(self._own)
        for name in ("state", "repository", "head", "verdict"):
            value = getattr(wanted, name)
            if value is not None:
                query = query.where(_REVIEW.c[name] == value)
        if before is not None:
            query = query.where(_REVIEW.c.number < before)
        with reading(self._engine) as connection:
            return [_record(row) for row in connection.execute(query.order_by(_REVIEW.c.number.desc()).limit(limit))]

    def newest(self, request: ReviewRequest, states: Sequence[State] = tuple(State)) -> ReviewRecord | None:
        """The newest review of the same succession as a request; None for none.

        Args:
            request: names the succession by its repository and ref.
            states: only of these.
        """
        query = self._newest(request, *_SHOWN).where(_REVIEW.c.state.in_([state.value for state in states]))
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _record(row)

    def _newest(self, request: ReviewRequest, *columns: Column[Any]) -> Select[Any]:
        return (
            select(*columns)
            .where(self._own, _REVIEW.c.succession == _succession(request))
            .where(_REVIEW.c.repository == request.repository)
            .order_by(_REVIEW.c.number.desc())
            .limit(1)
        )

    def start(self, identity: str) -> bool:
        """Mark a review as begun; it may have begun before.

        Returns:
            Whether it is still wanted.
        """
        return self._change(identity, "state", {"state": State.RUNNING.value}, {"state": State.RUNNING.value})

    def advance(self, identity: str, progress: Progress, base: str | None = None, head: str | None = None) -> bool:
        """Tell how far a review is.

        Args:
            identity: the review.
            progress: its step and files.
            base, head: the commits that are compared, once they are known.

        Returns:
            Whether it is still wanted.
        """
        values: dict[str, object] = {
            "step": progress.step,
            "files_done": progress.files_done,
            "files_total": progress.files_total,
        }
        if head is not None:
            values |= {"base": base, "head": head}
        return self._change(identity, "progress", dict(values), values)

    def is_wanted(self, identity: str) -> bool:
        """Whether a review is neither finished nor given up."""
        query = select(_REVIEW.c.state).where(self._own, _REVIEW.c.id == identity)
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one_or_none() in _UNFINISHED

    def draft(self, identity: str, report: Report) -> bool:
        """Keep a report that is not the last word yet.

        Returns:
            Whether the review is still wanted.
        """
        mine = and_(self._own, _REVIEW.c.id == identity, _REVIEW.c.state.in_(_UNFINISHED))
        with writing(self._engine) as connection:
            changed = connection.execute(
                update(_REVIEW).where(mine).values(report=to_json(report, indent=None)).returning(_REVIEW.c.number)
            )
            return changed.scalar_one_or_none() is not None

    def posted(self, identity: str, outcome: Mapping[str, Any]) -> None:
        """Tell what became of posting the report of a finished review."""
        now = datetime.now(UTC)
        mine = and_(self._own, _REVIEW.c.id == identity)
        with writing(self._engine) as connection:
            number = connection.execute(
                update(_REVIEW).where(mine).values(posted=json.dumps(dict(outcome))).returning(_REVIEW.c.number)
            ).scalar_one_or_none()
            if number is not None:
                _tell(connection, self.tenant, number, "posted", outcome, at=now)

    def finish(self, identity: str, state: State, report: Report) -> bool:
        """Keep the report of a review, and which findings it told.

        Returns:
            Whether it was kept: not where the review was given up, or has a report already.
        """
        now = datetime.now(UTC)
        with writing(self._engine) as connection:
            number = connection.execute(
                update(_REVIEW)
                .where(self._own, _REVIEW.c.id == identity, _REVIEW.c.state.in_(_UNFINISHED))
                .values(
                    state=state.value,
                    report=to_json(report, indent=None),
                    status=report.status,
                    verdict=report.verdict,
                    base=report.base,
                    head=report.head,
                    finished_at=now,
                )
                .returning(_REVIEW.c.number)
            ).scalar_one_or_none()
            if number is None:
                return False
            self._keep_findings(connection, identity, report, now)
            data = {"state": state.value, "status": report.status, "verdict": report.verdict}
            _tell(connection, self.tenant, number, "state", data, at=now)
        return True

    def _keep_findings(self, connection: Connection, identity: str, report: Report, now: datetime) -> None:
        table = tables.finding
        rows = {
            item.id: {
                "tenant": self.tenant,
                "id": item.id,
                "repository": (report.repository or "")[:512],
                "rule": item.rule,
                "pattern": item.patterns[0].id if item.patterns else "",
                "path": item.path.encode("utf-8", "backslashreplace").decode(),
                "review": identity,
                "seen_at": now,
            }
            for item in report.findings
        }
        if not rows:
            return
        # Reviews of one repository may finish at the same time with the same findings: one takes the other's row, and
        # all take them in the same order.
        names = sorted(rows)
        for start in range(0, len(names), 500):
            put(connection, table, [rows[name] for name in names[start : start + 500]])

    def cancel(self, identity: str, actor: str) -> bool:
        """Give a review up, at a client's wish.

        Returns:
            Whether it was unfinished until now.

        Raises:
            NotFoundError: the tenant has none of this id.
        """
        now = datetime.now(UTC)
        values = {"state": State.CANCELLED.value, "finished_at": now}
        if self._change(identity, "state", {"state": State.CANCELLED.value}, values, done_by=(actor, "review.cancel")):
            return True
        self.get(identity)
        return False

    def will_be_posted(self, identity: str) -> bool:
        """Whether a finished review is still to be posted."""
        record = self.get(identity)
        return record.state in (State.DONE, State.FAILED) and record.request.post_to is not None and not record.posted

    def events(self, identity: str, after: int, limit: int = 200) -> tuple[State, Sequence[ReviewEvent]]:
        """What has happened to a review since an event, the oldest first, and how far it is.

        Raises:
            NotFoundError: the tenant has none of this id.
        """
        table = tables.review_event
        with reading(self._engine) as connection:
            query = select(_REVIEW.c.number, _REVIEW.c.state).where(self._own, _REVIEW.c.id == identity)
            row = _found(connection.execute(query).one_or_none(), identity)
            found = connection.execute(
                select(table)
                .where(table.c.review == row.number, table.c.number > after)
                .order_by(table.c.number)
                .limit(limit)
            ).all()
        return State(row.state), [ReviewEvent(one.number, one.kind, one.at, json.loads(one.data)) for one in found]

    def _change(
        self,
        identity: str,
        kind: str,
        data: Mapping[str, Any],
        values: Mapping[str, object],
        *,
        done_by: tuple[str, str] | None = None,
    ) -> bool:
        """Change a review that is not finished, and tell it. The row is locked before the event gets its number.

        Args:
            identity: the review.
            kind, data: of the event.
            values: new ones of columns.
            done_by: who does what, for the audit log; None for the service itself.
        """
        now = datetime.now(UTC)
        starts = values.get("state") == State.RUNNING.value
        with writing(self._engine) as connection:
            mine = and_(self._own, _REVIEW.c.id == identity, _REVIEW.c.state.in_(_UNFINISHED))
            number = connection.execute(
                update(_REVIEW).where(mine).values(**values).returning(_REVIEW.c.number)
            ).scalar_one_or_none()
            if number is None:
                return False
            if starts:
                connection.execute(
                    update(_REVIEW)
                    .where(_REVIEW.c.number == number, _REVIEW.c.started_at.is_(None))
                    .values(started_at=now)
                )
            _tell(connection, self.tenant, number, kind, data, at=now)
            if done_by is not None:
                audit(connection, self.tenant, *done_by, identity)
        return True


def _succession(request: ReviewRequest) -> str | None:
    """A short name for the line of requests: an index of PostgreSQL takes no more than 2,700 bytes of a row."""
    named = request.succession
    return None if named is None else hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()


def _tell(
    connection: Connection, tenant: str, review: int, kind: str, data: Mapping[str, Any], *, at: datetime
) -> None:
    connection.execute(
        insert(tables.review_event).values(tenant=tenant, review=review, kind=kind, data=json.dumps(data), at=at)
    )


def _found(row: R | None, identity: str) -> R:
    if row is None:
        raise NotFoundError(f"there is no review {identity[:40]!r}; GET /v1/reviews lists them")
    return row


def _record(row: Any) -> ReviewRecord:
    return ReviewRecord(
        number=row.number,
        id=row.id,
        tenant=row.tenant,
        state=State(row.state),
        request=read_request(row.request, row.tenant),
        created_at=row.created_at,
        progress=Progress(row.step, row.files_done, row.files_total),
        status=row.status,
        verdict=row.verdict,
        base=row.base,
        head=row.head,
        superseded_by=row.superseded_by,
        started_at=row.started_at,
        finished_at=row.finished_at,
        posted=None if row.posted is None else json.loads(row.posted),
    )
