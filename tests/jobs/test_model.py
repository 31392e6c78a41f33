"""A model in the service: it explains reviews and takes part in learning, where it may be asked."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from reviewer.domain.service import ModelPolicy
from reviewer.domain.settings import ModelSettings
from reviewer.errors import ForbiddenError
from reviewer.jobs.models import Chosen, allowed_model, check_model, within
from tests.git_builder import GitBuilder
from tests.jobs.processes import Running, ended, start, wait_for
from tests.llm.scripted_server import Answer, Recorded, ScriptedServer
from tests.surfaces.model_shop import good, question, shop_at

MODEL = "anthropic:scripted"
LIMIT = "Nothing limited how many pages it gave."
CAUSE = f"The price service read all pages of an API to the end and ran out of memory. {LIMIT}"
DOCUMENT = f"# The service of {{shop}} was down\n\n## Root cause\n\n{CAUSE}\n"
WORDS = "It read a listing without a limit."
QUERY = '{"fact": "return", "literal": "17"}'


@dataclass(frozen=True)
class Asked:
    """A service with a key for a model, and the model."""

    service: Running
    server: ScriptedServer
    repositories: Path

    def finished(self, route: str, bodies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """What came of what was asked for, once it is finished."""
        places = [f"{route}/{self.service.post(route, body)['id']}" for body in bodies]
        return [wait_for(partial(self._state, place)) for place in places]

    def _state(self, place: str) -> dict[str, Any] | None:
        answer = self.service.get(place)
        return answer if answer["state"] not in ("queued", "running") else None


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("asked")
    with ScriptedServer(Answer(answer)) as server:
        environment = {"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "sk-not-a-key"}
        options = ("--port", "0", "--no-auth", "--allow-path", str(folder / "repositories"))
        service = start("serve", folder / "service", *options, environment=environment)
        with ended([service]):
            yield Asked(service, server, folder / "repositories")


def answer(request: Recorded) -> str:
    """What the model says of a review; in the words of a lesson; and as a query for its fix."""
    text = question(request)
    if "nonsense" in text:
        return "nothing of the sort"
    if text.startswith("The document"):
        statement = {"topic": "cause", "words": WORDS, "quotes": [LIMIT]}
        return json.dumps({"statements": [statement], "failure": "", "failure_quote": ""})
    if text.startswith("# What happened"):
        return json.dumps({"queries": [{"says": "It is one too few.", "query": QUERY}]})
    return good(request)


def test_a_model_explains_a_review_of_the_service(asked: Asked) -> None:
    shop = shop_at(asked.repositories / "explained")
    before = len(asked.server.requests)
    body = {"repository": str(shop.root), "base": "main", "head": "change", "model": MODEL}
    (told,) = asked.finished("/v1/reviews", [body])
    assert (told["model"], told["status"]) == (MODEL, "complete")
    assert told["usage"]["model_calls"] == len(asked.server.requests) - before > 0
    assert told["coverage"]["units_explained"] > 0
    assert {one["judgement"]["by"] for one in told["findings"] if one["judgement"]} == {MODEL}


def test_a_model_takes_part_in_learning_where_it_is_named(asked: Asked) -> None:
    shop = GitBuilder(asked.repositories / "mended")
    shop.commit({"pyproject.toml": f'[tool.reviewer.model]\nname = "{MODEL}"\n'})
    shop.commit({"shop/prices.py": "def pages():\n    return 17\n"})
    fix = shop.commit({"shop/prices.py": "def pages():\n    return 18\n"})
    before, answered = len(asked.server.requests), calls_counted(asked)
    bodies: list[dict[str, Any]] = [
        {"document": DOCUMENT.format(shop="ours"), "repository": str(shop.root), "fix": fix},
        {"document": DOCUMENT.format(shop="anybody")},
        {"document": DOCUMENT.format(shop="nonsense"), "model": MODEL},
    ]
    of_settings, unnamed, failed = asked.finished("/v1/postmortems", bodies)
    questions = [question(request) for request in asked.server.requests[before:]]

    assert (of_settings["state"], of_settings["model"], of_settings["not_checked"]) == ("done", MODEL, [])
    assert of_settings["lesson"]["statements"]["cause"]["words"] == WORDS
    assert of_settings["pattern"]["state"] == "active"
    assert (unnamed["state"], unnamed["model"], unnamed["usage"]) == ("done", None, None)
    assert not any("anybody" in text for text in questions)
    assert (failed["state"], failed["model"]) == ("done", MODEL)
    assert "its own words stand" in failed["not_checked"][0]
    assert failed["lesson"]["statements"]["cause"]["words"] != WORDS
    calls = of_settings["usage"]["model_calls"] + failed["usage"]["model_calls"]
    assert calls == len(questions) == calls_counted(asked) - answered


def test_a_folder_is_no_model_of_the_service(asked: Asked, tmp_path: Path) -> None:
    body = {"document": DOCUMENT.format(shop="ours"), "model": f"files:{tmp_path}"}
    with pytest.raises(HTTPError, match="403"):
        asked.service.post("/v1/postmortems", body)


def calls_counted(asked: Asked) -> float:
    """Calls of the model as Prometheus is told of them."""
    with urllib.request.urlopen(asked.service.place + "/metrics", timeout=10) as page:
        lines = page.read().decode().splitlines()
    name = f'reviewer_model_calls_total{{model="{MODEL}",outcome="answered"}} '
    return next((float(line.removeprefix(name)) for line in lines if line.startswith(name)), 0)


@pytest.mark.parametrize(
    ("client", "settings", "key", "chosen"),
    [
        (None, None, True, None),
        (None, "anthropic:m", True, "anthropic:m"),
        (None, "anthropic:m", False, None),
        ("offline", "anthropic:m", True, None),
        ("anthropic:other", "anthropic:m", True, "anthropic:other"),
    ],
)
def test_whom_the_client_names_goes_before_the_settings_which_count_where_there_is_a_key(
    monkeypatch: pytest.MonkeyPatch, client: str | None, settings: str | None, key: bool, chosen: str | None
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-not-a-key" if key else "")
    assert allowed_model(client, settings, ["anthropic:*"]) == Chosen(chosen)


def test_what_the_service_does_not_ask_is_refused_and_in_settings_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-a-key")
    with pytest.raises(ForbiddenError):
        check_model("openai:m", ["anthropic:*"])
    chosen = allowed_model(None, "openai:m", ["anthropic:*"])
    assert (chosen.name, "which this service does not ask" in (chosen.note or "")) == (None, True)


def test_a_repository_cannot_have_more_asked_than_the_service_gives() -> None:
    settings = ModelSettings(fallbacks=("openai:m", "anthropic:m"), tokens=10**9)
    bounded = within(settings, ModelPolicy(("anthropic:*",), tokens=1000))
    assert (bounded.fallbacks, bounded.tokens) == (("anthropic:m",), 1000)
    assert within(ModelSettings(tokens=7), ModelPolicy()).tokens == 7
