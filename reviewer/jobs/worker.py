"""Starts what works on jobs in this process, and ends it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from reviewer.domain.service import ServiceSettings
from reviewer.errors import StoreError
from reviewer.jobs.apart import ProcessPool, warm
from reviewer.jobs.client import JobClient
from reviewer.jobs.deployment import DeploymentSteps
from reviewer.jobs.events import EventSteps
from reviewer.jobs.executor import ExecutorSlot
from reviewer.jobs.inputs import AnalysisInputs
from reviewer.jobs.lessons import LessonSteps
from reviewer.jobs.posting import PostSteps
from reviewer.jobs.queues import APPLICATION, COMMANDS, DEPLOYMENTS, EVENTS, FORGES, LESSONS, MODELS, REVIEWS, VERSION
from reviewer.jobs.round import Round
from reviewer.jobs.steps import ReviewSteps
from reviewer.jobs.workflow import register
from reviewer.stores.database.database import Database
from reviewer.stores.database.engine import told
from reviewer.telemetry.observation import Observation

if TYPE_CHECKING:
    from reviewer.ports import CodeHosts, Credentials, Poster
    from reviewer.posting.gate import GatePolicy


_COMMANDS = 2
"""Commands of people that are carried out at once."""
_SPARE = 8
"""Threads beside those of the five queues that take as much as is in hand: for the others, and for DBOS itself."""


def threads_of(settings: ServiceSettings) -> int:
    """How many threads the jobs of a process may want at once: a review keeps its own while its parts are done."""
    return 5 * settings.in_hand + _SPARE


class Worker:
    """Works on jobs until `stop`. One a process: DBOS knows no more.

    Args:
        settings: of the service.
        database: of the service, its tables made.
        client: of the jobs, their tables made.
        jobs_url: where the jobs are.
        observation: where this process tells of itself.
        processes: that work out what takes all of a processor.
        poster: posts reports.
        credentials: for repositories that are not open to all.
        hosts: the forges, for what they tell.
        policy: of deployments.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        database: Database,
        client: JobClient,
        jobs_url: str,
        observation: Observation,
        *,
        processes: ProcessPool,
        poster: Poster,
        credentials: Credentials,
        hosts: CodeHosts,
        policy: GatePolicy,
    ) -> None:
        self._settings = settings
        self._database = database
        self._jobs_url = jobs_url
        self._slot = ExecutorSlot(settings.folder)
        inputs = AnalysisInputs(settings, database, credentials)
        metrics = observation.metrics
        self._steps = ReviewSteps(settings, database, observation, inputs, processes)
        self._posts = PostSteps(
            settings, database, observation, inputs, processes, poster=poster, executor=self._slot.id
        )
        self._lessons = LessonSteps(settings, database, observation, inputs, processes)
        self._deployments = DeploymentSteps(database, hosts, policy, metrics)
        self._events = EventSteps(
            settings.repositories, database, client, self._posts, self._deployments, hosts=hosts, metrics=metrics
        )
        self.round = Round(settings, database, client, self._slot.id, metrics)

    @property
    def id(self) -> str:
        """The name of this process among the workers."""
        return self._slot.id

    def start(self) -> None:
        """Begin.

        Raises:
            StoreError: the database failed.
        """
        warm()
        # Before anything of an earlier life of this name is begun again, so that nobody else takes it over meanwhile.
        self._database.executors.beat(self._slot.id, VERSION)
        self._database.leases.release(self._slot.id)
        with told():
            self._launch()
        self.round.start()

    def _launch(self) -> None:
        from dbos import DBOS, DBOSPortableJSONSerializer  # noqa: PLC0415 (half a second)

        register(
            self._steps,
            self._posts,
            self._lessons,
            self._events,
            self._deployments,
            moment=self._settings.poll_seconds,
        )
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": self._jobs_url,
                "application_version": VERSION,
                "executor_id": self._slot.id,
                "serializer": DBOSPortableJSONSerializer(),
                "log_level": "WARNING",
                "run_migrations": False,
                "max_executor_threads": threads_of(self._settings),
            }
        )
        DBOS.launch()
        limits = self._settings
        DBOS.register_queue(REVIEWS, worker_concurrency=limits.in_hand, polling_interval_sec=limits.poll_seconds)
        DBOS.register_queue(LESSONS, worker_concurrency=1, polling_interval_sec=1.0)
        DBOS.register_queue(
            MODELS,
            partition_concurrency=limits.model_concurrency,
            worker_concurrency=limits.in_hand,
            polling_interval_sec=limits.poll_seconds,
        )
        DBOS.register_queue(
            FORGES,
            partition_concurrency=limits.forge_concurrency,
            worker_concurrency=limits.in_hand,
            polling_interval_sec=limits.poll_seconds,
        )
        for queue in (EVENTS, DEPLOYMENTS):
            DBOS.register_queue(queue, worker_concurrency=limits.in_hand, polling_interval_sec=limits.poll_seconds)
        DBOS.register_queue(COMMANDS, worker_concurrency=_COMMANDS, polling_interval_sec=limits.poll_seconds)

    def stop(self, patience: int = 0) -> None:
        """End; what is not done is begun again at once, by others or by the next process of this name.

        Args:
            patience: seconds to wait for what is begun.
        """
        from dbos import DBOS  # noqa: PLC0415 (half a second)

        self.round.stop()
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=patience)
        with contextlib.suppress(StoreError):  # then they wait until it counts as silent
            self._database.executors.retire(self._slot.id)
        self._slot.release()
