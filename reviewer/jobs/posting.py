"""The steps that post a review. Each may run more than once; what stands on the forge stays as it is."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import threading
from datetime import timedelta

from reviewer.domain.change import Change
from reviewer.domain.report import Report, parse_report
from reviewer.domain.request import Posted, ReviewRecord
from reviewer.domain.service import ServiceSettings
from reviewer.errors import CatalogError, ReviewerError, StoreError
from reviewer.jobs.apart import ProcessPool
from reviewer.jobs.failure import not_posted
from reviewer.jobs.hearing import keep_heard
from reviewer.jobs.inputs import AnalysisInputs
from reviewer.jobs.outcome import Outcome, passes, wait_of
from reviewer.jobs.places import PlacesWanted, find_places, read_places
from reviewer.jobs.source import Located
from reviewer.ports import Poster
from reviewer.stores.database.database import Database
from reviewer.stores.database.reviews import Reviews
from reviewer.telemetry.log import logger
from reviewer.telemetry.observation import Observation

_POSTING = timedelta(minutes=10)
"""For which one process posts alone on a pull request, at most: a forge may have it wait for a minute, more than once.

For one that has died, the others let go."""
_PATIENCE = timedelta(minutes=2)
"""For which another one waits before it is tried again later."""
_log = logger("reviewer.jobs")


class PostSteps:
    """The steps of posting.

    Args:
        settings: of the service.
        database: where reviews are kept.
        observation: where the process tells of itself.
        inputs: of the analyses; the lines of comments are held against the same change.
        processes: that find those lines.
        poster: posts reports.
        executor: name of this process.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        database: Database,
        observation: Observation,
        inputs: AnalysisInputs,
        processes: ProcessPool,
        *,
        poster: Poster,
        executor: str,
    ) -> None:
        self._seconds = settings.review_seconds
        self._database = database
        self._observation = observation
        self._inputs = inputs
        self._processes = processes
        self._processors = threading.Semaphore(settings.concurrency)
        self._poster = poster
        self._executor = executor

    def post(self, tenant: str, identity: str, located: Outcome, last: bool = True) -> Outcome:
        """Post the report of a finished review, where that is asked for.

        Args:
            tenant: whose review it is.
            identity: the review.
            located: where the change is.
            last: as for `ReviewSteps.fetch`.
        """
        reviews = self._database.reviews(tenant)
        record, text = reviews.report(identity)
        if text is None or record.posted is not None:
            return {}
        try:
            report = parse_report(text)
            change = None if located.get("failure") else self._change(reviews, identity, located, report)
            posted = self._post(record, report, change, record.id)
        except ReviewerError as error:
            if isinstance(error, StoreError):
                raise
            if not last and passes(error):
                return {"again": wait_of(error)}
            return {"failure": ["post", str(error)]}
        reviews.posted(identity, posted.data())
        return {}

    def not_posted(self, tenant: str, identity: str, failure: list[str]) -> Outcome:
        """Keep why a report was not posted."""
        reviews = self._database.reviews(tenant)
        if reviews.get(identity).posted is None:
            reviews.posted(identity, not_posted(failure[1]))
        return {}

    def repost(self, tenant: str, identity: str) -> None:
        """Post a finished review once more: what people have said since counts, and what stands there stays.

        Raises:
            ReviewerError: it cannot be posted.
        """
        reviews = self._database.reviews(tenant)
        record, text = reviews.report(identity)
        if text is None or record.request.post_to is None:
            return
        report = parse_report(text)
        change = None
        if record.status != "failed":
            located = dataclasses.asdict(Located(base=record.base, head=record.head))
            change = self._change(reviews, identity, located, report)
        reviews.posted(identity, self._post(record, report, change).data())

    def _change(self, reviews: Reviews, identity: str, located: Outcome, report: Report) -> Change | None:
        """The lines that comments on the findings can stand on; None where there are no findings."""
        paths = frozenset(item.path for item in report.findings)
        if not paths:
            return None
        wanted = PlacesWanted(self._inputs.of(reviews, identity, located), paths)
        with self._processors:
            return read_places(self._processes.run(find_places, wanted, self._seconds))

    def _post(self, record: ReviewRecord, report: Report, change: Change | None, work: str | None = None) -> Posted:
        # Two that post on the same pull request at once would each find that nothing stands there yet.
        place = json.dumps(record.request.post_to, sort_keys=True)
        name = f"post {hashlib.sha256(place.encode()).hexdigest()}"
        with (
            self._database.leases.hold(name, _POSTING, self._executor, work=work, patience=_PATIENCE),
            self._observation.step("post", record.request.trace, review=record.id, tenant=record.tenant),
        ):
            posted = self._poster.post(record.request, report, change)
        if posted.waived or posted.received:
            feedback = self._database.feedback(record.tenant)
            forge = str((record.request.post_to or {}).get("forge", "forge"))
            try:
                catalog = self._inputs.catalogs.place(record.tenant)
                keep_heard(feedback, catalog, (report.repository or "")[:512], forge, posted)
            except CatalogError as error:
                _log.warning("outcomes_not_kept", review=record.id, reason=str(error))
        return posted
