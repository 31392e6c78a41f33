"""Webhooks: who may send them, and what they mean."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.domain.event import (
    CommandGiven,
    DeploymentWanted,
    InstallationChanged,
    Ping,
    PullRequestChanged,
    ReviewWanted,
)
from reviewer.errors import ReviewerError, SignatureError, WebhookError, WebhookSizeError
from reviewer.forges.github_events import read_github_event
from reviewer.forges.gitlab_events import read_gitlab_event
from reviewer.forges.signature import check_github, check_gitlab

FILE = Path(__file__).parent.parent.parent / "fixtures" / "forges" / "github-webhooks.json.gz"
EXAMPLES: dict[str, list[Any]] = json.loads(gzip.decompress(FILE.read_bytes()))
FUZZED = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 200


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def read(name: str, **match: Any) -> Any:
    """The first example of an event that has some fields, as it is read."""
    for example in EXAMPLES[name]:
        if all(example.get(key) == value for key, value in match.items()):
            return read_github_event(name, body(example))
    raise AssertionError(f"no example of {name} with {match}")


def signed(data: bytes, secret: str) -> dict[str, str]:
    return {"x-hub-signature-256": "sha256=" + hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()}


@pytest.mark.parametrize("number", range(29))
def test_every_example_of_a_pull_request_is_accepted(number: int) -> None:
    example = EXAMPLES["pull_request"][number]
    event = read_github_event("pull_request", body(example))
    if example["action"] in ("opened", "synchronize", "reopened", "ready_for_review", "closed"):
        assert isinstance(event, PullRequestChanged)
        assert event.head == example["pull_request"]["head"]["sha"]
        assert event.number == example["number"]
        assert event.repository == example["repository"]["full_name"]
    else:
        assert event is None


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_real_example_is_an_error(name: str) -> None:
    for example in EXAMPLES[name]:
        read_github_event(name, body(example))


def test_events_mean_what_github_says() -> None:
    assert isinstance(read("pull_request", action="opened"), PullRequestChanged)
    assert read("pull_request", action="closed").action == "closed"
    assert isinstance(read("check_run", action="rerequested"), ReviewWanted)
    assert isinstance(read("check_suite", action="rerequested"), ReviewWanted)
    assert read("check_suite", action="requested") is None
    assert isinstance(read("installation", action="created"), InstallationChanged)
    assert read("ping") == Ping()


def test_a_check_names_the_pull_requests_of_its_own_repository() -> None:
    example = json.loads(body(next(one for one in EXAMPLES["check_run"] if one["action"] == "rerequested")))
    name = example["repository"]["full_name"]
    example["check_run"]["pull_requests"] = [
        {"number": 7, "base": {"repo": {"url": f"https://api.github.com/repos/{name}"}}},
        {"number": 8, "base": {"repo": {"url": "https://api.github.com/repos/somebody/fork"}}},
        {"number": 9},
    ]
    event = read_github_event("check_run", body(example))
    assert isinstance(event, ReviewWanted)
    assert event.numbers == (7, 9)


def test_unknown_events_and_fields_are_nothing() -> None:
    assert read_github_event("sponsorship", b"this is not even JSON") is None
    assert read_gitlab_event("Emoji Hook", b"nor is this") is None
    example = {**EXAMPLES["pull_request"][0], "new_field": {"deep": [1]}}
    assert read_github_event("pull_request", body(example)) is not None


def test_a_pull_request_out_of_a_fork_says_so() -> None:
    example = json.loads(body(next(one for one in EXAMPLES["pull_request"] if one["action"] == "opened")))
    assert not read_github_event("pull_request", body(example)).is_fork  # type: ignore[union-attr]
    example["pull_request"]["head"]["repo"]["full_name"] = "somebody/fork"
    assert read_github_event("pull_request", body(example)).is_fork  # type: ignore[union-attr]
    example["pull_request"]["head"]["repo"] = None
    assert read_github_event("pull_request", body(example)).is_fork  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "means"), [("/reviewer waive it is fine", True), ("I waive it", False), (None, False)]
)
def test_only_a_command_in_a_comment_means_something(text: str | None, means: bool) -> None:
    example = json.loads(
        body(next(one for one in EXAMPLES["pull_request_review_comment"] if one["action"] == "created"))
    )
    example["comment"]["body"] = text
    event = read_github_event("pull_request_review_comment", body(example))
    assert isinstance(event, CommandGiven) is means


def test_a_comment_on_an_issue_means_nothing() -> None:
    example = json.loads(body(next(one for one in EXAMPLES["issue_comment"] if one["action"] == "created")))
    example["comment"]["body"] = "/reviewer waive it is fine"
    example["issue"].pop("pull_request", None)
    assert read_github_event("issue_comment", body(example)) is None
    example["issue"]["pull_request"] = {"url": "https://api.github.com/repos/o/n/pulls/1"}
    assert isinstance(read_github_event("issue_comment", body(example)), CommandGiven)


def deployment(**changes: Any) -> dict[str, Any]:
    """As docs.github.com, "Webhook events and payloads", tells of `deployment_protection_rule`."""
    return {
        "action": "requested",
        "environment": "production",
        "event": "push",
        "deployment_callback_url": "https://api.github.com/repos/octo/shop/actions/runs/5/deployment_protection_rule",
        "deployment": {"sha": "b" * 40, "id": 1, "ref": "main"},
        "pull_requests": [],
        "repository": {"full_name": "octo/shop", "clone_url": "https://github.com/octo/shop.git"},
        "installation": {"id": 9},
        "sender": {"login": "octocat"},
        **changes,
    }


def test_a_deployment_that_waits_is_understood() -> None:
    event = read_github_event("deployment_protection_rule", body(deployment()))
    assert isinstance(event, DeploymentWanted)
    assert (event.environment, event.candidate, event.installation) == ("production", "b" * 40, 9)


def merge_request(**attributes: Any) -> dict[str, Any]:
    """As docs.gitlab.com, "Webhook events", tells of a merge request."""
    project = {"path_with_namespace": "group/sub/shop", "git_http_url": "https://gitlab.com/group/sub/shop.git"}
    return {
        "object_kind": "merge_request",
        "user": {"username": "root"},
        "project": {**project, "id": 1},
        "object_attributes": {
            "iid": 7,
            "action": "open",
            "draft": False,
            "last_commit": {"id": "b" * 40},
            "source_project_id": 1,
            "target_project_id": 1,
            "source": project,
            "target": project,
            **attributes,
        },
    }


@pytest.mark.parametrize(
    ("attributes", "action"),
    [
        ({}, "review"),
        ({"action": "reopen"}, "review"),
        ({"action": "update", "oldrev": "a" * 40}, "review"),
        ({"action": "update"}, None),
        ({"action": "approved"}, None),
        ({"action": "merge"}, "closed"),
        ({"action": "close"}, "closed"),
    ],
)
def test_a_merge_request_of_gitlab_is_understood(attributes: dict[str, Any], action: str | None) -> None:
    event = read_gitlab_event("Merge Request Hook", body(merge_request(**attributes)))
    if action is None:
        assert event is None
    else:
        assert isinstance(event, PullRequestChanged)
        assert (event.repository, event.number, event.action) == ("group/sub/shop", 7, action)


def test_another_base_is_another_change() -> None:
    example = json.loads(body(next(one for one in EXAMPLES["pull_request"] if one["action"] == "opened")))
    example |= {"action": "edited", "changes": {"title": {"from": "before"}}}
    assert read_github_event("pull_request", body(example)) is None
    example["changes"] = {"base": {"ref": {"from": "develop"}, "sha": {"from": "c" * 40}}}
    event = read_github_event("pull_request", body(example))
    assert isinstance(event, PullRequestChanged)
    assert (event.action, event.base) == ("review", example["pull_request"]["base"]["sha"])
    update = merge_request(action="update", target_branch="main")
    update["changes"] = {"target_branch": {"previous": "develop", "current": "main"}}
    event = read_gitlab_event("Merge Request Hook", body(update))
    assert isinstance(event, PullRequestChanged)
    assert (event.action, event.base) == ("review", "main")


def test_a_command_in_a_note_of_gitlab_is_understood() -> None:
    note = {
        "user": {"username": "root"},
        "project": merge_request()["project"],
        "object_attributes": {"note": "/reviewer waive generated", "noteable_type": "MergeRequest", "action": "create"},
        "merge_request": {"iid": 7},
    }
    assert read_gitlab_event("Note Hook", body(note)) == CommandGiven(
        "group/sub/shop", 7, "root", clone_url="https://gitlab.com/group/sub/shop.git"
    )
    note["object_attributes"] = {"note": "/reviewer waive generated", "noteable_type": "Issue"}
    assert read_gitlab_event("Note Hook", body(note)) is None


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b"nul", b"\xff\xfe", b"[" * 100_000, b'{"action": "opened"}', b'{"action": 1}']
)
def test_a_body_that_is_not_what_it_says_is_a_clear_error(data: bytes) -> None:
    with pytest.raises(WebhookError, match="is not as GitHub describes it"):
        read_github_event("pull_request", data)
    with pytest.raises(WebhookError, match="is not as GitLab describes it"):
        read_gitlab_event("Merge Request Hook", data)


@pytest.mark.parametrize("value", ["../..", "a/b/c", "a b/c", "octo/shop\n", "octo/shop?x", ""])
def test_a_repository_that_is_no_name_is_refused(value: str) -> None:
    bad = deployment(repository={"full_name": value, "clone_url": "x"})
    with pytest.raises(WebhookError, match="full_name"):
        read_github_event("deployment_protection_rule", body(bad))


def test_a_signed_body_passes_and_any_of_several_secrets_does() -> None:
    data = body(EXAMPLES["ping"][0])
    for secret in ("old", "new"):
        check_github(data, signed(data, secret), ["new", "old"])
    with pytest.raises(SignatureError):
        check_github(data, signed(data, "other"), ["new", "old"])


@pytest.mark.parametrize("secrets", [[], [""]])
def test_nothing_passes_where_no_secret_is_set(secrets: list[str]) -> None:
    with pytest.raises(SignatureError, match="no secret is set"):
        check_github(b"{}", signed(b"{}", ""), secrets)
    with pytest.raises(SignatureError, match="no secret is set"):
        check_gitlab(b"{}", {"x-gitlab-token": ""}, secrets)


def test_a_body_that_is_too_large_is_refused_before_all() -> None:
    with pytest.raises(WebhookSizeError):
        check_github(b"x" * 11, signed(b"x" * 11, "s"), ["s"], largest=10)
    with pytest.raises(WebhookSizeError):
        check_gitlab(b"x" * 11, {"x-gitlab-token": "s"}, ["s"], largest=10)


def test_gitlab_proves_itself_by_token_or_by_signature() -> None:
    check_gitlab(b"{}", {"x-gitlab-token": "s3cret"}, ["other", "s3cret"])
    with pytest.raises(SignatureError):
        check_gitlab(b"{}", {"x-gitlab-token": "s3cret "}, ["s3cret"])
    key = base64.b64encode(b"k" * 24).decode()
    digest = hmac.new(b"k" * 24, b"id.1700000000.{}", hashlib.sha256).digest()
    headers = {
        "webhook-id": "id",
        "webhook-timestamp": "1700000000",
        "webhook-signature": "v1,nonsense v1," + base64.b64encode(digest).decode(),
    }
    check_gitlab(b"{}", headers, [f"whsec_{key}"])
    for name, value in (("webhook-id", "other"), ("webhook-timestamp", "1"), ("webhook-signature", "v1,")):
        with pytest.raises(SignatureError):
            check_gitlab(b"{}", {**headers, name: value}, [f"whsec_{key}"])


HEADER = st.text(st.characters(codec="utf-8"), max_size=80)
CHECKS: list[Callable[..., None]] = [check_github, check_gitlab]


@settings(max_examples=FUZZED)
@given(st.binary(max_size=300), HEADER, HEADER, HEADER)
def test_no_body_passes_without_the_secret(data: bytes, signature: str, token: str, other: str) -> None:
    headers = {
        "x-hub-signature-256": f"sha256={signature}",
        "x-gitlab-token": token,
        "webhook-id": other,
    }
    for check in CHECKS:
        with pytest.raises(SignatureError):
            check(data, headers, ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])


@settings(max_examples=FUZZED)
@given(st.sampled_from(sorted(EXAMPLES)), st.data())
def test_a_real_body_with_anything_changed_is_read_or_refused(name: str, data: st.DataObject) -> None:
    raw = bytearray(body(data.draw(st.sampled_from(EXAMPLES[name]))))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=10))
    try:
        read_github_event(name, bytes(raw))
    except ReviewerError as error:
        assert error.http_status == 400
