"""What the service refuses, and how it says so."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st

from reviewer.domain.request import ReviewRequest
from reviewer.domain.service import RepositoryPolicy, ServiceSettings
from reviewer.errors import UsageError
from reviewer.posting.gate import EnvironmentRule, GatePolicy
from reviewer.stores.database.schema import newest
from reviewer.surfaces.api.app import create_app
from reviewer.surfaces.api.paging import read_cursor, write_cursor
from reviewer.surfaces.cli.main import main
from tests.surfaces.api.conftest import Api, opened

BODY = {"diff": "--- a/a.py\n+++ b/a.py\n@@ -0,0 +1 @@\n+x = 1\n"}
CALLS = [
    ("POST", "/v1/reviews"),
    ("GET", "/v1/reviews"),
    ("GET", "/v1/reviews/x"),
    ("GET", "/v1/reviews/x/events"),
    ("POST", "/v1/reviews/x/cancel"),
    ("POST", "/v1/reviews/x/override"),
    ("GET", "/v1/audit"),
    ("POST", "/v1/explain"),
    ("POST", "/v1/postmortems"),
    ("GET", "/v1/postmortems/x"),
    ("GET", "/v1/patterns"),
    ("POST", "/v1/patterns/match"),
    ("GET", "/v1/patterns/x"),
    ("POST", "/v1/findings/x/feedback"),
]


@pytest.fixture
def stranger(idle: Api) -> TestClient:
    """A client without a key."""
    return TestClient(idle.client.app, raise_server_exceptions=False)


def problem(answer: Response) -> dict[str, Any]:
    """The problem document of an answer."""
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == answer.status_code
    assert set(document) >= {"type", "title", "status", "detail"}
    return document


def test_every_route_but_health_wants_a_key(idle: Api, stranger: TestClient) -> None:
    paths = idle.client.get("/openapi.json").json()["paths"]
    routes = {(method.upper(), path.replace("{identity}", "x")) for path, item in paths.items() for method in item}
    hooks = {("POST", "/webhooks/github"), ("POST", "/webhooks/gitlab")}
    assert routes == {*CALLS, *hooks, ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics")}
    for method, path in CALLS:
        answer = stranger.request(method, path, json=BODY if method == "POST" else None)
        assert problem(answer)["type"] == "urn:reviewer:problem:unauthorised", path
        assert answer.headers["www-authenticate"] == "Bearer"
    assert stranger.get("/healthz").status_code == 200


def test_a_key_is_good_for_its_scopes_only(idle: Api, stranger: TestClient) -> None:
    _, key = idle.service.database.keys.create("default", "reader", ["reviews:read"])
    headers = {"Authorization": f"Bearer {key}"}
    assert stranger.get("/v1/reviews", headers=headers).status_code == 200
    answer = stranger.post("/v1/reviews", json=BODY, headers=headers)
    assert answer.status_code == 403
    assert "reviews:write" in problem(answer)["detail"]


def test_a_tenant_cannot_reach_what_belongs_to_another(idle: Api, stranger: TestClient) -> None:
    identity = idle.client.post("/v1/reviews", json=BODY).json()["id"]
    _, key = idle.service.database.keys.create("theirs", "thief", ["reviews:read", "reviews:write"])
    headers = {"Authorization": f"Bearer {key}"}
    for method, path in (("GET", ""), ("GET", "/events"), ("POST", "/cancel")):
        assert stranger.request(method, f"/v1/reviews/{identity}{path}", headers=headers).status_code == 404
    assert stranger.get("/v1/reviews", headers=headers).json()["items"] == []


def test_the_same_key_and_body_give_the_same_answer_and_another_body_a_problem(idle: Api) -> None:
    headers = {"Idempotency-Key": "push-7"}
    first = idle.client.post("/v1/reviews", json=BODY, headers=headers)
    again = idle.client.post("/v1/reviews", json=BODY, headers=headers)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["location"] == f"/v1/reviews/{first.json()['id']}"
    other = idle.client.post("/v1/reviews", json={**BODY, "model": "offline"}, headers=headers)
    assert problem(other)["type"] == "urn:reviewer:problem:idempotency-key-reused"
    assert other.status_code == 422
    assert len(idle.client.get("/v1/reviews").json()["items"]) == 1


def test_pages_are_followed_by_cursor(idle: Api) -> None:
    made = [idle.client.post("/v1/reviews", json=BODY).json()["id"] for _ in range(5)]
    first = idle.client.get("/v1/reviews", params={"limit": 2}).json()
    second = idle.client.get("/v1/reviews", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    third = idle.client.get("/v1/reviews", params={"limit": 2, "cursor": second["next_cursor"]}).json()
    assert [one["id"] for page in (first, second, third) for one in page["items"]] == made[::-1]
    assert third["next_cursor"] is None


@given(st.text(max_size=40))
def test_a_cursor_that_is_none_is_a_problem_of_the_client(text: str) -> None:
    try:
        number = read_cursor(text)
    except UsageError:
        return
    assert number is not None
    assert read_cursor(write_cursor(number)) == number


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/"),
        ({"repository": "/x", "head": "--upload-pack=evil"}, "/head"),
        ({"repository": "/x", "base": "a b"}, "/base"),
        ({"diff": "x", "base": "main"}, "/"),
        ({"diff": "x", "surprise": 1}, "/surprise"),
        ({"diff": "x", "paths": "a"}, "/paths"),
        ({"repository": "/x", "base": "a", "deployed": "b"}, "/"),
        ({"repository": "/x", "candidate": "a", "environment": "b"}, "/"),
        ({"repository": "/x", "deployed": "", "candidate": "a"}, "/deployed"),
        ({"repository": "/x", "deployed": None, "environment": "b"}, "/"),
        ({"diff": "a\0b"}, "/"),
        ([], "/"),
    ],
)
def test_a_body_that_is_not_as_it_should_be_is_told_where(idle: Api, body: Any, pointer: str) -> None:
    document = problem(idle.client.post("/v1/reviews", json=body))
    assert document["status"] == 422
    assert pointer in [one["pointer"] for one in document["errors"]]


def test_a_body_that_is_no_json_is_told_as_a_whole(idle: Api) -> None:
    headers = {"Content-Type": "application/json"}
    document = problem(idle.client.post("/v1/reviews", content=b'{"diff": ', headers=headers))
    assert [one["pointer"] for one in document["errors"]] == ["/"]


def test_what_does_not_go_together_is_told_in_our_own_words(idle: Api) -> None:
    body = {"diff": "x", "post_to": {"forge": "github", "repository": "shop"}}
    document = problem(idle.client.post("/v1/reviews", json=body))
    assert document["errors"] == [{"pointer": "/post_to", "detail": "a repository of a code host is OWNER/NAME"}]


def test_half_of_a_character_is_refused_and_not_kept(idle: Api) -> None:
    answer = idle.client.post(
        "/v1/reviews", content=b'{"diff": "\\ud800"}', headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422
    assert idle.client.get("/v1/reviews/%00").status_code == 400
    assert idle.client.get("/v1/reviews?head=%00").status_code == 400


def test_a_body_that_is_too_long_is_refused(idle: Api) -> None:
    answer = idle.client.post("/v1/reviews", json={"diff": "x" * (17 * 1024 * 1024)})
    assert problem(answer)["status"] == 413


@pytest.mark.parametrize(
    "repository",
    [
        "/etc",
        "relative",
        "{allowed}/../..",
        "http://github.com/a/b",
        "https://evil.example/a/b",
        "https://github.com.evil.example/a/b",
        "https://user:secret@github.com/a/b",
        "https://github.com/a/b?x=secret",
        "https://169.254.169.254/latest",
        "file:///etc",
        "ssh://git@github.com/a/b",
        "ext::sh -c touch% /tmp/x",
        "https://github.com",
    ],
)
def test_a_repository_that_may_not_be_read_is_refused_at_once(idle: Api, repository: str) -> None:
    allowed = str(idle.service.settings.repositories.paths[0])
    answer = idle.client.post("/v1/reviews", json={"repository": repository.replace("{allowed}", allowed)})
    assert problem(answer)["status"] == 403
    assert "secret" not in answer.text
    assert idle.client.get("/v1/reviews").json()["items"] == []


def test_a_link_does_not_lead_out_of_an_allowed_folder(idle: Api) -> None:
    allowed = idle.service.settings.repositories.paths[0]
    allowed.mkdir()
    (allowed / "link").symlink_to("/etc")
    assert idle.client.post("/v1/reviews", json={"repository": str(allowed / "link")}).status_code == 403


@pytest.mark.parametrize("model", ["files:/etc", "files:.", "nonsense", "evil:x"])
def test_a_model_that_may_not_be_asked_is_refused(idle: Api, model: str) -> None:
    assert idle.client.post("/v1/reviews", json={**BODY, "model": model}).status_code in (400, 403)


def test_a_review_is_cancelled_once_and_a_finished_one_not_at_all(idle: Api) -> None:
    identity = idle.client.post("/v1/reviews", json=BODY).json()["id"]
    for _ in range(2):
        answer = idle.client.post(f"/v1/reviews/{identity}/cancel")
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    older = {"repository": str(idle.service.settings.repositories.paths[0] / "x"), "ref": "refs/pull/7"}
    first = idle.client.post("/v1/reviews", json=older).json()["id"]
    second = idle.client.post("/v1/reviews", json=older).json()["id"]
    assert idle.client.get(f"/v1/reviews/{first}").json()["superseded_by"] == second
    assert problem(idle.client.post(f"/v1/reviews/{first}/cancel"))["status"] == 409


def test_without_a_worker_it_is_alive_and_not_ready(idle: Api) -> None:
    answer = idle.client.get("/readyz")
    assert answer.status_code == 503
    parts = answer.json()["parts"]
    assert parts.pop("workers").startswith("no worker")
    assert set(parts.values()) == {"ok"}


def test_an_unknown_route_and_a_wrong_method_are_problems_too(idle: Api) -> None:
    assert problem(idle.client.get("/nowhere"))["status"] == 404
    assert problem(idle.client.delete("/v1/reviews"))["status"] == 405


def test_a_fault_of_its_own_is_told_without_what_is_inside(idle: Api, stranger: TestClient) -> None:
    @idle.client.app.get("/fault")  # type: ignore[attr-defined,untyped-decorator]
    def fault() -> None:
        raise ZeroDivisionError("hunter2")

    answer = stranger.get("/fault")
    assert problem(answer)["type"] == "urn:reviewer:problem:fault"
    assert "hunter2" not in answer.text


@pytest.fixture
def open_client(idle: Api) -> Iterator[TestClient]:
    """A client of the service as `--no-auth` runs it."""
    yield TestClient(create_app(idle.service, open_to_all=True), base_url="http://127.0.0.1:8080")


def test_without_keys_this_machine_may_ask(open_client: TestClient) -> None:
    assert open_client.get("/v1/reviews").status_code == 200
    assert open_client.get("/v1/reviews", headers={"Host": "localhost"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Host": "evil.example:8080"}, {"Origin": "https://evil.example"}, {"Origin": "null"}],
)
def test_without_keys_a_page_in_a_browser_may_not(open_client: TestClient, headers: dict[str, str]) -> None:
    assert problem(open_client.post("/v1/reviews", json=BODY, headers=headers))["status"] == 403


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.1", "example.org"])
def test_without_keys_it_listens_on_this_machine_only(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--no-auth", "--host", host]) == 2
    assert "--no-auth" in capsys.readouterr().err


def test_openapi_has_an_example_for_every_body_and_problems_for_every_route(idle: Api) -> None:
    document = idle.client.get("/openapi.json").json()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if not path.startswith("/v1/"):
                continue
            assert {"401", "403", "422"} <= set(operation["responses"]), path
            assert operation["security"] == [{"HTTPBearer": []}], path
            if method == "post" and "requestBody" in operation:
                name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                assert document["components"]["schemas"][name]["examples"], name
            for answer in (operation["responses"][code] for code in operation["responses"] if code < "300"):
                for content in answer.get("content", {}).values():
                    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
                    assert "example" in content or "example" in document["components"]["schemas"][name], path


def test_keys_are_made_listed_and_revoked_on_the_command_line(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--folder", str(tmp_path)]
    assert main(["keys", "create", "pipeline", "--scope", "reviews:read", "--days", "3", *place]) == 0
    secret = capsys.readouterr().out.strip()
    assert main(["keys", "list", *place]) == 0
    listed = capsys.readouterr().out
    identity = secret.split("_")[1]
    assert identity in listed
    assert secret.split("_", 2)[2] not in listed
    assert main(["keys", "revoke", identity, *place]) == 0
    assert main(["keys", "list", *place]) == 0
    assert "revoked" in capsys.readouterr().out
    assert main(["keys", "revoke", identity, *place]) == 2
    assert main(["migrate", *place]) == 0
    assert f"revision {newest()}" in capsys.readouterr().out


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["serve", "--no-worker", "--no-auth", "--port", port, "--folder", str(tmp_path)]) == 2
    assert port in capsys.readouterr().err


def test_a_request_names_its_succession_only_with_a_ref() -> None:
    assert ReviewRequest(repository="a").succession is None
    assert ReviewRequest(diff="x", ref="r").succession is None
    assert ReviewRequest(repository="a", ref="r").succession != ReviewRequest(repository="a", ref="s").succession


def test_only_whom_the_settings_of_the_gate_name_may_decide_against_a_review(idle: Api) -> None:
    (key,) = idle.service.database.keys.list()
    reviews = idle.service.database.reviews("default")
    answers = {}
    for environment, named in (("production", "key:another"), ("staging", f"key:{key.id}"), ("test", None)):
        rule = EnvironmentRule(environment, overruled_by=frozenset({named} if named else ()))
        service = replace(idle.service, policy=GatePolicy((rule,)))
        request = ReviewRequest(repository="/srv/shop", base="main", head="b" * 40, environment=environment)
        identity = reviews.accept(request, "test").id
        with TestClient(create_app(service), headers=dict(idle.client.headers)) as client:
            said = {"environment": environment, "reason": "the outage is worse"}
            answers[environment] = client.post(f"/v1/reviews/{identity}/override", json=said).status_code
        kept = service.database.overrides("default").last(identity, environment)
        assert (kept is None) == (environment == "production")
    assert answers == {"production": 403, "staging": 200, "test": 200}


def test_a_host_that_does_not_answer_is_told_as_the_description_says(tmp_path: Path) -> None:
    policy = RepositoryPolicy(hosts=("127.0.0.1",), schemes=("http",), private_addresses=True)
    with opened(ServiceSettings(f"sqlite:///{tmp_path / 's.db'}", tmp_path, policy)) as api, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        place = f"http://127.0.0.1:{closed.getsockname()[1]}/octo/shop.git"
        answer = api.client.post("/v1/explain", json={"repository": place, "target": "a.py"})
        described = api.client.get("/openapi.json").json()["paths"]["/v1/explain"]["post"]["responses"]
    assert (answer.status_code, answer.json()["type"]) == (502, "urn:reviewer:problem:unreachable")
    assert "502" in described
