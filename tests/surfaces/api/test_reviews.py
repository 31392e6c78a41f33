"""Reviews over HTTP, made by a worker: the report of the command line, for whoever asks with a key."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from reviewer.domain.report import parse_report
from reviewer.domain.request import ReviewRequest
from reviewer.errors import UsageError
from reviewer.jobs.unconnected import NoPoster
from reviewer.telemetry.log import configure_logging
from tests.git_builder import GitBuilder
from tests.jobs.processes import wait_for
from tests.reports import a_report
from tests.surfaces.api.conftest import FAILS, STUMBLES, Api, pull

DIFF = "--- a/app.py\n+++ b/app.py\n@@ -1,2 +1,3 @@\n import requests\n+requests.get('https://example.org')\n x = 1\n"
APP = "import requests\n\n\ndef fetch(url):\n    return requests.get(url).json()['id']\n"
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> GitBuilder:
    """A repository whose branch "feature" adds a call without a timeout."""
    builder = GitBuilder(tmp_path_factory.mktemp("repositories") / "shop")
    builder.commit({"app.py": "x = 1\n"})
    builder.git("checkout", "-q", "-b", "feature")
    builder.commit({"app.py": APP})
    builder.git("config", "uploadpack.allowFilter", "true")
    builder.git("config", "uploadpack.allowAnySHA1InWant", "true")
    return builder


def test_a_diff_is_reviewed(working: Api) -> None:
    report = working.review(diff=DIFF)
    assert (report["state"], report["status"], report["verdict"]) == ("done", "complete", "warn")
    assert "no-timeout" in [one["rule"] for one in report["findings"]]
    assert report["progress"] == {"step": "analyse", "files_done": 1, "files_total": 1}


def test_the_report_is_that_of_the_command_line(working: Api, shop: GitBuilder) -> None:
    told = working.review(repository=str(shop.root), base="main", head="feature")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "reviewer", "review", "--base", "main", "--head", "feature", "--format", "json"],
        cwd=shop.root,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(shop.root.parent), "REVIEWER_CACHE": "off"},
        capture_output=True,
        check=False,
    )
    assert comparable(told) == comparable(json.loads(done.stdout))
    assert told["findings"]


def test_a_repository_by_url_is_cloned_and_reviewed_alike(working: Api, shop: GitBuilder) -> None:
    by_path = working.review(repository=str(shop.root), base="main", head="feature")
    by_url = working.review(repository=f"file://{shop.root}", base="main", head="feature")
    assert comparable(by_url, name=False) == comparable(by_path, name=False)
    assert by_url["repository"] == "shop"


def test_a_report_is_of_the_public_schema(working: Api) -> None:
    told = working.review(diff=DIFF)
    own = {"state", "progress", "ref", "superseded_by", "posted", "gate", "started_at", "finished_at"}
    parse_report(json.dumps({key: value for key, value in told.items() if key not in own}))


def test_deployed_and_candidate_are_words_for_base_and_head(working: Api, shop: GitBuilder) -> None:
    told = working.review(repository=str(shop.root), deployed="main", candidate="feature")
    assert [one["rule"] for one in told["findings"]] != []


def test_a_revision_that_is_not_there_fails_loudly(working: Api, shop: GitBuilder) -> None:
    for place in (str(shop.root), f"file://{shop.root}"):
        told = working.review(repository=place, base="main", head="nowhere")
        assert (told["state"], told["status"], told["verdict"]) == ("failed", "failed", "block")
        assert "nowhere" in told["coverage"]["not_checked"][0]["reason"]


def test_what_is_no_diff_fails_loudly(working: Api) -> None:
    told = working.review(diff="@@ nonsense")
    assert (told["state"], told["status"]) == ("failed", "failed")
    assert told["coverage"]["not_checked"][0]["path"] == "analyse"


def test_events_tell_how_it_went_and_go_on_from_any_of_them(working: Api) -> None:
    identity = working.review(diff=DIFF)["id"]
    events = stream(working, identity)
    kinds = [(kind, data.get("state") or data.get("step")) for _, kind, data in events]
    assert kinds[:2] == [("state", "queued"), ("state", "running")]
    assert ("progress", "analyse") in kinds
    assert kinds[-1] == ("state", "done")
    assert stream(working, identity, after=events[1][0]) == events[2:]


def test_a_waived_finding_is_marked_in_the_next_review(working: Api, shop: GitBuilder) -> None:
    body = {"repository": str(shop.root), "base": "main", "head": "feature"}
    first = working.review(**body)
    for finding in first["findings"]:
        answer = working.client.post(
            f"/v1/findings/{finding['id']}/feedback",
            json={"verdict": "waived", "reason": "it may wait", "repository": str(shop.root)},
        )
        assert answer.status_code == 204, answer.text
    second = working.review(**body)
    assert {one["status"] for one in second["findings"]} == {"waived"}
    assert second["findings"][0]["waiver"]["reason"] == "it may wait"
    assert second["verdict"] == "pass"
    for finding in first["findings"]:
        useful = {"verdict": "useful", "repository": str(shop.root)}
        working.client.post(f"/v1/findings/{finding['id']}/feedback", json=useful)


def test_a_report_is_posted_once_with_the_change_that_it_is_about(working: Api, shop: GitBuilder) -> None:
    body = {"repository": f"file://{shop.root}", "base": "main", "head": "feature", "post_to": pull(7)}
    told = working.review(**body)
    posted = wait_for(lambda: working.client.get(f"/v1/reviews/{told['id']}").json()["posted"])
    assert posted == {"url": "https://example.org/pull/7#1", "comments": len(told["findings"]), "note": None}
    request, report, change = working.poster.posted.pop()
    assert working.poster.posted == []
    assert (request.post_to, report.id) == (pull(7), told["id"])
    assert change is not None
    assert [file.path for file in change.files] == ["app.py"]
    assert stream(working, told["id"])[-1][1] == "posted"


def test_a_forge_that_says_no_leaves_the_report_as_it_is(working: Api) -> None:
    told = working.review(diff=DIFF, post_to=pull(FAILS))
    posted = wait_for(lambda: working.client.get(f"/v1/reviews/{told['id']}").json()["posted"])
    assert posted["failure"] == "the forge says no; try again"
    assert working.client.get(f"/v1/reviews/{told['id']}").json()["status"] == "complete"


def test_a_forge_that_stumbles_is_tried_again(working: Api) -> None:
    told = working.review(diff=DIFF, post_to=pull(STUMBLES))
    posted = wait_for(lambda: working.client.get(f"/v1/reviews/{told['id']}").json()["posted"])
    assert posted["url"] == "https://example.org/pull/7#1"
    assert working.poster.stumbled
    working.poster.posted.clear()


def test_a_review_that_failed_is_posted_too(working: Api, shop: GitBuilder) -> None:
    told = working.review(repository=f"file://{shop.root}", head="nowhere", post_to=pull(8))
    wait_for(lambda: working.client.get(f"/v1/reviews/{told['id']}").json()["posted"])
    _, report, change = working.poster.posted.pop()
    assert (report.status, report.verdict, change) == ("failed", "block", None)


def test_a_service_without_a_forge_says_that_it_cannot_post() -> None:
    with pytest.raises(UsageError, match="not connected"):
        NoPoster().post(ReviewRequest(diff=DIFF, post_to={"pull": 7}), a_report("1"), None)
    assert NoPoster().post(ReviewRequest(diff=DIFF), a_report("1"), None).url is None


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A request whose analysis takes seconds."""
    builder = GitBuilder(tmp_path_factory.mktemp("repositories") / "large")
    builder.commit({"app.py": "x = 1\n"})
    text = (ROOT / "reviewer/code/names.py").read_text(encoding="utf-8")
    builder.commit({f"part_{number}.py": text.replace("def ", f"def x{number}_") for number in range(12)})
    return {"repository": str(builder.root), "base": "HEAD~1", "head": "HEAD"}


def test_a_running_review_ends_when_it_is_cancelled(working: Api, slow: dict[str, Any]) -> None:
    identity = working.client.post("/v1/reviews", json=slow).json()["id"]
    wait_for(lambda: working.client.get(f"/v1/reviews/{identity}").json()["progress"]["files_done"])
    assert working.client.post(f"/v1/reviews/{identity}/cancel").json()["state"] == "cancelled"
    wait_for(lambda: working.service.jobs.statuses([identity])[identity] == "SUCCESS")
    told = working.client.get(f"/v1/reviews/{identity}").json()
    assert (told["state"], told["verdict"]) == ("cancelled", None)
    assert "findings" not in told


def test_a_newer_head_ends_the_review_of_the_older(working: Api, slow: dict[str, Any], shop: GitBuilder) -> None:
    older = working.client.post("/v1/reviews", json={**slow, "ref": "refs/pull/7"}).json()["id"]
    wait_for(lambda: working.client.get(f"/v1/reviews/{older}").json()["state"] == "running")
    newer = working.review(**{**slow, "head": "HEAD~1", "ref": "refs/pull/7"})
    told = working.client.get(f"/v1/reviews/{older}").json()
    assert (told["state"], told["superseded_by"]) == ("superseded", newer["id"])
    assert newer["state"] == "done"


def test_finished_jobs_are_taken_out_and_their_reviews_stay(working: Api) -> None:
    identity = working.review(diff=DIFF)["id"]
    wait_for(lambda: working.service.jobs.statuses([identity])[identity] == "SUCCESS")
    assert working.service.jobs.tidy(datetime.now(UTC) - timedelta(days=7), 1000) == 0
    assert working.service.jobs.tidy(datetime.now(UTC) + timedelta(seconds=5), 1000) > 0
    assert working.service.jobs.statuses([identity]) == {}
    assert working.client.get(f"/v1/reviews/{identity}").json()["state"] == "done"


def test_it_is_ready_and_tells_its_measures(working: Api) -> None:
    assert working.client.get("/healthz").json() == {"status": "ok"}
    ready = working.client.get("/readyz")
    assert (ready.status_code, set(ready.json()["parts"].values())) == (200, {"ok"})
    text = working.client.get("/metrics").text
    assert 'reviewer_http_requests_total{method="GET",route="/readyz",status="200"}' in text
    assert "reviewer_workers 1.0" in text
    assert "reviewer_queue_waiting 0.0" in text


def test_all_that_a_request_causes_is_logged_in_its_trace_and_counted(working: Api) -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure_logging(stream)
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    try:
        answer = working.client.post(
            "/v1/reviews", json={"diff": DIFF}, headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
        )
        working.finished(answer.json()["id"])
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
    assert answer.headers["X-Trace-Id"] == trace
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    told = {(line["event"], line.get("step")) for line in lines if line.get("trace_id") == trace}
    assert {("request_answered", None), ("step_done", "fetch"), ("step_done", "analyse")} <= told
    value = working.service.observation.metrics.registry.get_sample_value
    assert value("reviewer_step_seconds_count", {"step": "analyse"})
    assert value("reviewer_reviews_total", {"outcome": "complete"})


def test_a_postmortem_becomes_a_pattern_that_is_found(working: Api) -> None:
    document = (ROOT / "fixtures/postmortems/etsy_debriefing.md").read_text(encoding="utf-8")
    answer = working.client.post("/v1/postmortems", json={"document": document, "name": "etsy.md"})
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = {"state": "queued"}
    while told["state"] in ("queued", "running"):
        told = working.client.get(answer.headers["Location"]).json()
    assert (told["state"], told["news"]) == ("done", "new")
    pattern = told["pattern"]["id"]
    shown = working.client.get(f"/v1/patterns/{pattern}").json()
    assert shown["incidents"][0]["title"] == told["lesson"]["title"]
    found = working.client.get("/v1/patterns", params={"q": told["lesson"]["title"]}).json()
    assert pattern in [one["id"] for one in found["results"]]


def test_whose_catalog_counts_is_told_as_on_the_command_line(working: Api, shop: GitBuilder) -> None:
    starter = ROOT / "reviewer/catalog/starter/patterns/call-without-time-limit.toml"
    pattern = starter.read_text(encoding="utf-8").replace("call-without-time-limit", "call-of-ours")
    shop.git("checkout", "-q", "-b", "with-catalog", "main")
    shop.commit({".reviewer/catalog/patterns/call-of-ours.toml": pattern, "app.py": APP})
    told = working.review(repository=f"file://{shop.root}", base="main", head="with-catalog")
    assert [note for note in told["coverage"]["notes"] if "that of its base counts" in note]


def test_patterns_are_listed_page_by_page(working: Api) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = working.client.get("/v1/patterns", params={"limit": 40, **({"cursor": cursor} if cursor else {})}).json()
        seen += [one["id"] for one in page["patterns"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) >= 49
    assert seen == sorted(set(seen))


def test_code_is_held_against_the_patterns(working: Api) -> None:
    code = "import requests\n\ndef f(url):\n    return requests.get(url)\n"
    answer = working.client.post("/v1/patterns/match", json={"code": code})
    assert answer.status_code == 200, answer.text
    assert answer.json()["query"] == "code"


def test_code_is_explained(working: Api, shop: GitBuilder) -> None:
    sent = working.client.post("/v1/explain", json={"source": APP, "target": "app.py::fetch"}).json()
    assert sent["answers"][0]["function"] == "fetch"
    assert "requests.get" in sent["answers"][0]["calls"]
    there = working.client.post(
        "/v1/explain", json={"repository": str(shop.root), "head": "feature", "target": "app.py:5"}
    ).json()
    assert there["answers"] == sent["answers"]
    wrong = working.client.post("/v1/explain", json={"source": APP, "target": "app.py::nowhere"})
    assert (wrong.status_code, wrong.json()["type"]) == (400, "urn:reviewer:problem:usage")


def comparable(report: dict[str, Any], *, name: bool = True) -> dict[str, Any]:
    """What must be the same of two reviews of the same change."""
    left_out = {
        "id",
        "created_at",
        "state",
        "progress",
        "ref",
        "superseded_by",
        "posted",
        "gate",
        "started_at",
        "finished_at",
    }
    left_out |= set() if name else {"repository"}
    kept = {key: value for key, value in report.items() if key not in left_out}
    return {**kept, "usage": {**kept["usage"], "elapsed_ms": None}}


def stream(api: Api, identity: str, after: int | None = None) -> list[tuple[int, str, dict[str, Any]]]:
    """All events of a finished review."""
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    text = api.client.get(f"/v1/reviews/{identity}/events", headers=headers).text
    found = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        if "id" in fields:
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


def test_the_draft_of_a_review_that_was_given_up_is_no_verdict(idle: Api) -> None:
    identity = idle.client.post("/v1/reviews", json={"diff": DIFF}).json()["id"]
    reviews = idle.service.database.reviews("default")
    reviews.start(identity)
    assert reviews.draft(identity, a_report(identity))
    assert idle.client.post(f"/v1/reviews/{identity}/cancel").status_code == 200
    answer = idle.client.get(f"/v1/reviews/{identity}").json()
    assert (answer["state"], answer["status"], answer["verdict"]) == ("cancelled", None, None)
    assert "findings" not in answer
