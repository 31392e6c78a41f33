"""A part of a review that its workers died of is told, and the rest of the review stands."""

from __future__ import annotations

from pathlib import Path

from dbos import DBOSClient
from sqlalchemy import create_engine, text

from reviewer.domain.request import ReviewRequest, State
from reviewer.domain.service import RepositoryPolicy, ServiceSettings
from reviewer.jobs.queues import POST
from reviewer.service_wiring import Service, open_service, start_worker
from tests.git_builder import GitBuilder
from tests.jobs.processes import wait_for


def test_a_report_that_its_workers_died_of_posting_says_that_it_was_not_posted(tmp_path: Path) -> None:
    shop = GitBuilder(tmp_path / "repositories" / "shop")
    shop.commit({"app.py": "x = 1\n"})
    request = ReviewRequest(
        repository=str(shop.root), base="HEAD", head="HEAD", model="offline", post_to={"forge": "github"}
    )
    policy = RepositoryPolicy(paths=(shop.root.parent,))
    settings = ServiceSettings(f"sqlite:///{tmp_path / 's.db'}", tmp_path / "service", policy, poll_seconds=0.05)
    with open_service(settings) as service:
        reviews = service.database.reviews("default")
        identity = reviews.accept(request, "test").id
        give_up(service, f"{identity}-post")
        worker = start_worker(service)
        service.jobs.review("default", identity)
        posted = wait_for(lambda: reviews.get(identity).posted)
        worker.stop()
        assert reviews.get(identity).state is State.DONE
    assert posted["note"].startswith("not posted: its job ended without a result")


def give_up(service: Service, job: str) -> None:
    """Make a job one that was begun too often."""
    client = DBOSClient(system_database_url=service.jobs_url)
    client.enqueue({"workflow_name": POST, "queue_name": "nobody", "workflow_id": job}, "default")
    client.destroy()
    engine = create_engine(service.jobs_url)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE workflow_status SET status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED' WHERE workflow_uuid = :job"),
            {"job": job},
        )
    engine.dispose()
