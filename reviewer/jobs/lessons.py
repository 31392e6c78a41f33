"""The step that learns a post-mortem into the tenant's catalog."""

from __future__ import annotations

from reviewer.domain.service import ServiceSettings
from reviewer.jobs.steps import Outcome
from reviewer.stores.database.database import Database


class LessonSteps:
    """Learns post-mortems.

    Args:
        settings: of the service.
        database: where post-mortems are kept.
    """

    def __init__(self, settings: ServiceSettings, database: Database) -> None:
        self._settings = settings
        self._database = database

    def learn(self, tenant: str, identity: str) -> Outcome:
        """Learn one."""
        raise NotImplementedError((tenant, identity))
