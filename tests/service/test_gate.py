"""Deployments: a pipeline that asks, GitHub that waits, and a person who decides against the review."""

from __future__ import annotations

from typing import Any

import pytest

from tests.service.world import CALL, CALM, World


def decided(world: World) -> dict[str, Any]:
    """The one answer that GitHub got."""
    (decision,) = world.github.decisions
    return decision


def runs(world: World, environment: str, commit: str, state: str = "ACTIVE") -> None:
    """GitHub knows a deployment."""
    world.github.deployments.insert(0, {"environment": environment, "commitOid": commit, "state": state})


def asked(world: World, **body: Any) -> dict[str, Any]:
    """A review that a pipeline asked for, once it is finished."""
    answer = world.client.post("/v1/reviews", json={"repository": world.clone_url, **body})
    assert answer.status_code == 202, answer.text
    world.settle()
    found: dict[str, Any] = world.client.get(f"/v1/reviews/{answer.json()['id']}").json()
    return found


def test_a_deployment_of_a_clean_change_goes_on(world: World) -> None:
    world.begin({"calm.py": CALM})
    runs(world, "production", world.base)
    result = world.told("deployment_protection_rule", world.deployment())
    assert result.startswith("production approved")
    assert (decided(world)["state"], decided(world)["run"]) == ("approved", 5)
    (newest, *_) = world.reviews()
    assert newest["posted"]["gate"] == "approved"


def test_a_deployment_of_what_the_policy_stops_is_told_why(world: World) -> None:
    world.begin({"risky.py": CALL})
    runs(world, "production", "e" * 40, "FAILURE")
    runs(world, "production", world.base)
    runs(world, "test", "f" * 40)
    world.told("deployment_protection_rule", world.deployment())
    report = world.client.get(f"/v1/reviews/{world.reviews()[0]['id']}").json()
    assert report["verdict"] == "warn"
    assert decided(world)["state"] == "rejected"
    assert decided(world)["comment"].endswith("; warnings stop a deployment here.")


def test_the_policy_lets_an_environment_take_what_another_does_not(world: World) -> None:
    world.begin({"risky.py": CALL})
    runs(world, "test", world.base)
    world.told("deployment_protection_rule", world.deployment("test"))
    assert decided(world)["state"] == "approved"


def test_what_cannot_be_reviewed_is_stopped_and_never_approved(world: World) -> None:
    world.begin({"calm.py": CALM})
    runs(world, "production", "d" * 40)
    world.told("deployment_protection_rule", world.deployment())
    assert decided(world)["state"] == "rejected"
    assert decided(world)["comment"].startswith("Not reviewed")


def test_of_a_first_deployment_all_is_reviewed(world: World) -> None:
    world.begin({"calm.py": CALM})
    runs(world, "production", world.base, "FAILURE")
    world.told("deployment_protection_rule", world.deployment())
    assert decided(world)["state"] == "approved"
    assert decided(world)["comment"].startswith("First deployment: nothing is known to run there yet, so all of the")
    report = world.client.get(f"/v1/reviews/{world.reviews()[0]['id']}").json()
    assert (report["base"], report["coverage"]["files_reviewed"]) == (None, 2)  # app.py stands there since long ago


@pytest.mark.parametrize(("environment", "state"), [("sandbox", "approved"), ("vault", "rejected")])
def test_the_policy_settles_a_first_deployment_without_a_review(world: World, environment: str, state: str) -> None:
    world.begin({"risky.py": CALL})
    known = len(world.reviews())
    result = world.told("deployment_protection_rule", world.deployment(environment))
    assert result.startswith(f"{environment} {state}: First deployment: nothing is known to run there yet")
    assert decided(world)["state"] == state
    assert len(world.reviews()) == known


def test_a_pipeline_says_that_nothing_runs_there_yet(world: World) -> None:
    world.begin({"risky.py": CALL})
    body = {"candidate": world.head, "environment": "production"}
    told = asked(world, deployed=None, **body)
    assert told["gate"]["decision"] == "rejected"
    assert told["gate"]["reason"].startswith("First deployment: ")
    assert (told["base"], told["head"], told["coverage"]["files_reviewed"]) == (None, world.head, 2)
    unsaid = world.client.post("/v1/reviews", json={"repository": world.clone_url, **body})
    assert unsaid.status_code == 422
    assert "deployed is null where nothing runs yet" in unsaid.text


def test_nothing_is_sent_to_an_address_that_is_not_githubs(world: World) -> None:
    world.begin({"calm.py": CALM})
    runs(world, "production", world.base)
    body = world.deployment(deployment_callback_url="http://169.254.169.254/latest/meta-data")
    result = world.told("deployment_protection_rule", body)
    assert "is not answered" in result
    assert world.github.decisions == []


def test_a_clean_repository_does_not_speak_for_another(world: World) -> None:
    world.begin({"calm.py": CALM})
    runs(world, "production", world.base)
    other = {"full_name": "octo/shop", "clone_url": world.clone_url.replace("shop", "other")}
    world.told("deployment_protection_rule", world.deployment(repository=other))
    assert decided(world)["state"] == "rejected"


def test_a_pipeline_gets_its_answer_beside_the_report(world: World) -> None:
    world.begin({"calm.py": CALM})
    told = asked(world, deployed=world.base, candidate=world.head)
    assert told["gate"]["decision"] == "approved"
    assert told["gate"]["environment"] == "production"
    world.push({"risky.py": CALL})
    told = asked(world, deployed=world.base, candidate=world.head, environment="production")
    assert (told["gate"]["decision"], told["verdict"]) == ("rejected", "warn")
    assert asked(world, deployed=world.base, candidate=world.head, environment="test")["gate"]["decision"] == "approved"
    told = asked(world, deployed=world.base, candidate="d" * 40)
    assert (told["gate"]["decision"], told["state"]) == ("rejected", "failed")
    assert asked(world, base=world.base, head=world.head)["gate"] is None


def test_a_person_decides_against_the_review_and_it_is_kept(world: World) -> None:
    world.begin({"risky.py": CALL})
    told = asked(world, deployed=world.base, candidate=world.head)
    place = f"/v1/reviews/{told['id']}/override"
    reason = {"environment": "production", "reason": "the outage is worse"}
    _, weak = world.service.database.keys.create("default", "reader", ["reviews:read", "reviews:write"])
    answer = world.client.post(place, json=reason, headers={"Authorization": f"Bearer {weak}"})
    assert answer.status_code == 403
    assert world.client.post(place, json={**reason, "environment": "test"}).status_code == 409
    assert world.client.post(place, json={**reason, "reason": "  "}).status_code == 422
    assert world.client.post(place, json=reason).json()["decision"] == "approved"
    gate = world.client.get(f"/v1/reviews/{told['id']}").json()["gate"]
    assert gate["overridden_by"]["reason"] == "the outage is worse"
    assert "warnings stop a deployment here" in gate["reason"]
    (entry, *_) = world.client.get("/v1/audit", params={"action": "gate.override"}).json()["items"]
    assert (entry["subject"], entry["detail"]) == (told["id"], "production: the outage is worse")


def test_a_review_that_is_not_finished_is_no_yes(world: World) -> None:
    world.begin({"app.py": CALL})
    body = {"repository": world.clone_url, "deployed": world.base, "candidate": world.head}
    identity = world.client.post("/v1/reviews", json=body).json()["id"]
    first = world.client.get(f"/v1/reviews/{identity}").json()
    assert first["gate"]["decision"] in ("pending", "approved")
    if first["state"] in ("queued", "running"):
        assert first["gate"]["decision"] == "pending"
    world.client.post(f"/v1/reviews/{identity}/cancel")
    last = world.client.get(f"/v1/reviews/{identity}").json()
    assert last["state"] != "cancelled" or last["gate"]["decision"] == "rejected"
    world.settle()
