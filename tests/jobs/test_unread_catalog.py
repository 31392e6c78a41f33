"""The tenant's catalog cannot be read for a while: what was accepted waits for it, and nobody is told its address."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from reviewer.domain.report import parse_report
from reviewer.domain.request import ReviewRequest, State
from reviewer.domain.service import RepositoryPolicy, ServiceSettings
from reviewer.jobs.analysis import Analysis, analyse
from reviewer.jobs.inputs import AnalysisInputs
from reviewer.jobs.lessons import LessonSteps
from reviewer.jobs.source import Located
from reviewer.jobs.steps import ReviewSteps
from reviewer.jobs.unconnected import NoCredentials
from reviewer.service_wiring import Service, open_service
from reviewer.surfaces.api.app import create_app

DIFF = "--- a/a.py\n+++ b/a.py\n@@ -0,0 +1,2 @@\n+import requests\n+requests.get('http://x').json()['a']\n"
NOWHERE = dataclasses.asdict(Located())


@dataclass
class Place:
    """A service without workers, whose catalog is in the way of itself."""

    service: Service
    catalog: Path
    reviews: ReviewSteps
    lessons: LessonSteps

    def mend(self) -> None:
        """The catalog can be read again."""
        self.catalog.rmdir()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("REVIEWER_CACHE", "off")
    settings = ServiceSettings(f"sqlite:///{tmp_path / 's.db'}", tmp_path, RepositoryPolicy())
    catalog = tmp_path / "s-catalog-default.db"
    catalog.mkdir()
    with open_service(settings) as service:
        inputs = AnalysisInputs(settings, service.database, NoCredentials())
        parts = (settings, service.database, service.observation, inputs, service.processes)
        yield Place(service, catalog, ReviewSteps(*parts), LessonSteps(*parts))


def test_a_review_waits_for_the_catalog(place: Place) -> None:
    reviews = place.service.database.reviews("default")
    identity = reviews.accept(ReviewRequest(diff=DIFF, model="offline"), "test").id
    reviews.start(identity)
    assert place.reviews.analyse("default", identity, NOWHERE, False).keys() == {"again"}
    assert reviews.report(identity)[1] is None
    place.mend()
    assert place.reviews.analyse("default", identity, NOWHERE, False) == {"model": None}
    assert parse_report(reviews.report(identity)[1] or "").status == "complete"


def test_a_review_that_has_waited_long_enough_says_what_it_did_without(place: Place) -> None:
    reviews = place.service.database.reviews("default")
    identity = reviews.accept(ReviewRequest(diff=DIFF, model="offline"), "test").id
    reviews.start(identity)
    assert place.reviews.analyse("default", identity, NOWHERE, True) == {"model": None}
    text = reviews.report(identity)[1] or ""
    assert parse_report(text).status == "partial"
    assert "the catalog of the service could not be read" in text
    assert place.catalog.name not in text


def test_a_report_does_not_tell_where_the_database_is() -> None:
    found = analyse(
        Analysis(diff=DIFF, catalog="postgresql+psycopg://somebody:hunter2@127.0.0.1:1/inside"),
        lambda done, total: None,
    )
    told = str([one.reason for one in found["report"].coverage.not_checked])
    assert (found["report"].status, len(found["report"].coverage.not_checked)) == ("partial", 2)
    assert not [word for word in ("somebody", "hunter2", "127.0.0.1", "inside") if word in told]
    assert "hunter2" not in found["unread"]


def test_a_post_mortem_waits_for_the_catalog(place: Place) -> None:
    postmortems = place.service.database.postmortems("default")
    document = "# Shop down\n\n## Root cause\n\nA call without a timeout waited for ever.\n"
    identity = postmortems.accept("a.md", document, None, "test").id
    assert place.lessons.learn("default", identity, None, None, False).keys() == {"again"}
    assert postmortems.get(identity).state is State.QUEUED
    place.mend()
    assert place.lessons.learn("default", identity, None, None, False) == {}
    assert postmortems.get(identity).state is State.DONE


def test_who_looks_something_up_learns_that_it_is_no_fault_of_his(place: Place) -> None:
    client = TestClient(create_app(place.service, open_to_all=True), base_url="http://127.0.0.1")
    assert client.get("/v1/patterns", params={"q": "timeout"}).status_code == 503
