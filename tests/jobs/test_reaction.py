"""From what a forge tells to what is reviewed."""

from __future__ import annotations

import dataclasses
import json

import pytest

from reviewer.domain.event import CommandGiven, DeploymentWanted, Event, Ping, PullRequestChanged
from reviewer.forges.access import ForgeAccess
from reviewer.forges.github_events import read_github_event
from reviewer.forges.gitlab_events import read_gitlab_event
from reviewer.forges.poster import read_destination
from reviewer.jobs.reaction import gate_request, request_of
from tests.forges.test_events import EXAMPLES, body, merge_request

OPENED = next(one for one in EXAMPLES["pull_request"] if one["action"] == "opened")


def test_an_opened_pull_request_is_reviewed_and_posted_on() -> None:
    event = read_github_event("pull_request", body(OPENED))
    assert isinstance(event, PullRequestChanged)
    request = request_of(event, "github")
    assert request is not None
    assert (request.head, request.base) == (
        OPENED["pull_request"]["head"]["sha"],
        OPENED["pull_request"]["base"]["sha"],
    )
    assert request.ref == f"refs/pull/{OPENED['number']}/head"
    assert request.post_to is not None
    destination = read_destination(json.loads(json.dumps(dict(request.post_to))))
    assert ForgeAccess().may_post(destination.forge, destination.repository, request.repository)


def test_a_merge_request_is_reviewed_and_posted_on() -> None:
    event = read_gitlab_event("Merge Request Hook", body(merge_request()))
    assert event is not None
    request = request_of(event, "gitlab")
    assert request is not None
    assert (request.ref, request.base) == ("refs/merge-requests/7/head", None)
    destination = read_destination(request.post_to or {})
    assert ForgeAccess().may_post(destination.forge, destination.repository, request.repository)


def test_two_heads_of_a_pull_request_succeed_each_other() -> None:
    event = read_github_event("pull_request", body(OPENED))
    assert isinstance(event, PullRequestChanged)
    first, second = request_of(event, "github"), request_of(dataclasses.replace(event, head="f" * 40), "github")
    assert first is not None
    assert second is not None
    assert first.succession == second.succession


@pytest.mark.parametrize("changes", [{"is_draft": True}, {"action": "closed"}])
def test_what_is_not_ready_or_over_is_not_reviewed(changes: dict[str, object]) -> None:
    event = read_github_event("pull_request", body(OPENED))
    assert isinstance(event, PullRequestChanged)
    assert request_of(dataclasses.replace(event, **changes), "github") is None  # type: ignore[arg-type]


@pytest.mark.parametrize("event", [Ping(), CommandGiven("octo/shop", 7, "somebody")])
def test_other_events_ask_for_no_review_by_themselves(event: Event) -> None:
    assert request_of(event, "github") is None


def test_a_deployment_is_reviewed_from_what_runs_now() -> None:
    event = DeploymentWanted("octo/shop", "production", "b" * 40, "https://x", "octocat", 9, "https://y")
    request = gate_request(event, "a" * 40)
    assert (request.repository, request.base, request.head) == ("https://y", "a" * 40, "b" * 40)
    assert (request.environment, request.ref, request.post_to) == ("production", None, None)
