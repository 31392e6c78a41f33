"""What a worker does every few seconds beside its jobs: give a sign of life, and pick up what others have dropped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from reviewer.domain.request import State
from reviewer.domain.service import ServiceSettings
from reviewer.errors import ReviewerError
from reviewer.jobs.client import JobClient
from reviewer.jobs.conclusion import UNFINISHED_JOB, Conclusion, conclude
from reviewer.jobs.failure import failed_report
from reviewer.jobs.queues import VERSION
from reviewer.stores.database.backlog import unfinished
from reviewer.stores.database.database import Database
from reviewer.stores.database.postmortems import unlearned
from reviewer.stores.database.retention import delete_finished
from reviewer.telemetry.log import logger
from reviewer.telemetry.metric import Metrics

_ENDED = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})
_GRACE = timedelta(seconds=20)
"""How long work may be without a job before somebody else hands it over."""
_TIDY = 500
_KEPT = timedelta(days=7)
"""How many turns apart, and how old, finished jobs are taken out; reviews and reports stay."""
_EXPIRE = 60
_PORTION = 200
"""How many turns apart, and how many at once, reviews that were kept long enough are deleted."""
_log = logger("reviewer.jobs")


class Round(threading.Thread):
    """A thread of its own, so that no analysis and no slow client holds it up.

    Args:
        settings: of the service.
        database: of the service.
        client: of the jobs.
        executor: name of this process.
        metrics: of this process.
    """

    def __init__(
        self, settings: ServiceSettings, database: Database, client: JobClient, executor: str, metrics: Metrics
    ) -> None:
        super().__init__(name="round", daemon=True)
        self._settings = settings
        self._database = database
        self._client = client
        self._executor = executor
        self._metrics = metrics
        self._silence = timedelta(seconds=settings.silence_seconds)
        self._ended = threading.Event()

    def run(self) -> None:
        """Go round until `stop`."""
        turns = 0
        more = False
        while not self._ended.wait(self._settings.heartbeat_seconds):
            try:
                self._database.executors.beat(self._executor, VERSION)
                self.take_over()
                if turns % 4 == 0:
                    self.sweep()
                if turns % _TIDY == 0:
                    self._client.tidy(datetime.now(UTC) - _KEPT)
                if more or turns % _EXPIRE == 0:
                    more = self.expire()
            except ReviewerError as error:
                _log.warning("round_failed", reason=str(error))
            turns += 1

    def take_over(self) -> None:
        """Have the jobs of processes that have fallen silent done by others."""
        for dead in self._database.executors.claim_silent(self._executor, self._silence):
            self._database.leases.release(dead)
            resumed = self._client.resume(dead)
            self._database.executors.forget(dead, by=self._executor)
            _log.warning("executor_silent", executor=dead, resumed=resumed)

    def sweep(self) -> None:
        """Hand over what was accepted and never was, and end what has a job that ended without a result."""
        before = datetime.now(UTC) - _GRACE
        for tenant, identity, status in self._left(list(unfinished(self._database.engine, before))):
            if status is None:
                self._client.review(tenant, identity)
                continue
            reviews = self._database.reviews(tenant)
            record = reviews.get(identity)
            report = failed_report(record, record.progress.step or "start", _reason(status))
            reviews.finish(identity, State.FAILED, report)
        for tenant, identity, status in self._left(list(self._database.inbox.unfinished(before))):
            if status is None:
                self._client.event(tenant, identity)
                continue
            lost = Conclusion(_reason(status), failed=UNFINISHED_JOB)
            conclude(self._database, self._metrics, identity, lost)
        for tenant, identity, status in self._left(unlearned(self._database.engine, before)):
            if status is None:
                self._client.learn(tenant, identity)
                continue
            self._database.postmortems(tenant).finish(identity, State.FAILED, {"failure": _reason(status)})

    def expire(self) -> bool:
        """Delete some of what was kept long enough; whether there may be more of it.

        Small portions, since SQLite has one writer at a time, and each is a transaction that others wait for.
        """
        days = self._settings.keep_days
        if not days:
            return False
        deleted = delete_finished(self._database.engine, datetime.now(UTC) - timedelta(days=days), _PORTION)
        return deleted >= _PORTION

    def _left(self, work: list[tuple[str, str]]) -> Iterator[tuple[str, str, str | None]]:
        """Those whose job is unknown, or has ended."""
        statuses = self._client.statuses([identity for _, identity in work]) if work else {}
        for tenant, identity in work:
            status = statuses.get(identity)
            if status is None or status in _ENDED:
                yield tenant, identity, status

    def stop(self) -> None:
        """End; no more signs of life are given."""
        self._ended.set()
        self.join(10)


def _reason(status: str) -> str:
    return f"its job ended without a result ({status.lower()}); ask for it again"
