"""What a worker does every few seconds beside its jobs: give a sign of life, and pick up what others have dropped."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import structlog

from reviewer.domain.request import State
from reviewer.domain.service import ServiceSettings
from reviewer.errors import ReviewerError
from reviewer.jobs.client import JobClient
from reviewer.jobs.failure import failed_report
from reviewer.jobs.queues import VERSION
from reviewer.stores.database.database import Database
from reviewer.stores.database.reviews import unfinished

_ENDED = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})
_GRACE = timedelta(seconds=20)
"""How long work may be without a job before somebody else hands it over."""
_log = structlog.get_logger()


class Round(threading.Thread):
    """A thread of its own, so that no analysis and no slow client holds it up.

    Args:
        settings: of the service.
        database: of the service.
        client: of the jobs.
        executor: name of this process.
    """

    def __init__(self, settings: ServiceSettings, database: Database, client: JobClient, executor: str) -> None:
        super().__init__(name="round", daemon=True)
        self._settings = settings
        self._database = database
        self._client = client
        self._executor = executor
        self._silence = timedelta(seconds=settings.silence_seconds)
        self._ended = threading.Event()

    def run(self) -> None:
        """Go round until `stop`."""
        turns = 0
        while not self._ended.wait(self._settings.heartbeat_seconds):
            try:
                self._database.executors.beat(self._executor, VERSION)
                self.take_over()
                if turns % 4 == 0:
                    self.sweep()
            except ReviewerError as error:
                _log.warning("round_failed", reason=str(error))
            turns += 1

    def take_over(self) -> None:
        """Have the jobs of processes that have fallen silent done by others."""
        for dead in self._database.executors.claim_silent(self._executor, self._silence):
            resumed = self._client.resume(dead)
            self._database.executors.forget(dead, by=self._executor)
            _log.warning("executor_silent", executor=dead, resumed=resumed)

    def sweep(self) -> None:
        """Hand over what was accepted and never was, and end what has a job that ended without a result."""
        left = list(unfinished(self._database.engine, datetime.now(UTC) - _GRACE))
        if not left:
            return
        statuses = self._client.statuses([identity for _, identity in left])
        for tenant, identity in left:
            status = statuses.get(identity)
            if status is None:
                self._client.review(tenant, identity)
            elif status in _ENDED:
                reviews = self._database.reviews(tenant)
                record = reviews.get(identity)
                reason = f"its job ended without a result ({status.lower()}); start the review again"
                reviews.finish(identity, State.FAILED, failed_report(record, record.progress.step or "start", reason))

    def stop(self) -> None:
        """End, and strike this process off the list: it leaves nothing behind that others must take over at once."""
        self._ended.set()
        self.join(10)
