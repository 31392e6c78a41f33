"""From a webhook to comments on the lines of a pull request: everything real but GitHub."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime

from reviewer.catalog_wiring import CatalogPlace, open_catalog
from reviewer.domain.catalog import Outcome
from reviewer.domain.event import Ping
from reviewer.forges.github_events import read_github_event
from reviewer.forges.host import ForgeHosts
from reviewer.jobs.deployment import DeploymentSteps
from reviewer.jobs.events import EventSteps
from reviewer.jobs.inputs import AnalysisInputs
from reviewer.jobs.posting import PostSteps
from reviewer.jobs.unconnected import NoCredentials, NoPoster
from reviewer.posting.marker import read_findings
from reviewer.stores.database.inbox import Delivery
from tests.forges.loopback import Fault
from tests.jobs.processes import ROOT, wait_for
from tests.service.world import CALL, CALM, OLD_SECRET, WAITING, World


def test_an_opened_pull_request_gets_comments_a_summary_and_a_verdict(world: World) -> None:
    world.begin({"app.py": CALL})
    began = time.monotonic()
    answer = world.hook("pull_request", world.pull_request("opened"))
    assert time.monotonic() - began < 1
    assert (answer.status_code, answer.json()["result"]) == (202, "accepted")
    world.settle()
    assert ("app.py", 5) in world.lines()
    assert len(world.github.summaries()) == 1
    assert world.verdict() in ("neutral", "failure")
    (newest, *_) = world.reviews()
    assert (newest["state"], newest["ref"]) == ("done", "refs/pull/7/head")
    assert newest["posted"]["url"].endswith("/octo/shop/pull/7")
    assert newest["posted"]["comments"] >= 1


def test_git_is_let_in_by_a_token_that_may_only_read_this_repository(world: World) -> None:
    world.begin({"app.py": CALM})
    world.git.authorisations.clear()
    world.told("pull_request", world.pull_request("opened"))
    wanted = "Basic " + base64.b64encode(b"x-access-token:installed").decode()
    assert set(world.git.authorisations) == {wanted}


def test_a_clean_change_is_green_and_silent(world: World) -> None:
    world.begin({"calm.py": CALM})
    world.told("pull_request", world.pull_request("opened"))
    assert (world.lines(), world.github.summaries(), world.verdict()) == ([], [], "success")


def test_a_secret_that_is_being_replaced_still_holds(world: World) -> None:
    world.begin({"calm.py": CALM})
    assert "review" in world.told("pull_request", world.pull_request("opened"), secret=OLD_SECRET)


def test_a_head_that_cannot_be_had_is_posted_as_not_reviewed(world: World) -> None:
    world.begin({"calm.py": CALM})
    world.head = world.github.head = "d" * 40
    world.github.heads.append(world.head)
    world.told("pull_request", world.pull_request("opened"))
    (newest, *_) = world.reviews()
    assert (newest["state"], newest["verdict"]) == ("failed", "block")
    assert world.verdict() == "failure"
    assert world.github.runs[-1]["output"]["title"].startswith("Not reviewed")


def test_what_ends_is_not_reviewed_on(world: World) -> None:
    world.begin({"app.py": CALL})
    world.github.state = "CLOSED"
    before = len(world.reviews())
    assert world.told("pull_request", world.pull_request("closed")) == "closed: nothing is running"
    assert world.told("pull_request", world.pull_request("reopened")) == "ignored: it is closed"
    assert len(world.reviews()) == before
    assert world.hook("pull_request", world.pull_request("opened", draft=True)).json()["result"] == "ignored"


def test_a_pull_request_that_is_closed_ends_its_review(world: World) -> None:
    text = (ROOT / "reviewer/code/names.py").read_text(encoding="utf-8")
    world.begin({f"part_{number}.py": text.replace("def ", f"def x{number}_") for number in range(8)})
    assert world.hook("pull_request", world.pull_request("opened")).json()["result"] == "accepted"
    wait_for(lambda: world.reviews()[0]["head"] == world.head)
    world.github.state = "CLOSED"
    result = world.told("pull_request", world.pull_request("closed"))
    (newest, *_) = world.reviews()
    assert (newest["state"], result) == ("cancelled", f"closed: review {newest['id']} is cancelled")
    assert world.lines() == []


def test_what_another_base_adds_to_a_pull_request_is_reviewed_too(world: World) -> None:
    lower = world.begin({"app.py": CALL})
    world.push({"calm.py": CALM})
    target, world.base = world.base, lower
    world.show(world.head)
    world.told("pull_request", world.pull_request("opened"))
    assert world.verdict() == "success"
    world.base = world.github.base = target
    world.show(world.head)
    world.told("pull_request", world.pull_request("edited") | {"changes": {"base": {"sha": {"from": lower}}}})
    assert ("app.py", 5) in world.lines()
    assert world.verdict() != "success"


def test_the_same_commits_are_reviewed_once_whatever_is_told_of_them(world: World) -> None:
    world.begin({"calm.py": CALM})
    first = world.told("pull_request", world.pull_request("opened"))
    assert world.head[:12] in first
    assert world.told("pull_request", world.pull_request("ready_for_review")).endswith("is of the same commits")


def test_what_is_told_too_late_does_not_take_the_place_of_the_newest(world: World) -> None:
    world.begin({"calm.py": CALM})
    late = world.pull_request("opened")
    world.push({"calm.py": CALM, "more.py": CALM})
    world.told("pull_request", world.pull_request())
    identity = world.service.database.inbox.receive(
        Delivery("github", ("late",), "pull_request"),
        "default",
        read_github_event("pull_request", json.dumps(late).encode()) or Ping(),
    )
    assert identity is not None
    steps = events_of(world)
    assert steps.handle(identity, last=False) == {"again": 2.0}
    assert steps.handle(identity, last=True) == {}
    assert world.service.database.inbox.get(identity).result == f"ignored: it stands at {world.head}"


def test_a_waiver_in_a_reply_is_remembered_and_shown(world: World) -> None:
    world.begin({"app.py": CALL})
    world.told("pull_request", world.pull_request("opened"))
    for thread in world.github.published():
        world.github.reply(thread, "maintainer", "/reviewer waive the caller retries")
    said = world.comment("maintainer", "/reviewer waive the caller retries")
    result = world.told("pull_request_review_comment", said)
    assert "posted again" in result
    assert world.verdict() == "success"
    assert "the caller retries" in world.github.summaries()[0]
    finding = world.github.published()[0].comments[0]
    mark = read_findings(finding.body)
    assert mark is not None
    repository = world.client.get(f"/v1/reviews/{world.reviews()[0]['id']}").json()["repository"]
    waived = world.service.database.feedback("default").waived(repository, datetime.now(UTC).date())
    known = {one.finding: one for one in waived}
    assert known[mark.fingerprints[0]].reason == "the caller retries"
    assert known[mark.fingerprints[0]].said_by == "github:maintainer"
    outcomes = _outcomes(world)
    assert ("waived", "reply") in [(one.verdict, one.by) for one in outcomes if one.finding == mark.fingerprints[0]]


def test_only_who_may_write_can_ask_for_another_review(world: World) -> None:
    world.begin({"calm.py": CALM})
    before = len(world.reviews())
    result = world.told("pull_request_review_comment", world.comment("passer-by", "/reviewer review"))
    assert result.startswith("ignored: only who may write")
    assert len(world.reviews()) == before
    result = world.told("pull_request_review_comment", world.comment("maintainer", "/reviewer review"))
    assert world.head[:12] in result
    assert len(world.reviews()) == before + 1


def test_a_waiver_of_somebody_who_may_not_costs_one_question_however_often_it_comes(world: World) -> None:
    world.begin({"app.py": CALL})
    world.told("pull_request", world.pull_request("opened"))
    for thread in world.github.published():
        world.github.reply(thread, "stranger", "/reviewer waive because I say so")
    world.github.requests.clear()
    fetched = len(world.git.requests)
    for number in range(3):
        said = world.comment("stranger", f"/reviewer waive because I say so {number}")
        assert world.told("pull_request_review_comment", said).startswith("ignored: only who may write")
    assert world.github.count("GET", "/collaborators/stranger/permission$") == 1
    assert world.github.count("POST", "^/graphql$") == 0
    assert len(world.git.requests) == fetched


def test_a_check_of_a_fork_that_is_asked_for_again_is_that_of_its_pull_request(world: World) -> None:
    world.begin({"calm.py": CALM})
    world.told("pull_request", world.pull_request("opened"))
    world.told("deployment_protection_rule", world.deployment("test"))
    assert [one["ref"] for one in world.reviews()[:2]] == [None, "refs/pull/7/head"]
    world.github.runs.clear()
    check = {"head_sha": world.head, "pull_requests": []}  # as GitHub tells of a fork's
    world.told("check_run", {"action": "rerequested", "check_run": check, **world.common()})
    assert world.reviews()[0]["ref"] == "refs/pull/7/head"
    assert world.verdict() == "success"


def test_a_check_that_is_asked_for_again_is_made_again(world: World) -> None:
    world.begin({"calm.py": CALM})
    world.told("pull_request", world.pull_request("opened"))
    before = len(world.reviews())
    check = {"head_sha": world.head, "pull_requests": [{"number": 7}]}
    world.told("check_run", {"action": "rerequested", "check_run": check, **world.common()})
    assert len(world.reviews()) == before + 1
    fork = {"head_sha": world.head, "pull_requests": []}
    world.told("check_suite", {"action": "rerequested", "check_suite": fork, **world.common()})
    assert len(world.reviews()) == before + 2
    assert len(world.github.runs) == 1


def test_thumbs_and_mended_lines_are_counted_for_the_rules(world: World) -> None:
    world.begin({"thumbs.py": "import time\n\n\nasync def slow():\n    time.sleep(3)\n"})
    world.told("pull_request", world.pull_request("opened"))
    thread = world.github.published()[0]
    mark = read_findings(thread.comments[0].body)
    assert mark is not None
    thread.comments[0].reactions = {"THUMBS_DOWN": 2, "THUMBS_UP": 1}
    world.told("pull_request_review_comment", world.comment("maintainer", "/reviewer review"))
    said = [(one.verdict, one.by) for one in _outcomes(world) if one.finding == mark.fingerprints[0]]
    assert ("wrong", "reaction") in said
    thread.comments[0].reactions = {}
    world.push({"thumbs.py": "import asyncio\n\n\nasync def slow():\n    await asyncio.sleep(3)\n"})
    thread.outdated = True
    world.told("pull_request", world.pull_request())
    said = [(one.verdict, one.by) for one in _outcomes(world) if one.finding == mark.fingerprints[0]]
    assert ("fixed", "change") in said


def test_what_came_of_events_is_counted_with_its_reason(world: World) -> None:
    def counted(outcome: str, reason: str) -> float:
        labels = {"forge": "github", "outcome": outcome, "reason": reason}
        found = world.service.observation.metrics.registry.get_sample_value("reviewer_forge_events_total", labels)
        return found or 0

    def all_counted() -> list[float]:
        return [counted("done", "none"), counted("ignored", "forbidden"), counted("failed", "forbidden")]

    world.begin({"calm.py": CALM})
    before = all_counted()
    world.told("pull_request", world.pull_request("opened"))
    world.told("pull_request_review_comment", world.comment("passer-by", "/reviewer review"))
    elsewhere = {"full_name": "octo/shop", "clone_url": "https://elsewhere.example/octo/shop.git"}
    body = world.pull_request("reopened") | {"repository": elsewhere}
    assert "is not allowed" in world.told("pull_request", body)
    assert all_counted() == [count + 1 for count in before]


def test_an_installation_leaves_a_line_in_the_audit_log(world: World) -> None:
    body = {"action": "created", "installation": {"id": 9, "account": {"login": "octo"}}}
    world.told("installation", body)
    (entry, *_) = world.client.get("/v1/audit", params={"action": "event.InstallationChanged"}).json()["items"]
    assert (entry["actor"], entry["detail"]) == ("webhook:github", "installation 9 of octo: created")


def events_of(world: World) -> EventSteps:
    """The steps that act on events, called by hand."""
    service = world.service
    hosts = ForgeHosts(service.access, waiting=WAITING)
    inputs = AnalysisInputs(service.settings, service.database, NoCredentials())
    posts = PostSteps(
        service.settings,
        service.database,
        service.observation,
        inputs,
        service.processes,
        poster=NoPoster(),
        executor="test",
    )
    metrics = service.observation.metrics
    deployments = DeploymentSteps(service.database, hosts, service.policy, metrics)
    repositories = service.settings.repositories
    return EventSteps(repositories, service.database, service.jobs, posts, deployments, hosts=hosts, metrics=metrics)


def _outcomes(world: World) -> Sequence[Outcome]:
    """What became of findings, as the tenant's catalog knows it."""
    with closing(open_catalog(CatalogPlace(world.service.catalogs.place("default"), own=True))) as store:
        return store.outcomes()


def test_a_forge_that_wants_to_be_left_alone_is_waited_for(world: World) -> None:
    world.begin({"calm.py": CALM, "rate.py": CALL.replace("fetch", "rate")})
    limited = {"message": "You have exceeded a secondary rate limit"}
    world.github.faults.append(Fault("POST", "/pulls/7/reviews$", 403, headers={"retry-after": "2"}, body=limited))
    world.told("pull_request", world.pull_request("opened"))
    assert {path for path, _ in world.lines()} == {"rate.py"}
    assert world.reviews()[0]["posted"]["note"] is None
