"""What a worker does every few seconds beside its jobs: give a sign of life, and pick up what others have dropped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from reviewer.domain.service import ServiceSettings
from reviewer.errors import ReviewerError
from reviewer.jobs.client import JobClient
from reviewer.jobs.queues import VERSION
from reviewer.jobs.sweep import Sweep
from reviewer.stores.database.database import Database
from reviewer.stores.database.retention import delete_finished
from reviewer.telemetry.log import logger
from reviewer.telemetry.metric import Metrics

_TIDY = 500
_KEPT = timedelta(days=7)
_JOBS = 1000
"""How many turns apart, how old, and how many at once, finished jobs are taken out; reviews and reports stay."""
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
        self._silence = timedelta(seconds=settings.silence_seconds)
        self._sweep = Sweep(database, client, metrics)
        self._has_more = False
        self._is_untidy = False
        self._ended = threading.Event()

    def run(self) -> None:
        """Go round until `stop`."""
        turns = 0
        while not self._ended.wait(self._settings.heartbeat_seconds):
            for part in self._due(turns):
                try:
                    part()
                except ReviewerError as error:
                    _log.warning("round_failed", part=part.__name__, reason=str(error))
                except Exception:  # noqa: BLE001 (without signs of life, others would take over what is being done here)
                    _log.exception("round_failed", part=part.__name__)
            turns += 1

    def _due(self, turns: int) -> Iterator[Callable[[], object]]:
        """What is to be done in a turn, the sign of life first."""
        yield self.beat
        yield self.take_over
        if turns % 4 == 0:
            yield self.sweep
            yield self.find_lost
        if self._is_untidy or turns % _TIDY == 0:
            yield self.tidy
        if self._has_more or turns % _EXPIRE == 0:
            yield self.expire

    def beat(self) -> None:
        """Give a sign of life."""
        self._database.executors.beat(self._executor, VERSION)

    def take_over(self) -> None:
        """Have the jobs of processes that have fallen silent done by others."""
        for dead in self._database.executors.claim_silent(self._executor, self._silence):
            self._database.leases.release(dead)
            resumed = self._client.resume(dead)
            self._database.executors.forget(dead, by=self._executor)
            _log.warning("executor_silent", executor=dead, resumed=resumed)

    def find_lost(self) -> None:
        """Have the jobs of processes taken over that nobody knows.

        One that counted as dead and was not is struck off the list, and may die before its next sign of life.
        """
        lost = self._database.executors.add_lost(self._client.holders(datetime.now(UTC) - self._silence))
        if lost:
            _log.warning("executors_lost", executors=lost)

    def sweep(self) -> None:
        """Pick up what was dropped."""
        self._sweep.run()

    def tidy(self) -> None:
        """Take out some of the jobs that were finished long ago; each review had up to four."""
        self._is_untidy = False  # should this fail, it is tried again with the usual patience
        self._is_untidy = self._client.tidy(datetime.now(UTC) - _KEPT, _JOBS) >= _JOBS

    def expire(self) -> bool:
        """Delete some of what was kept long enough; whether there may be more of it.

        Small portions, since SQLite has one writer at a time, and each is a transaction that others wait for.
        """
        days = self._settings.keep_days
        if not days:
            return False
        self._has_more = False  # should this fail, it is tried again with the usual patience
        deleted = delete_finished(self._database.engine, datetime.now(UTC) - timedelta(days=days), _PORTION)
        self._has_more = deleted >= _PORTION
        return self._has_more

    def stop(self) -> None:
        """End; no more signs of life are given."""
        self._ended.set()
        self.join(10)
