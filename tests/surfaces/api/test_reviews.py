"""Reviews over HTTP, made by a worker: the report of the command line, for whoever asks with a key."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reviewer.domain.report import parse_report
from tests.git_builder import GitBuilder
from tests.surfaces.api.conftest import Api

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
    own = {"state", "progress", "ref", "superseded_by", "posted", "started_at", "finished_at"}
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


def test_where_there_is_nobody_to_post_to_the_review_says_so(working: Api) -> None:
    told = working.review(diff=DIFF, post_to={"pull": 7})
    assert told["status"] == "complete"
    events = stream(working, told["id"])
    assert events[-1][1] in ("posted", "state")


def test_it_is_ready_and_tells_its_measures(working: Api) -> None:
    assert working.client.get("/healthz").json() == {"status": "ok"}
    ready = working.client.get("/readyz")
    assert (ready.status_code, set(ready.json()["parts"].values())) == (200, {"ok"})
    text = working.client.get("/metrics").text
    assert 'reviewer_http_requests_total{route="/readyz",status="200"}' in text
    assert "reviewer_workers_alive 1.0" in text


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
    left_out = {"id", "created_at", "state", "progress", "ref", "superseded_by", "posted", "started_at", "finished_at"}
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
