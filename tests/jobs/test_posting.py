"""A review that was asked for over HTTP stands on the pull request, posted by the service as people run it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import select

from reviewer.domain.change import Change, ChangeKind, FileChange, Hunk
from reviewer.domain.posting import Placement
from reviewer.domain.report import Report, to_json
from reviewer.domain.request import Posted, ReviewRequest, State
from reviewer.domain.service import ServiceSettings
from reviewer.forges.waiting import Waiting
from reviewer.jobs import analysis
from reviewer.jobs.inputs import AnalysisInputs
from reviewer.jobs.places import read_places, write_places
from reviewer.jobs.posting import PostSteps
from reviewer.jobs.steps import ReviewSteps
from reviewer.jobs.unconnected import NoCredentials
from reviewer.ports import Poster
from reviewer.posting.window import place_lines
from reviewer.service_wiring import Service, open_service
from reviewer.stores.database.tables import lease
from tests.forges.github_standin import GitHubStandIn
from tests.git_builder import GitBuilder
from tests.jobs.processes import ended, start, wait_for
from tests.reports import a_finding, a_report
from tests.surfaces.api.conftest import RecordingPoster, pull

AFTER = "import requests\n\n\ndef fetch(url):\n    return requests.get(url).json()\n"


def test_a_review_is_posted_where_its_request_says(tmp_path: Path) -> None:
    shop = GitBuilder(tmp_path / "repositories" / "shop")
    shop.commit({"app.py": "import requests\n"})
    shop.git("checkout", "-q", "-b", "feature")
    shop.commit({"app.py": AFTER})
    head = shop.git("rev-parse", "HEAD").strip()
    with GitHubStandIn(head, shop.git("diff", "main", "feature")) as github:
        environment = {
            "REVIEWER_GITHUB_TOKEN": "t0ken",
            "REVIEWER_GITHUB_API": github.url,
            "REVIEWER_POST_TO": "octo/shop",
        }
        options = ("--port", "0", "--no-auth", "--allow-path", str(shop.root.parent))
        service = start("serve", tmp_path / "service", *options, environment=environment)
        with ended([service]):
            post_to = {"forge": "github", "repository": "octo/shop", "number": 7}
            asked = {"repository": str(shop.root), "base": "main", "head": "feature", "model": "offline"}
            identity = service.post("/v1/reviews", {**asked, "post_to": post_to})["id"]
            posted = wait_for(lambda: service.get(f"/v1/reviews/{identity}").get("posted"))
        assert posted["url"] == "https://127.0.0.1/octo/shop/pull/7"
        assert {(one.path, one.comments[0].place["line"]) for one in github.published()} == {("app.py", 5)}
        assert len(github.summaries()) == len(github.runs) == 1
        assert github.runs[0]["head_sha"] == head


@dataclass
class Looking:
    """Sees how long it may still post alone."""

    service: Service
    left: list[timedelta] = field(default_factory=list)

    def post(self, request: ReviewRequest, report: Report, change: Change | None) -> Posted:
        """Look at the lease."""
        with self.service.database.engine.connect() as connection:
            self.left += [until - datetime.now(UTC) for until in connection.execute(select(lease.c.until)).scalars()]
        return Posted()


def post_steps(service: Service, poster: Poster) -> PostSteps:
    """The steps of posting of a process that is named "worker"."""
    inputs = AnalysisInputs(service.settings, service.database, NoCredentials())
    return PostSteps(
        service.settings,
        service.database,
        service.observation,
        inputs,
        service.processes,
        poster=poster,
        executor="worker",
    )


def test_where_comments_can_stand_is_found_in_a_process_that_may_die_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a hostile diff was read in the process of the worker")

    diff = "--- a/app.py\n+++ b/app.py\n@@ -1,2 +1,2 @@\n x = 1\n-y = 2\n+y = 3\n"
    poster = RecordingPoster()
    with open_service(ServiceSettings(f"sqlite:///{tmp_path / 's.db'}", tmp_path)) as service:
        reviews = service.database.reviews("default")
        identity = reviews.accept(ReviewRequest(diff=diff, post_to=pull(7)), "test").id
        reviews.finish(identity, State.DONE, a_report(identity, findings=[a_finding("f")]))
        monkeypatch.setattr(analysis, "_prepare", refuse)
        assert post_steps(service, poster).post("default", identity, {}) == {}
    ((_, _, change),) = poster.posted
    assert change is not None
    (file,) = change.files
    assert (file.path, [one.added_lines for one in file.hunks]) == ("app.py", [range(2, 3)])


@pytest.mark.parametrize("placement", [Placement.CONTEXT, Placement.CHANGED])
@pytest.mark.parametrize("file", [
    FileChange("a.py", ChangeKind.MODIFIED, "b.py", (Hunk(2, 2, ("x",), ("y", "z")), Hunk(9, 10, ("x",), ())), b"1\n" * 11),
    FileChange("a.py", ChangeKind.MODIFIED, None, (Hunk(2, 2, ("x",), ("y",)),), b"1\n2\n3"),
    FileChange("a.py", ChangeKind.ADDED, None, (Hunk(0, 1, (), ("y",)),), b"y"),
    FileChange("a.py", ChangeKind.MODIFIED, None, (Hunk(2, 2, ("x",), ("y",)),), b"\ny\n", partial=True),
    FileChange("a.py", ChangeKind.DELETED, None, (Hunk(1, 0, ("x",), ()),)),
])  # fmt: skip
def test_a_comment_stands_where_it_would_with_the_text_at_hand(file: FileChange, placement: Placement) -> None:
    written = write_places(Change(None, None, None, (file,)), {file.path})
    (read,) = read_places(json.loads(to_json(written))).files
    for first in range(1, 14):
        for last in range(first, 14):
            assert place_lines(read, first, last, placement) == place_lines(file, first, last, placement)


def test_posts_that_wait_for_a_forge_hold_up_no_fetch(tmp_path: Path) -> None:
    settings = ServiceSettings(f"sqlite:///{tmp_path / 's.db'}", tmp_path)
    with open_service(settings) as service:
        inputs = AnalysisInputs(settings, service.database, NoCredentials())
        steps = ReviewSteps(settings, service.database, service.observation, inputs, service.processes)
        post_to = {"forge": "github", "repository": "octo/shop", "number": 7}
        request = ReviewRequest(repository="https://github.com/octo/shop", head="b" * 40, post_to=post_to)
        begun = steps.start("default", service.database.reviews("default").accept(request, "test").id)
    assert begun["host"] == "github.com"
    assert begun["post"] not in (None, begun["host"])


def test_nobody_else_posts_while_a_forge_wants_to_be_left_alone(tmp_path: Path) -> None:
    settings = ServiceSettings(f"sqlite:///{tmp_path / 's.db'}", tmp_path)
    with open_service(settings) as service:
        poster = Looking(service)
        posts = post_steps(service, poster)
        reviews = service.database.reviews("default")
        post_to = {"forge": "gitlab", "repository": "octo/shop", "number": 7}
        identity = reviews.accept(ReviewRequest(diff="x", post_to=post_to), "test").id
        reviews.finish(identity, State.DONE, a_report(identity))
        assert posts.post("default", identity, {"failure": ["fetch", "no"]}) == {}
    (left,) = poster.left
    assert left > 3 * timedelta(seconds=Waiting().limit + Waiting().request)
