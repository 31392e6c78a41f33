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
    from reviewer.jobs.client import JobClient
    from reviewer.jobs.worker import Worker
    from reviewer.ports import Credentials, Poster
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
    """

    settings: ServiceSettings
    database: Database
    catalogs: Catalogs
    jobs: JobClient
    jobs_url: str
    version: str
    observation: Observation


def usual_folder() -> Path:
    """Where the service keeps its things where nobody said where."""
    from platformdirs import user_data_path  # noqa: PLC0415 (start-up)

    return user_data_path("reviewer", appauthor=False)


def usual_store(folder: Path) -> str:
    """The store where nobody named one: a file in the user's data directory."""
    return f"sqlite:///{folder / 'service.db'}"


@contextmanager
def open_service(settings: ServiceSettings) -> Iterator[Service]:
    """Open the service, its tables brought to what this version knows.

    Raises:
        UsageError: the store's URL means nothing.
        StoreError: the database cannot be had.
    """
    from reviewer.jobs.client import JobClient  # noqa: PLC0415 (heavy, and an extra)
    from reviewer.jobs.queues import prepare_jobs  # noqa: PLC0415
    from reviewer.stores.database.catalogs import Catalogs  # noqa: PLC0415
    from reviewer.stores.database.database import DEFAULT_TENANT, Database  # noqa: PLC0415
    from reviewer.stores.database.engine import jobs_url, told  # noqa: PLC0415
    from reviewer.telemetry.metric import new_metrics  # noqa: PLC0415
    from reviewer.telemetry.observation import Observation  # noqa: PLC0415
    from reviewer.telemetry.span import open_tracer  # noqa: PLC0415

    database = Database(settings.store)
    try:
        version = database.migrate()
        place = jobs_url(database.url)
        with told():
            prepare_jobs(place)
        catalogs = Catalogs(settings.store)
        catalogs.make(DEFAULT_TENANT)
        jobs = JobClient(place)
        tracer = open_tracer("reviewer", __version__)
        try:
            yield Service(settings, database, catalogs, jobs, place, version, Observation(new_metrics(), tracer))
        finally:
            tracer.close()
            jobs.close()
    finally:
        database.close()


def start_worker(service: Service, *, poster: Poster | None = None, credentials: Credentials | None = None) -> Worker:
    """Begin to work on jobs in this process; stop it after use.

    Args:
        service: the service.
        poster: posts reports; None for nowhere.
        credentials: for repositories that are not open to all; None for none.

    Raises:
        StoreError: the database failed.
    """
    from reviewer.jobs.unconnected import NoCredentials, NoPoster  # noqa: PLC0415 (heavy)
    from reviewer.jobs.worker import Worker  # noqa: PLC0415

    worker = Worker(
        service.settings,
        service.database,
        service.jobs,
        service.jobs_url,
        service.observation,
        poster=poster or NoPoster(),
        credentials=credentials or NoCredentials(),
    )
    worker.start()
    return worker
