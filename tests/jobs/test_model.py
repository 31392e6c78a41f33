"""A review of the service with a model: explained under the model's own limits."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from tests.jobs.processes import Running, ended, start, wait_for
from tests.llm.scripted_server import Answer, ScriptedServer
from tests.surfaces.model_shop import good, shop_at


def test_a_model_explains_a_review_of_the_service(tmp_path: Path) -> None:
    shop = shop_at(tmp_path / "repositories" / "shop")
    body = {"repository": str(shop.root), "base": "main", "head": "change", "model": "anthropic:scripted"}
    with ScriptedServer(Answer(good)) as server:
        environment = {"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "sk-not-a-key"}
        options = ("--port", "0", "--no-auth", "--allow-path", str(shop.root.parent))
        service = start("serve", tmp_path / "service", *options, environment=environment)
        with ended([service]):
            told = reviewed(service, body)
            calls = len(server.requests)
    assert (told["model"], told["status"]) == ("anthropic:scripted", "complete")
    assert told["usage"]["model_calls"] == calls > 0
    assert told["coverage"]["units_explained"] > 0
    assert {one["judgement"]["by"] for one in told["findings"] if one["judgement"]} == {"anthropic:scripted"}


def reviewed(service: Running, body: dict[str, Any]) -> dict[str, Any]:
    """A report, once there is one."""
    identity = service.post("/v1/reviews", body)["id"]
    return wait_for(partial(finished, service, identity))


def finished(service: Running, identity: str) -> dict[str, Any] | None:
    answer = service.get(f"/v1/reviews/{identity}")
    return answer if answer["state"] not in ("queued", "running") else None
