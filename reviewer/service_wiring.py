"""Joins the parts of the service: its database, its jobs, its workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer import __version__
from reviewer.domain.service import ServiceSettings

if TYPE_CHECKING:
    from reviewer.forges.access import ForgeAccess
    from reviewer.forges.waiting import Waiting
    from reviewer.jobs.apart import ProcessPool
    from reviewer.jobs.client import JobClient
    from reviewer.jobs.redelivery import Redelivery
    from reviewer.jobs.worker import Worker
    from reviewer.ports import Credentials, Forge, Poster
    from reviewer.posting.gate import GatePolicy
    from reviewer.stores.database.catalogs import Catalogs
    from reviewer.stores.database.database import Database
    from reviewer.telemetry.observation import Observation


@dataclass(frozen=True, slots=True)
class Service:
    """The open parts of the service.

    Attributes:
        settings: of the one who runs it.
        database: what was asked and what came of it.
        catalogs: where the tenants' catalogs are.
        jobs: hands work to the workers.
        jobs_url: where the jobs are kept.
        version: of the tables.
        observation: where this process tells of itself.
        processes: that work out what takes all of a processor.
        access: to forges.
        credentials: for repositories that are not open to all, for who waits for an answer.
        policy: of deployments.
    """

    settings: ServiceSettings
    database: Database
    catalogs: Catalogs
    jobs: JobClient
    jobs_url: str
    version: str
    observation: Observation
    processes: ProcessPool
    access: ForgeAccess
    credentials: Credentials
    policy: GatePolicy


def usual_folder() -> Path:
    """Where the service keeps its things where nobody said where."""
    from platformdirs import user_data_path  # noqa: PLC0415 (start-up)

    return user_data_path("reviewer", appauthor=False)


def usual_store(folder: Path) -> str:
    """The store where nobody named one: a file in the user's data directory."""
    return f"sqlite:///{folder / 'service.db'}"


def usual_concurrency() -> int:
    """Reviews that are worked on at once where nobody said how many: one a processor that this process may use."""
    from reviewer.work.processors import count_processors  # noqa: PLC0415 (start-up)

    return count_processors()


@contextmanager
def open_service(
    settings: ServiceSettings, access: ForgeAccess | None = None, policy: GatePolicy | None = None
) -> Iterator[Service]:
    """Open the service, its tables brought to what this version knows.

    Args:
        settings: of the one who runs it.
        access: to forges; None for none.
        policy: of deployments; None for the usual one: what blocks or is not complete stops.

    Raises:
        UsageError: the store's URL means nothing.
        StoreError: the database cannot be had.
    """
    from reviewer.forges.access import ForgeAccess  # noqa: PLC0415 (start-up)
    from reviewer.forges.credentials import ForgeCredentials  # noqa: PLC0415
    from reviewer.forges.waiting import Waiting  # noqa: PLC0415
    from reviewer.jobs.apart import ProcessPool  # noqa: PLC0415 (start-up)
    from reviewer.jobs.client import JobClient  # noqa: PLC0415 (heavy, and an extra)
    from reviewer.jobs.queues import prepare_jobs  # noqa: PLC0415
    from reviewer.posting.gate import GatePolicy  # noqa: PLC0415
    from reviewer.stores.database.catalogs import Catalogs  # noqa: PLC0415
    from reviewer.stores.database.database import DEFAULT_TENANT, Database, check_tenant  # noqa: PLC0415
    from reviewer.stores.database.engine import jobs_url, told  # noqa: PLC0415
    from reviewer.telemetry.metric import new_metrics  # noqa: PLC0415
    from reviewer.telemetry.observation import Observation  # noqa: PLC0415
    from reviewer.telemetry.span import open_tracer  # noqa: PLC0415

    access = access or ForgeAccess()
    check_tenant(access.tenant)
    database = Database(settings.store)
    try:
        version = database.migrate()
        place = jobs_url(database.url)
        with told():
            prepare_jobs(place)
        catalogs = Catalogs(settings.store)
        for tenant in {DEFAULT_TENANT, access.tenant}:
            catalogs.make(tenant)
        jobs = JobClient(place)
        tracer = open_tracer("reviewer", __version__)
        processes = ProcessPool(settings.review_bytes, idle=settings.concurrency)
        try:
            yield Service(
                settings,
                database,
                catalogs,
                jobs,
                place,
                version,
                Observation(new_metrics(), tracer),
                processes,
                access,
                ForgeCredentials(access, waiting=Waiting(request=10.0, limit=5.0)),
                policy or GatePolicy(),
            )
        finally:
            processes.close()
            tracer.close()
            jobs.close()
    finally:
        database.close()


def start_worker(
    service: Service,
    *,
    poster: Poster | None = None,
    credentials: Credentials | None = None,
    waiting: Waiting | None = None,
) -> Worker:
    """Begin to work on jobs in this process; stop it after use.

    Args:
        service: the service.
        poster: posts reports; None for the forges that the service has access to.
        credentials: for repositories that are not open to all; None for those of the same forges.
        waiting: how patient requests to forges are; None for the usual patience.

    Raises:
        StoreError: the database failed.
    """
    from reviewer.forges.credentials import ForgeCredentials  # noqa: PLC0415 (heavy)
    from reviewer.forges.host import ForgeHosts  # noqa: PLC0415
    from reviewer.forges.poster import ForgePoster  # noqa: PLC0415
    from reviewer.jobs.unconnected import NoPoster  # noqa: PLC0415
    from reviewer.jobs.worker import Worker  # noqa: PLC0415
    from reviewer.telemetry.forge import ObservedForge  # noqa: PLC0415

    def observed(forge: Forge) -> Forge:
        return ObservedForge(forge, service.observation.metrics)

    access = service.access
    if poster is None:
        poster = ForgePoster(access, waiting=waiting, observed=observed) if access.is_given else NoPoster()
    worker = Worker(
        service.settings,
        service.database,
        service.jobs,
        service.jobs_url,
        service.observation,
        processes=service.processes,
        poster=poster,
        credentials=credentials or ForgeCredentials(access, waiting=waiting),
        hosts=ForgeHosts(access, waiting=waiting, observed=observed),
        policy=service.policy,
    )
    worker.start()
    return worker


def redelivery_of(service: Service, *, waiting: Waiting | None = None) -> Redelivery | None:
    """What asks again for webhooks that came while nobody listened; not begun yet.

    Args:
        service: the service.
        waiting: as for `start_worker`.

    Returns:
        None where no GitHub App is set up: a forge tells nobody else of its deliveries.
    """
    from reviewer.forges.access import AppKey  # noqa: PLC0415 (start-up)

    access = service.access
    if not isinstance(access.github, AppKey):
        return None
    from reviewer.forges.github_deliveries import GitHubDeliveries  # noqa: PLC0415 (heavy)
    from reviewer.jobs.redelivery import Redelivery  # noqa: PLC0415

    return Redelivery(
        GitHubDeliveries(access.github, access.github_api, waiting),
        service.database,
        access.tenant,
        service.observation.metrics,
        seconds=service.settings.redelivery_seconds,
    )
