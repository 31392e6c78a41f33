"""The steps of a review. Each may run more than once, and does the same again: a worker may die at any moment of it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from reviewer.domain.change import Change
from reviewer.domain.report import Report, parse_report
from reviewer.domain.request import Posted, Progress, ReviewRecord, State
from reviewer.domain.service import ServiceSettings
from reviewer.errors import CatalogError, ReviewerError, StoreError
from reviewer.jobs.analysis import Analysis, analyse, change_of
from reviewer.jobs.apart import NotWantedError, ProcessPool
from reviewer.jobs.failure import failed_report, with_note, with_part_missing
from reviewer.jobs.hearing import keep_heard
from reviewer.jobs.models import OFFLINE, allowed_model
from reviewer.jobs.source import Located, Sources, host_of
from reviewer.ports import Credentials, Poster
from reviewer.stores.database.catalogs import Catalogs
from reviewer.stores.database.database import Database
from reviewer.stores.database.reviews import Reviews
from reviewer.telemetry.log import logger
from reviewer.telemetry.observation import Observation

Outcome = dict[str, Any]
"""What a step says to the next: JSON, with "failure" or "ended" where there is no next."""
_POSTING = timedelta(minutes=1)
"""For which one process posts alone on a pull request, at most."""
_MOMENT = 1.0
"""Seconds between two questions whether a review is still wanted."""
_PASSING = (429, 502, 503, 504)
_USUAL, _LONGEST = 2.0, 3600.0
"""Seconds to wait where the other side does not say how long, and at most."""
_log = logger("reviewer.jobs")


class ReviewSteps:
    """The steps of reviews.

    Args:
        settings: of the service.
        database: where reviews are kept.
        observation: where the process tells of itself.
        poster: posts reports.
        credentials: for repositories that are not open to all.
        processes: that analyse.
        executor: name of this process.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        database: Database,
        observation: Observation,
        poster: Poster,
        credentials: Credentials,
        *,
        processes: ProcessPool,
        executor: str,
    ) -> None:
        self._settings = settings
        self._database = database
        self._observation = observation
        self._poster = poster
        self._sources = Sources(settings, credentials)
        self._catalogs = Catalogs(settings.store)
        self._processes = processes
        self._executor = executor
        self._processors = threading.Semaphore(settings.concurrency)

    def start(self, tenant: str, identity: str) -> Outcome:
        """Mark the review as begun, and tell under whose limits its parts come.

        Returns:
            "host": the host that is fetched from, None for none; "post": where is posted to, None for nowhere.
        """
        reviews = self._database.reviews(tenant)
        if not reviews.start(identity):
            return {"ended": True}
        request = reviews.get(identity).request
        host = host_of(request.repository)
        return {"host": host, "post": None if request.post_to is None else host or "local"}

    def fetch(self, tenant: str, identity: str, last: bool = True) -> Outcome:
        """Find the repository, or bring it here.

        Args:
            tenant: whose review it is.
            identity: the review.
            last: a failure that may pass is one all the same; else the answer is "again" with seconds to wait.
        """

        def work(reviews: Reviews) -> Outcome:
            located = self._sources.locate(reviews.request(identity))
            reviews.advance(identity, Progress("fetch"), located.base, located.head)
            return dataclasses.asdict(located)

        return self._guarded("fetch", tenant, identity, work, last=last)

    def analyse(self, tenant: str, identity: str, located: Outcome) -> Outcome:
        """Review without a model, and keep the report as a draft."""

        def work(reviews: Reviews) -> Outcome:
            analysis = self._analysis(reviews, identity, located)
            with self._processors:
                found = self._review(reviews, identity, "analyse", analysis)
            request = reviews.get(identity).request
            chosen = allowed_model(request.model, found["model"], self._settings.models)
            report = _named(found["report"], identity)
            if chosen.note is not None:
                report = with_note(report, chosen.note)
            return {"model": chosen.name} if reviews.draft(identity, report) else {"ended": True}

        return self._guarded("analyse", tenant, identity, work)

    def explain(self, tenant: str, identity: str, located: Outcome, model: str) -> Outcome:
        """Review again with a model; what is known of the files is not worked out again."""

        def work(reviews: Reviews) -> Outcome:
            analysis = self._analysis(reviews, identity, located)
            _, draft = reviews.report(identity)
            if draft is None:
                return {"ended": True}
            first = parse_report(draft)
            if analysis.diff is None:
                # Branches may have moved since; what was analysed is what is explained.
                analysis = dataclasses.replace(analysis, base=first.base, head=first.head)
            analysis = dataclasses.replace(analysis, model=model)
            found = self._review(reviews, identity, "explain", analysis)
            report = _with_time_of(first, _named(found["report"], identity))
            return {} if reviews.draft(identity, report) else {"ended": True}

        return self._guarded("explain", tenant, identity, work)

    def finish(self, tenant: str, identity: str, failures: list[list[str]]) -> Outcome:
        """Make the draft the report; where there is none, a report that says what failed.

        Args:
            tenant: whose review it is.
            identity: the review.
            failures: parts that failed, with their reasons.
        """
        reviews = self._database.reviews(tenant)
        record, draft = reviews.report(identity)
        if record.state.is_final:
            return {} if record.state in (State.DONE, State.FAILED) else {"ended": True}
        if draft is None:
            part, reason = failures[0] if failures else ("analyse", "it left no report; start the review again")
            report = failed_report(record, part, reason)
        else:
            report = parse_report(draft)
            for part, reason in failures:
                report = with_part_missing(report, part, reason)
        kept = reviews.finish(identity, State.FAILED if report.status == "failed" else State.DONE, report)
        if kept:
            self._observation.metrics.reviews.labels(report.status).inc()
            if report.model != OFFLINE:
                self._observation.metrics.count_usage(report.model, report.usage)
        return {} if kept else {"ended": True}

    def post(self, tenant: str, identity: str, located: Outcome, last: bool = True) -> Outcome:
        """Post the report of a finished review, where that is asked for.

        Args:
            tenant: whose review it is.
            identity: the review.
            located: where the change is.
            last: as for `fetch`.
        """
        reviews = self._database.reviews(tenant)
        record, text = reviews.report(identity)
        if text is None or record.posted is not None:
            return {}
        try:
            change = None if located.get("failure") else change_of(self._analysis(reviews, identity, located))
            posted = self._post(record, text, change)
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
            reviews.posted(identity, {"failure": failure[1], "note": f"not posted: {failure[1]}"})
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
        change = None
        if record.status != "failed":
            located = self._sources.locate(record.request, Located(base=record.base, head=record.head))
            change = change_of(self._analysis(reviews, identity, dataclasses.asdict(located)))
        reviews.posted(identity, self._post(record, text, change).data())

    def _post(self, record: ReviewRecord, text: str, change: Change | None) -> Posted:
        report = parse_report(text)
        # Two that post on the same pull request at once would each find that nothing stands there yet.
        place = json.dumps(record.request.post_to, sort_keys=True)
        name = f"post {hashlib.sha256(place.encode()).hexdigest()}"
        with (
            self._database.leases.hold(name, _POSTING, self._executor),
            self._observation.step("post", record.request.trace, review=record.id, tenant=record.tenant),
        ):
            posted = self._poster.post(record.request, report, change)
        if posted.waived or posted.received:
            feedback = self._database.feedback(record.tenant)
            forge = str((record.request.post_to or {}).get("forge", "forge"))
            try:
                catalog = self._catalogs.place(record.tenant)
                keep_heard(feedback, catalog, (report.repository or "")[:512], forge, posted)
            except CatalogError as error:
                _log.warning("outcomes_not_kept", review=record.id, reason=str(error))
        return posted

    def _analysis(self, reviews: Reviews, identity: str, located: Outcome) -> Analysis:
        request = reviews.request(identity)
        # A step may run on another machine than the one before it.
        place = self._sources.locate(request, Located(**located))
        return Analysis(
            folder=place.folder,
            diff=request.diff,
            base=place.base,
            head=place.head,
            paths=request.paths,
            name=place.name,
            asked=request.model,
            catalog=self._catalogs.place(reviews.tenant),
            waived=self._waived(reviews.tenant, place.name or place.folder or ""),
            whole=request.is_first_deployment,
        )

    def _waived(self, tenant: str, repository: str) -> tuple[tuple[str, str, str | None, str], ...]:
        found = self._database.feedback(tenant).waived(repository[:512], datetime.now(UTC).date())
        return tuple((one.finding, one.reason, one.until, one.said_by) for one in found)

    def _review(self, reviews: Reviews, identity: str, step: str, analysis: Analysis) -> Outcome:
        wanted = Wanted(reviews, identity)

        def count(done: int, total: int) -> None:
            wanted.answer = reviews.advance(identity, Progress(step, done, total))

        seconds = self._settings.review_seconds
        return self._processes.run(analyse, analysis, seconds, count=count, is_wanted=wanted.ask)

    def _guarded(
        self, part: str, tenant: str, identity: str, work: Callable[[Reviews], Outcome], *, last: bool = True
    ) -> Outcome:
        """Run one part; whatever fails in it becomes a reason in the report.

        Raises:
            StoreError: the database is away; the step is worth repeating.
        """
        reviews = self._database.reviews(tenant)
        try:
            if not reviews.advance(identity, Progress(part)):
                return {"ended": True}
            trace = reviews.get(identity).request.trace
            with self._observation.step(part, trace, review=identity, tenant=tenant):
                try:
                    return work(reviews)
                except NotWantedError:
                    return {"ended": True}
        except StoreError:
            raise
        except ReviewerError as error:
            if not last and passes(error):
                return {"again": wait_of(error)}
            return {"failure": [part, str(error)]}
        except Exception as error:  # noqa: BLE001 (the boundary of a job: a fault of this program loses no review)
            _log.exception("step_failed", part=part, review=identity)
            return {"failure": [part, f"this is a bug in reviewer ({type(error).__name__}); please report it"]}


class Wanted:
    """Asks now and then whether a review is still wanted, and not more often."""

    def __init__(self, reviews: Reviews, identity: str) -> None:
        self._reviews = reviews
        self._identity = identity
        self._asked = time.monotonic()
        self.answer = True

    def ask(self) -> bool:
        """Whether it is, or was a moment ago."""
        if time.monotonic() - self._asked >= _MOMENT:
            self._asked = time.monotonic()
            self.answer = self._reviews.is_wanted(self._identity)
        return self.answer


def passes(error: ReviewerError) -> bool:
    """Whether an error is one of the other side that may be over in a while."""
    return error.http_status in _PASSING


def wait_of(error: ReviewerError) -> float:
    """Seconds until the next try: what the other side wants, within reason."""
    wanted = getattr(error, "after", None)
    return min(max(float(wanted), 1.0), _LONGEST) if isinstance(wanted, int | float) else _USUAL


def _with_time_of(first: Report, report: Report) -> Report:
    """The same report with the time that the analysis took, and not what it took to remember it."""
    elapsed = {**report.usage.elapsed_ms, "analyse": first.usage.elapsed_ms.get("analyse", 0)}
    return dataclasses.replace(report, usage=dataclasses.replace(report.usage, elapsed_ms=elapsed))


def _named(report: dict[str, Any], identity: str) -> Report:
    return dataclasses.replace(parse_report(json.dumps(report)), id=identity)
