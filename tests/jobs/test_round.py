"""What a worker does beside its jobs: nothing that went wrong before keeps it from what is due now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dbos import DBOSClient
from sqlalchemy import create_engine, select, text, update

from reviewer.domain.event import Ping
from reviewer.domain.report import parse_report
from reviewer.domain.request import ReviewRequest, State
from reviewer.domain.service import RepositoryPolicy, ServiceSettings
from reviewer.jobs.client import JobClient
from reviewer.jobs.queues import prepare_jobs
from reviewer.jobs.round import Round
from reviewer.service_wiring import open_service, start_worker
from reviewer.stores.database import tables
from reviewer.stores.database.database import Database
from reviewer.stores.database.inbox import Delivery
from reviewer.telemetry.metric import Metrics, new_metrics
from tests.git_builder import GitBuilder
from tests.jobs.processes import wait_for
from tests.reports import a_report
from tests.surfaces.api.conftest import RecordingPoster, pull

PAST = timedelta(minutes=1)
PULL = ReviewRequest(repository="https://github.com/octo/shop", head="b" * 40, post_to=pull(7))


@dataclass
class Place:
    """A service of which only the round runs."""

    database: Database
    client: JobClient
    jobs_url: str
    metrics: Metrics
    round: Round

    def end(self, job: str, status: str = "ERROR") -> None:
        """A job ended without a result."""
        end_job(self.jobs_url, job, status)

    def age(self, identity: str) -> None:
        """A review is a minute older."""
        age_review(self.database, identity)

    def failed(self) -> float:
        """How many failed reviews were counted."""
        return self.metrics.registry.get_sample_value("reviewer_reviews_total", {"outcome": "failed"}) or 0.0


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    jobs = f"sqlite:///{tmp_path / 'jobs.db'}"
    prepare_jobs(jobs)
    settings = ServiceSettings(f"sqlite:///{tmp_path / 's.db'}", tmp_path, heartbeat_seconds=0.02)
    with closing(Database(settings.store)) as database, closing(JobClient(jobs)) as client:
        database.migrate()
        metrics = new_metrics()
        yield Place(database, client, jobs, metrics, Round(settings, database, client, "worker", metrics))


def end_job(jobs_url: str, job: str, status: str) -> None:
    client = DBOSClient(system_database_url=jobs_url)
    client.enqueue({"workflow_name": "any", "queue_name": "nobody", "workflow_id": job}, "default")
    client.destroy()
    engine = create_engine(jobs_url)
    with engine.begin() as connection:
        values = {"job": job, "status": status}
        connection.execute(text("UPDATE workflow_status SET status = :status WHERE workflow_uuid = :job"), values)
    engine.dispose()


def age_review(database: Database, identity: str) -> None:
    table = tables.review
    with database.engine.begin() as connection:
        mine = select(table.c.created_at, table.c.finished_at).where(table.c.id == identity)
        row = connection.execute(mine).one()
        older = {name: moment - PAST for name, moment in row._asdict().items() if moment is not None}
        connection.execute(update(table).where(table.c.id == identity).values(**older))


def test_a_review_whose_job_was_lost_is_counted_and_posted_as_not_reviewed(place: Place) -> None:
    reviews = place.database.reviews("default")
    identity = reviews.accept(PULL, "test").id
    place.end(identity)
    place.age(identity)
    place.round.sweep()
    assert reviews.get(identity).state is State.FAILED
    assert place.failed() == 1
    place.age(identity)
    place.round.sweep()
    assert place.client.statuses([f"{identity}-post"]) == {f"{identity}-post": "ENQUEUED"}
    place.round.sweep()
    assert (place.failed(), reviews.get(identity).posted) == (1, None)


def test_a_report_whose_posting_was_lost_says_so_and_is_not_waited_for_any_more(place: Place) -> None:
    reviews = place.database.reviews("default")
    identity = reviews.accept(PULL, "test").id
    reviews.finish(identity, State.DONE, a_report(identity))
    place.age(identity)
    for job in (identity, f"{identity}-post"):
        place.end(job)
    assert reviews.will_be_posted(identity)
    place.round.sweep()
    assert (reviews.get(identity).posted or {})["note"].startswith("not posted: its job ended without a result")
    assert not reviews.will_be_posted(identity)


@pytest.mark.parametrize("status", ["PENDING", "ENQUEUED"])
def test_a_report_that_is_being_posted_is_left_alone(place: Place, status: str) -> None:
    reviews = place.database.reviews("default")
    identity = reviews.accept(PULL, "test").id
    reviews.finish(identity, State.DONE, a_report(identity))
    silent = reviews.accept(ReviewRequest(diff='"post_to": null'), "test").id
    reviews.finish(silent, State.DONE, a_report(silent))
    for one in (identity, silent):
        place.age(one)
    place.end(identity, status)
    place.round.sweep()
    assert place.client.statuses([f"{identity}-post", f"{silent}-post"]) == {}
    assert reviews.get(identity).posted is None


def test_a_row_that_cannot_be_read_keeps_nothing_from_being_picked_up_and_the_worker_alive(place: Place) -> None:
    reviews = place.database.reviews("default")
    unreadable, other = (reviews.accept(ReviewRequest(diff=name), "test").id for name in ("x", "y"))
    event = place.database.inbox.receive(Delivery("github", ("id:1",), "ping"), "default", Ping())
    with place.database.engine.begin() as connection:
        table = tables.review
        of_later = '{"repository": null, "paths": [], "of_a_later_version": 1}'
        connection.execute(update(table).where(table.c.id == unreadable).values(request=of_later))
        connection.execute(update(tables.forge_event).values(created_at=datetime.now(UTC) - PAST))
    place.end(unreadable)
    for identity in (unreadable, other):
        place.age(identity)
    place.round.start()
    wait_for(lambda: place.client.statuses([other, str(event)]).keys() == {other, event}, 10)
    with place.database.engine.begin() as connection:
        connection.execute(tables.executor.delete())
    wait_for(lambda: place.database.executors.alive(timedelta(seconds=30)), 10)
    place.round.stop()


def test_jobs_that_ended_long_ago_go_until_none_is_left(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewer.jobs.round._JOBS", 2)
    for number in range(5):
        place.end(f"job-{number}", "SUCCESS")
    place.end("young", "SUCCESS")
    long_ago = int((datetime.now(UTC) - timedelta(days=8)).timestamp() * 1000)
    engine = create_engine(place.jobs_url)
    with engine.begin() as connection:
        old = {"at": long_ago}
        connection.execute(text("UPDATE workflow_status SET completed_at = :at WHERE workflow_uuid LIKE 'job-%'"), old)
    engine.dispose()
    place.round.start()
    names = [f"job-{number}" for number in range(5)]
    wait_for(lambda: not place.client.statuses(names), 10)
    place.round.stop()
    assert place.client.statuses(["young"])


@pytest.mark.parametrize(
    ("executor", "since", "status"),
    [
        ("gone", PAST, "ENQUEUED"),
        ("gone", timedelta(0), "PENDING"),
        ("alive", PAST, "PENDING"),
    ],
)
def test_the_jobs_of_a_process_that_nobody_knows_are_taken_over(
    place: Place, executor: str, since: timedelta, status: str
) -> None:
    place.database.executors.beat("alive", "1")
    place.end("job", "PENDING")
    begun = int((datetime.now(UTC) - since).timestamp() * 1000)
    engine = create_engine(place.jobs_url)
    with engine.begin() as connection:
        values = {"executor": executor, "begun": begun}
        connection.execute(
            text("UPDATE workflow_status SET executor_id = :executor, started_at_epoch_ms = :begun"), values
        )
    engine.dispose()
    place.round.find_lost()
    place.round.take_over()
    assert place.client.statuses(["job"]) == {"job": status}


def test_a_worker_posts_what_became_of_a_review_that_was_lost(tmp_path: Path) -> None:
    shop = GitBuilder(tmp_path / "repositories" / "shop")
    head = shop.commit({"app.py": "x = 1\n"})
    policy = RepositoryPolicy(paths=(shop.root.parent,))
    store = f"sqlite:///{tmp_path / 's.db'}"
    settings = ServiceSettings(store, tmp_path / "service", policy, poll_seconds=0.05, heartbeat_seconds=0.05)
    poster = RecordingPoster()
    with open_service(settings) as service:
        reviews = service.database.reviews("default")
        request = ReviewRequest(repository=str(shop.root), base=head, head=head, post_to=pull(7))
        identity = reviews.accept(request, "test").id
        end_job(service.jobs_url, identity, "ERROR")
        age_review(service.database, identity)
        worker = start_worker(service, poster=poster)
        wait_for(lambda: reviews.get(identity).state is State.FAILED)
        age_review(service.database, identity)
        wait_for(lambda: reviews.get(identity).posted)
        worker.stop()
        _, kept = reviews.report(identity)
    ((_, report, change),) = poster.posted
    assert (report.status, report.verdict, change) == ("failed", "block", None)
    assert report == parse_report(kept or "")
