"""Picks up what was dropped: work that was accepted and has no job, and work whose job ended without a result."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from reviewer.domain.request import State
from reviewer.errors import StoreError
from reviewer.jobs.client import JobClient
from reviewer.jobs.conclusion import UNFINISHED_JOB, Conclusion, conclude
from reviewer.jobs.failure import failed_report, not_posted
from reviewer.jobs.outcome import Outcome
from reviewer.jobs.queues import ENDED, POST, part_of
from reviewer.jobs.source import Located, posting_of
from reviewer.stores.database.backlog import unfinished, unposted
from reviewer.stores.database.database import Database
from reviewer.stores.database.postmortems import unlearned
from reviewer.telemetry.log import logger
from reviewer.telemetry.metric import Metrics

_GRACE = timedelta(seconds=20)
"""How long work may be without a job before somebody else hands it over."""
_POSTABLE = timedelta(hours=6)
"""How long after its end a report may still be posted; nobody waits for it any more then."""
_log = logger("reviewer.jobs")


class Sweep:
    """Goes through all that is unfinished. Several workers may do so at once.

    Args:
        database: of the service.
        client: of the jobs.
        metrics: of this process.
    """

    def __init__(self, database: Database, client: JobClient, metrics: Metrics) -> None:
        self._database = database
        self._client = client
        self._metrics = metrics

    def run(self) -> None:
        """Hand over what was accepted and never was, and end what has a job that ended without a result.

        Raises:
            StoreError: the database failed.
        """
        now = datetime.now(UTC)
        before = now - _GRACE
        engine = self._database.engine
        self._each(list(unfinished(engine, before)), self._review)
        self._each(list(unposted(engine, now - _POSTABLE, before)), self._post)
        self._each(self._database.inbox.unfinished(before), self._event)
        self._each(unlearned(engine, before), self._postmortem)

    def _each(self, work: Sequence[tuple[str, str]], pick_up: Callable[[str, str, str | None], None]) -> None:
        for tenant, identity, status in self._left(work):
            try:
                pick_up(tenant, identity, status)
            except StoreError:
                raise
            except Exception:  # noqa: BLE001 (one that a later version has written keeps no other from being picked up)
                _log.exception("sweep_failed", id=identity)

    def _left(self, work: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, str | None]]:
        """Those whose job is unknown, or has ended."""
        statuses = self._client.statuses([identity for _, identity in work]) if work else {}
        for tenant, identity in work:
            status = statuses.get(identity)
            if status is None or status in ENDED:
                yield tenant, identity, status

    def _review(self, tenant: str, identity: str, status: str | None) -> None:
        if status is None:
            self._client.review(tenant, identity)
            return
        reviews = self._database.reviews(tenant)
        record = reviews.get(identity)
        report = failed_report(record, record.progress.step or "start", _reason(status))
        if reviews.finish(identity, State.FAILED, report):
            self._metrics.reviews.labels(report.status).inc()

    def _post(self, tenant: str, identity: str, status: str | None) -> None:
        """Have a report posted that its review's job left unposted; that it failed is told too."""
        job = part_of(identity, POST)
        posting = self._client.statuses([job]).get(job)
        reviews = self._database.reviews(tenant)
        if not reviews.will_be_posted(identity):  # it was posted after it was listed here, and before its job ended
            return
        if posting is None:
            record = reviews.get(identity)
            located: Outcome = dataclasses.asdict(Located(base=record.base, head=record.head))
            if record.status == "failed":
                located = {"failure": [record.progress.step or "start", "there is no change to place comments in"]}
            self._client.post(tenant, identity, located, posting_of(record.request) or "local")
        elif posting in ENDED:
            reviews.posted(identity, not_posted(_reason(posting)))

    def _event(self, tenant: str, identity: str, status: str | None) -> None:
        if status is None:
            self._client.event(tenant, identity, self._database.inbox.kind(identity))
            return
        conclude(self._database, self._metrics, identity, Conclusion(_reason(status), failed=UNFINISHED_JOB))

    def _postmortem(self, tenant: str, identity: str, status: str | None) -> None:
        if status is None:
            self._client.learn(tenant, identity)
            return
        self._database.postmortems(tenant).finish(identity, State.FAILED, {"failure": _reason(status)})


def _reason(status: str) -> str:
    return f"its job ended without a result ({status.lower()}); ask for it again"
