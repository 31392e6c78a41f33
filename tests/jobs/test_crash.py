"""A worker is killed in the middle of a review, and the review is made all the same: once, and like any other."""

from __future__ import annotations

import uuid
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reviewer.domain.report import parse_report
from reviewer.domain.request import Progress, ReviewRequest, State
from reviewer.stores.database.database import Database
from tests.git_builder import GitBuilder
from tests.jobs.processes import ROOT, Running, ended, start, wait_for
from tests.stores import postgres

FILES = 5
"""So many that an analysis takes a moment longer than it takes to kill a worker."""


@pytest.fixture
def shop(tmp_path: Path) -> GitBuilder:
    """A repository whose branch adds some files of a few hundred lines."""
    builder = GitBuilder(tmp_path / "repositories" / "shop")
    builder.commit({"app.py": "x = 1\n"})
    builder.git("checkout", "-q", "-b", "feature")
    text = (ROOT / "reviewer/diff/worktree.py").read_text(encoding="utf-8")
    builder.commit({f"part_{number}.py": text for number in range(FILES)})
    return builder


def asked(shop: GitBuilder) -> dict[str, Any]:
    return {"repository": str(shop.root), "base": "main", "head": "feature", "model": "offline"}


def test_a_service_that_is_killed_goes_on_where_it_was(shop: GitBuilder, tmp_path: Path) -> None:
    folder = tmp_path / "service"
    options = ("--port", "0", "--no-auth", "--allow-path", str(shop.root.parent), "--concurrency", "2")
    first = start("serve", folder, *options)
    with ended([first]):
        identity = first.post("/v1/reviews", asked(shop))["id"]
        wait_for(lambda: first.get(f"/v1/reviews/{identity}")["progress"]["files_done"])
        assert first.get(f"/v1/reviews/{identity}")["state"] == "running"
        first.kill()
    second = start("serve", folder, *options)
    with ended([second]):
        again = second.post("/v1/reviews", asked(shop))["id"]
        reports = [wait_for(partial(finished, second, one)) for one in (identity, again)]
    assert [one["status"] for one in reports] == ["complete", "complete"]
    assert told(reports[0]) == told(reports[1])


def test_another_worker_takes_over_from_one_that_is_killed(
    shop: GitBuilder, tmp_path: Path, postgresql_server: str
) -> None:
    url = postgres.create_database(postgresql_server, f"crash_{uuid.uuid4().hex[:12]}")
    database = Database(url)
    database.migrate()
    reviews = database.reviews("default")
    identity = reviews.accept(ReviewRequest(repository=str(shop.root), base="main", head="feature"), "test").id
    options = ("--store", url, "--allow-path", str(shop.root.parent), "--heartbeat", "0.2", "--silence", "1.5")
    first = start("worker", tmp_path / "first", *options)
    with ended([first]):
        handed_over(url, identity)
        wait_for(lambda: reviews.get(identity).progress.files_done)
        first.kill()
    assert reviews.get(identity).state is State.RUNNING
    second = start("worker", tmp_path / "second", *options)
    with ended([second]):
        wait_for(lambda: reviews.get(identity).state.is_final)
    record, text = reviews.report(identity)
    assert (record.state, record.status) == (State.DONE, "complete")
    assert text is not None
    assert len(parse_report(text).coverage.not_checked) == 0
    assert record.progress == Progress("analyse", FILES, FILES)
    database.close()


def handed_over(url: str, identity: str) -> None:
    from reviewer.jobs.client import JobClient
    from reviewer.stores.database.engine import jobs_url, read_url

    client = JobClient(jobs_url(read_url(url)))
    client.review("default", identity)
    client.close()


def finished(service: Running, identity: str) -> dict[str, Any] | None:
    answer = service.get(f"/v1/reviews/{identity}")
    return answer if answer["state"] not in ("queued", "running") else None


def told(report: dict[str, Any]) -> dict[str, Any]:
    """What must be the same of two reviews of the same change."""
    kept = {key: report[key] for key in ("base", "head", "verdict", "coverage", "calls", "findings", "answers")}
    assert kept["findings"]
    return kept
