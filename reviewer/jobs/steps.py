"""The steps of a review. Each may run more than once, and does the same again: a worker may die at any moment of it."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from collections.abc import Callable
from typing import Any

from reviewer.domain.report import Report, parse_report
from reviewer.domain.request import Progress, State
from reviewer.domain.service import ServiceSettings
from reviewer.errors import ReviewerError, StoreError
from reviewer.jobs.analysis import Analysis, analyse
from reviewer.jobs.apart import NotWantedError, ProcessPool
from reviewer.jobs.failure import failed_report, with_note, with_part_missing
from reviewer.jobs.inputs import AnalysisInputs
from reviewer.jobs.models import OFFLINE, allowed_model
from reviewer.jobs.outcome import Outcome, passes, wait_of
from reviewer.jobs.source import host_of, posting_of
from reviewer.stores.database.database import Database
from reviewer.stores.database.reviews import Reviews
from reviewer.telemetry.log import logger
from reviewer.telemetry.observation import Observation

_MOMENT = 1.0
"""Seconds between two questions whether a review is still wanted."""
_log = logger("reviewer.jobs")


class ReviewSteps:
    """The steps of reviews.

    Args:
        settings: of the service.
        database: where reviews are kept.
        observation: where the process tells of itself.
        inputs: of the analyses.
        processes: that analyse.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        database: Database,
        observation: Observation,
        inputs: AnalysisInputs,
        processes: ProcessPool,
    ) -> None:
        self._settings = settings
        self._database = database
        self._observation = observation
        self._inputs = inputs
        self._processes = processes
        self._processors = threading.Semaphore(settings.concurrency)

    def start(self, tenant: str, identity: str) -> Outcome:
        """Mark the review as begun, and tell under whose limits its parts come.

        Returns:
            "host": the host that is fetched from, None for none; "post": as `posting_of`.
        """
        reviews = self._database.reviews(tenant)
        if not reviews.start(identity):
            return {"ended": True}
        request = reviews.get(identity).request
        return {"host": host_of(request.repository), "post": posting_of(request)}

    def fetch(self, tenant: str, identity: str, last: bool = True) -> Outcome:
        """Find the repository, or bring it here.

        Args:
            tenant: whose review it is.
            identity: the review.
            last: a failure that may pass is one all the same; else the answer is "again" with seconds to wait.
        """

        def work(reviews: Reviews) -> Outcome:
            located = self._inputs.sources.locate(reviews.request(identity))
            reviews.advance(identity, Progress("fetch"), located.base, located.head)
            return dataclasses.asdict(located)

        return self._guarded("fetch", tenant, identity, work, last=last)

    def analyse(self, tenant: str, identity: str, located: Outcome, last: bool = True) -> Outcome:
        """Review without a model, and keep the report as a draft; `last` as for `fetch`."""

        def work(reviews: Reviews) -> Outcome:
            analysis = self._inputs.of(reviews, identity, located)
            with self._processors:
                found = self._review(reviews, identity, "analyse", analysis)
            if found["unread"] is not None and not last:
                return {"again": wait_of()}
            request = reviews.get(identity).request
            chosen = allowed_model(request.model, found["model"], self._settings.models.allowed)
            report = _named(found["report"], identity)
            if chosen.note is not None:
                report = with_note(report, chosen.note)
            return {"model": chosen.name} if reviews.draft(identity, report) else {"ended": True}

        return self._guarded("analyse", tenant, identity, work, last=last)

    def explain(self, tenant: str, identity: str, located: Outcome, model: str, last: bool = True) -> Outcome:
        """Review again with a model; what is known of the files is not worked out again. `last` as for `fetch`."""

        def work(reviews: Reviews) -> Outcome:
            analysis = self._inputs.of(reviews, identity, located)
            _, draft = reviews.report(identity)
            if draft is None:
                return {"ended": True}
            first = parse_report(draft)
            if analysis.diff is None:
                # Branches may have moved since; what was analysed is what is explained.
                analysis = dataclasses.replace(analysis, base=first.base, head=first.head)
            analysis = dataclasses.replace(analysis, model=model)
            found = self._review(reviews, identity, "explain", analysis)
            if found["unread"] is not None and not last:
                return {"again": wait_of()}
            report = _with_time_of(first, _named(found["report"], identity))
            return {} if reviews.draft(identity, report) else {"ended": True}

        return self._guarded("explain", tenant, identity, work, last=last)

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

    def _review(self, reviews: Reviews, identity: str, step: str, analysis: Analysis) -> Outcome:
        wanted = Wanted(reviews, identity)

        def count(done: int, total: int) -> None:
            wanted.answer = reviews.advance(identity, Progress(step, done, total))

        seconds = self._settings.review_seconds
        found = self._processes.run(analyse, analysis, seconds, count=count, is_wanted=wanted.ask)
        if found["unread"] is not None:
            _log.warning("catalog_unread", review=identity, reason=found["unread"])
        return found

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


def _with_time_of(first: Report, report: Report) -> Report:
    """The same report with the time that the analysis took, and not what it took to remember it."""
    elapsed = {**report.usage.elapsed_ms, "analyse": first.usage.elapsed_ms.get("analyse", 0)}
    return dataclasses.replace(report, usage=dataclasses.replace(report.usage, elapsed_ms=elapsed))


def _named(report: dict[str, Any], identity: str) -> Report:
    return dataclasses.replace(parse_report(json.dumps(report)), id=identity)
