"""What may come in by a webhook: proved, once, in time; nothing else does anything, and nothing is a fault of ours."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.domain.event import Event, InstallationChanged, PullRequestChanged, ReviewWanted
from reviewer.domain.request import State
from reviewer.domain.service import ServiceSettings
from reviewer.forges.access import ForgeAccess
from reviewer.service_wiring import Service, open_service
from reviewer.stores.database.inbox import Delivery
from reviewer.surfaces.api.app import create_app
from tests.forges.test_events import EXAMPLES, FUZZED, body, merge_request
from tests.stores import postgres

SECRET = "a secret of webhooks"
SIGNING = base64.b64encode(b"k" * 24).decode()
OPENED = next(one for one in EXAMPLES["pull_request"] if one["action"] == "opened")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service with nobody who works, on each store."""
    folder = tmp_path_factory.mktemp("webhooks")
    store = f"sqlite:///{folder / 'service.db'}"
    if request.param == "postgresql":
        store = postgres.create_database(request.getfixturevalue("postgresql_server"), f"hooks_{uuid.uuid4().hex[:8]}")
    access = ForgeAccess(github_webhook=(SECRET,), gitlab_webhook=("token", f"whsec_{SIGNING}"))
    with open_service(ServiceSettings(store, folder), access) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(service: Service) -> TestClient:
    return TestClient(create_app(service), raise_server_exceptions=False)


def sent(client: TestClient, data: bytes, event: str = "pull_request", **headers: str) -> Any:
    """A signed webhook of GitHub."""
    signature = "sha256=" + hmac.new(SECRET.encode(), data, hashlib.sha256).hexdigest()
    usual = {"X-GitHub-Event": event, "X-GitHub-Delivery": uuid.uuid4().hex, "X-Hub-Signature-256": signature}
    return client.post("/webhooks/github", content=data, headers={**usual, **headers})


def opened(number: int) -> bytes:
    return body({**OPENED, "number": number, "pull_request": {**OPENED["pull_request"], "number": number}})


@pytest.mark.parametrize("headers", [{}, {"X-Hub-Signature-256": "sha256=00"}, {"X-Hub-Signature-256": b"\xe9"}])
def test_what_is_not_signed_is_refused_and_not_read(client: TestClient, headers: dict[str, Any]) -> None:
    answer = client.post("/webhooks/github", content=b"{", headers={"X-GitHub-Event": "pull_request", **headers})
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:reviewer:problem:webhook-signature")


def test_a_wrong_token_of_gitlab_is_refused(client: TestClient) -> None:
    assert client.post("/webhooks/gitlab", content=b"{", headers={"X-Gitlab-Token": "x"}).status_code == 401


def test_a_body_that_is_too_long_is_refused_before_its_signature_is_looked_at(client: TestClient) -> None:
    answer = client.post("/webhooks/github", content=b"x" * (5 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:reviewer:problem:webhook-size")


def test_a_delivery_that_comes_again_is_told_so_and_done_once(client: TestClient, service: Service) -> None:
    data, delivery = opened(101), uuid.uuid4().hex
    first = sent(client, data, **{"X-GitHub-Delivery": delivery}).json()
    assert first["result"] == "accepted"
    assert sent(client, data, **{"X-GitHub-Delivery": delivery}).json() == {"result": "repeated", "id": None}
    # The id is not signed: a copy under another one is the same.
    assert sent(client, data).json()["result"] == "repeated"
    assert isinstance(service.database.inbox.get(first["id"]).event, PullRequestChanged)


def test_what_means_nothing_is_ignored(client: TestClient) -> None:
    assert sent(client, b"not even JSON", "sponsorship").json() == {"result": "ignored", "id": None}
    labelled = next(one for one in EXAMPLES["pull_request"] if one["action"] == "labeled")
    assert sent(client, body(labelled)).json()["result"] == "ignored"


def test_a_signed_body_that_is_not_what_it_says_is_a_problem_of_the_sender(client: TestClient) -> None:
    answer = sent(client, b'{"action": "opened"}')
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:reviewer:problem:webhook")
    assert sent(client, opened(102), **{"X-GitHub-Delivery": "x" * 200}).status_code == 400


def test_gitlab_is_believed_by_its_token_and_only_now_by_its_signature(client: TestClient, service: Service) -> None:
    data = json.dumps(merge_request(iid=103)).encode()
    headers = {"X-Gitlab-Event": "Merge Request Hook", "X-Gitlab-Token": "token", "X-Gitlab-Event-UUID": "u-1"}
    assert client.post("/webhooks/gitlab", content=data, headers=headers).json()["result"] == "accepted"
    assert client.post("/webhooks/gitlab", content=data, headers=headers).json()["result"] == "repeated"
    for age, status in ((0, 202), (3600, 401), (-3600, 401)):
        told = str(int(time.time()) - age)
        data = json.dumps(merge_request(iid=104 + abs(age))).encode()
        digest = hmac.new(b"k" * 24, f"m-{age}.{told}.".encode() + data, hashlib.sha256).digest()
        signed = {
            "X-Gitlab-Event": "Merge Request Hook",
            "webhook-id": f"m-{age}",
            "webhook-timestamp": told,
            "webhook-signature": "v1," + base64.b64encode(digest).decode(),
        }
        assert client.post("/webhooks/gitlab", content=data, headers=signed).status_code == status
    value = service.observation.metrics.registry.get_sample_value
    assert value("reviewer_webhooks_refused_total", {"forge": "gitlab", "reason": "time"}) == 2


def test_what_became_of_deliveries_is_counted_and_no_label_is_the_senders_to_choose(
    client: TestClient, service: Service
) -> None:
    value = service.observation.metrics.registry.get_sample_value
    deliveries, refused = "reviewer_webhooks_total", "reviewer_webhooks_refused_total"

    def counted(event: str, outcome: str) -> float:
        return value(deliveries, {"forge": "github", "event": event, "outcome": outcome}) or 0

    def reasons() -> dict[str, float]:
        return {one: value(refused, {"forge": "github", "reason": one}) or 0 for one in ("size", "signature", "body")}

    before, data = (counted("pull_request", "accepted"), counted("other", "ignored")), opened(105)
    repeated, unread = counted("pull_request", "repeated"), reasons()
    sent(client, data)
    sent(client, data)
    sent(client, b"{}", f"made-up-{uuid.uuid4().hex}")
    assert (counted("pull_request", "accepted"), counted("other", "ignored")) == (before[0] + 1, before[1] + 1)
    assert counted("pull_request", "repeated") == repeated + 1
    sent(client, data, **{"X-Hub-Signature-256": "sha256=00"})
    sent(client, b"x" * (5 * 1024 * 1024 + 1))
    sent(client, b"{", **{"X-GitHub-Delivery": "x" * 200})
    assert reasons() == {reason: count + 1 for reason, count in unread.items()}


def test_every_event_comes_out_of_the_database_as_it_went_in(service: Service) -> None:
    inbox = service.database.inbox
    events: list[Event] = [
        ReviewWanted("octo/shop", "a" * 40, (1, 2), None, "https://x"),
        InstallationChanged(1, "octo", "created"),
    ]
    for event in events:
        identity = inbox.receive(Delivery("github", (uuid.uuid4().hex,), "x"), "default", event)
        assert identity is not None
        assert inbox.get(identity).event == event
        inbox.finish(identity, State.DONE, "done")
        assert (inbox.get(identity).state, inbox.get(identity).result) == (State.DONE, "done")


@settings(max_examples=20 if FUZZED < 1000 else FUZZED)
@given(st.sampled_from(sorted(EXAMPLES)), st.data())
def test_no_body_is_a_fault_of_ours_and_none_passes_without_the_secret(
    fuzzed: TestClient, name: str, data: st.DataObject
) -> None:
    raw = bytearray(body(data.draw(st.sampled_from(EXAMPLES[name]))))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=10))
    unsigned = {"X-GitHub-Event": name, "X-Hub-Signature-256": "sha256=" + "0" * 64}
    assert fuzzed.post("/webhooks/github", content=bytes(raw), headers=unsigned).status_code == 401
    assert sent(fuzzed, bytes(raw), name).status_code in (202, 400)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("fuzzed")
    settings = ServiceSettings(f"sqlite:///{folder / 'service.db'}", folder)
    with open_service(settings, ForgeAccess(github_webhook=(SECRET,))) as opened:
        yield TestClient(create_app(opened), raise_server_exceptions=False)
