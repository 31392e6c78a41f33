"""Hands accepted work to the workers, whichever machine they are on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from reviewer.errors import StoreError
from reviewer.jobs.queues import (
    APPLICATION,
    ENDED,
    EVENT,
    FORGES,
    LEARN,
    LESSONS,
    POST,
    REVIEW,
    REVIEWS,
    VERSION,
    part_of,
    queue_of,
)
from reviewer.stores.database.engine import told
from reviewer.telemetry.log import logger

if TYPE_CHECKING:
    from dbos import DBOSClient, EnqueueOptions

    from reviewer.jobs.outcome import Outcome

_log = logger("reviewer.jobs")


class JobClient:
    """Hands work to the workers. Close it after use.

    What is handed over stands in the service's own tables before; where handing it over fails, or this process dies in
    between, the workers' sweep (`jobs.sweep`) hands it over again. The id of the work is the id of its job, so twice is
    once.

    Args:
        jobs_url: where the jobs are kept.
    """

    def __init__(self, jobs_url: str) -> None:
        from dbos import DBOSClient, DBOSPortableJSONSerializer  # noqa: PLC0415 (half a second)

        # JSON instead of pickles: who can write to the database shall not run code in the workers.
        self._client: DBOSClient = DBOSClient(
            system_database_url=jobs_url,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            retry_connection_errors=False,
            lazy=True,
        )

    def review(self, tenant: str, identity: str) -> None:
        """Have a review made."""
        self._enqueue(REVIEW, REVIEWS, tenant, identity)

    def post(self, tenant: str, identity: str, located: Outcome, partition: str) -> None:
        """Have the report of a finished review posted, whose own job has ended before it was.

        Args:
            tenant: whose review it is.
            identity: the review.
            located: where its change is, as the step of posting takes it.
            partition: under whose limits it comes.
        """
        self._enqueue(POST, FORGES, tenant, identity, located, job=part_of(identity, POST), partition=partition)

    def event(self, tenant: str, identity: str, kind: str) -> None:
        """Have an event of a forge acted on.

        Args:
            tenant: whom it is for.
            identity: the event.
            kind: name of its class.
        """
        self._enqueue(EVENT, queue_of(kind), tenant, identity)

    def learn(self, tenant: str, identity: str) -> None:
        """Have a post-mortem learned."""
        self._enqueue(LEARN, LESSONS, tenant, identity)

    def statuses(self, identities: list[str]) -> dict[str, str]:
        """How the jobs of some pieces of work stand, in the words of DBOS; those that are unknown are left out."""
        with told():
            found = self._client.list_workflows(workflow_ids=identities, load_input=False, load_output=False)
        return {one.workflow_id: one.status for one in found}

    def holders(self, before: datetime) -> set[str]:
        """The processes that have jobs which they began before a moment and have not ended."""
        with told():
            found = self._client.list_workflows(
                status="PENDING", dequeued_before=before.isoformat(), load_input=False, load_output=False, limit=10_000
            )
        return {one.executor_id for one in found if one.executor_id}

    def resume(self, executor: str) -> int:
        """Have the jobs that a dead process had begun done by others; how many there were."""
        with told():
            found = self._client.list_workflows(
                executor_id=executor, status="PENDING", load_input=False, load_output=False, limit=10_000
            )
            by_queue: dict[str | None, list[str]] = {}
            for one in found:
                by_queue.setdefault(one.queue_name, []).append(one.workflow_id)
            for queue, identities in by_queue.items():
                self._client.resume_workflows(identities, queue_name=queue)
        return len(found)

    def tidy(self, before: datetime, most: int) -> int:
        """Take out jobs that were finished before a moment; what they came to stands in the service's own tables.

        Returns:
            How many there were.
        """
        with told():
            found = self._client.list_workflows(
                status=list(ENDED),
                completed_before=before.isoformat(),
                limit=most,
                load_input=False,
                load_output=False,
            )
            if found:
                self._client.delete_workflows([one.workflow_id for one in found])
        return len(found)

    def check(self) -> None:
        """See that the jobs' database answers."""
        with told():
            self._client.check_connection()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.destroy()

    def _enqueue(
        self,
        workflow: str,
        queue: str,
        tenant: str,
        identity: str,
        *rest: Any,
        job: str | None = None,
        partition: str | None = None,
    ) -> None:
        options: EnqueueOptions = {
            "workflow_name": workflow,
            "queue_name": queue,
            "workflow_id": job or identity,
            "app_version": VERSION,
        }
        if partition is not None:
            options["queue_partition_key"] = partition
        try:
            with told():
                self._client.enqueue(options, tenant, identity, *rest)
        except StoreError as error:
            _log.warning("enqueue_failed", id=identity, reason=str(error))
