"""From a review that was asked for to what an analysis is given."""

from __future__ import annotations

from datetime import UTC, datetime

from reviewer.domain.service import ServiceSettings
from reviewer.jobs.analysis import Analysis
from reviewer.jobs.outcome import Outcome
from reviewer.jobs.source import Located, Sources
from reviewer.ports import Credentials
from reviewer.stores.database.catalogs import Catalogs
from reviewer.stores.database.database import Database
from reviewer.stores.database.reviews import Reviews


class AnalysisInputs:
    """Gathers what analyses are given.

    Args:
        settings: of the service.
        database: where reviews are kept.
        credentials: for repositories that are not open to all.

    Attributes:
        sources: of the changes.
        catalogs: of the tenants.
    """

    def __init__(self, settings: ServiceSettings, database: Database, credentials: Credentials) -> None:
        self.sources = Sources(settings, credentials)
        self.catalogs = Catalogs(settings.store)
        self._database = database
        self._models = settings.models

    def of(self, reviews: Reviews, identity: str, located: Outcome) -> Analysis:
        """What is to be analysed for a review.

        Args:
            reviews: of the tenant.
            identity: the review.
            located: where its change was found.

        Raises:
            ReviewerError: the change cannot be had.
        """
        request = reviews.request(identity)
        # A step may run on another machine than the one before it.
        place = self.sources.locate(request, Located(**located))
        return Analysis(
            folder=place.folder,
            diff=request.diff,
            base=place.base,
            head=place.head,
            paths=request.paths,
            name=place.name,
            asked=request.model,
            catalog=self.catalogs.place(reviews.tenant),
            waived=self._waived(reviews.tenant, place.name or place.folder or ""),
            whole=request.is_first_deployment,
            models=self._models,
        )

    def _waived(self, tenant: str, repository: str) -> tuple[tuple[str, str, str | None, str], ...]:
        found = self._database.feedback(tenant).waived(repository[:512], datetime.now(UTC).date())
        return tuple((one.finding, one.reason, one.until, one.said_by) for one in found)
