"""What the people of one tenant have said of findings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Engine, insert, select

from reviewer.domain.catalog import Verdict
from reviewer.errors import NotFoundError
from reviewer.stores.database import tables
from reviewer.stores.database.audit import audit
from reviewer.stores.database.engine import reading, writing

_FEEDBACK = tables.feedback
_FINDING = tables.finding
UNSIGNED = ("reaction", "change")
"""What nobody has said in words; it takes back no waiver."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody says of a finding.

    Attributes:
        finding: its fingerprint.
        verdict: useful, wrong or waived.
        reason: in words; "" for none.
        expires: the last day on which a waiver holds; None for ever.
        repository: only of this one; None for wherever it was told.
    """

    finding: str
    verdict: Verdict
    reason: str = ""
    expires: date | None = None
    repository: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A finding that was told in a review.

    Attributes:
        id: its fingerprint.
        repository: of the review; "" where it had none.
        rule, pattern: what was met; "" for no pattern.
    """

    id: str
    repository: str
    rule: str
    pattern: str


@dataclass(frozen=True, slots=True)
class WaivedFinding:
    """A finding that somebody has accepted.

    Attributes:
        finding: its fingerprint.
        reason: why.
        until: the last day on which that holds; None for ever.
        said_by: who.
    """

    finding: str
    reason: str
    until: str | None
    said_by: str


class FeedbackStore:
    """What one tenant's people have said; no other's is seen through it.

    Args:
        engine: of the database.
        tenant: whose.
    """

    def __init__(self, engine: Engine, tenant: str) -> None:
        self._engine = engine
        self._tenant = tenant

    def add(self, feedback: Feedback, said_by: str) -> list[Told]:
        """Keep what somebody says.

        Returns:
            The findings that it is about.

        Raises:
            NotFoundError: no review of this tenant has told such a finding.
        """
        query = select(_FINDING).where(_FINDING.c.tenant == self._tenant, _FINDING.c.id == feedback.finding)
        if feedback.repository is not None:
            query = query.where(_FINDING.c.repository == feedback.repository)
        with writing(self._engine) as connection:
            found = connection.execute(query.order_by(_FINDING.c.repository).limit(100)).all()
            if not found:
                raise NotFoundError(f"no review has reported a finding {feedback.finding[:40]!r}")
            at = datetime.now(UTC)
            expires = None if feedback.expires is None else feedback.expires.isoformat()
            rows = [
                {
                    "tenant": self._tenant,
                    "finding": feedback.finding,
                    "repository": row.repository,
                    "verdict": feedback.verdict,
                    "reason": feedback.reason,
                    "expires": expires,
                    "said_by": said_by,
                    "at": at,
                }
                for row in found
            ]
            connection.execute(insert(_FEEDBACK), rows)
            audit(connection, self._tenant, said_by, f"finding.{feedback.verdict}", feedback.finding)
        return [Told(row.id, row.repository, row.rule, row.pattern) for row in found]

    def hear(self, feedback: Feedback, said_by: str) -> list[Told]:
        """Keep what a forge shows, unless the same is the last that was heard of the same one.

        Returns:
            The findings that it is about; none where it is no news, or no review has told such a finding.
        """
        query = (
            select(_FEEDBACK.c.verdict, _FEEDBACK.c.reason)
            .where(_FEEDBACK.c.tenant == self._tenant, _FEEDBACK.c.finding == feedback.finding)
            .where(_FEEDBACK.c.repository == feedback.repository, _FEEDBACK.c.said_by == said_by)
            .order_by(_FEEDBACK.c.number.desc())
            .limit(1)
        )
        with reading(self._engine) as connection:
            last = connection.execute(query).one_or_none()
        if last is not None and (last.verdict, last.reason) == (feedback.verdict, feedback.reason):
            return []
        try:
            return self.add(feedback, said_by)
        except NotFoundError:
            return []

    def waived(self, repository: str, today: date) -> list[WaivedFinding]:
        """Findings of a repository that are accepted today; what was said last counts."""
        query = (
            select(_FEEDBACK)
            .where(_FEEDBACK.c.tenant == self._tenant, _FEEDBACK.c.repository == repository)
            .where(_FEEDBACK.c.said_by.not_in(UNSIGNED))
            .order_by(_FEEDBACK.c.number)
        )
        with reading(self._engine) as connection:
            last = {row.finding: row for row in connection.execute(query)}
        return [
            WaivedFinding(row.finding, row.reason, row.expires, row.said_by)
            for row in last.values()
            if row.verdict == "waived" and (row.expires is None or row.expires >= today.isoformat())
        ]
