"""Secrets of the settings are nowhere but where they are used: not in logs, comments, answers, errors or the database."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewer.telemetry.log import configure_logging
from tests.forges.loopback import Fault
from tests.service.world import CALL, OLD_SECRET, SECRET, World, a_world, app_key

INSTALLED = "ghs_planted0in0the0world"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that is logged, at the most talkative level."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure_logging(stream, "DEBUG")
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    # DBOS writes to what stderr was when it began, which is closed when this test ends; the next one begins anew.
    logging.getLogger("dbos").handlers.clear()


def test_no_secret_comes_out_anywhere(tmp_path: Path, logged: io.StringIO, capfd: pytest.CaptureFixture[str]) -> None:
    with a_world(tmp_path, f"sqlite:///{tmp_path / 'service.db'}") as world:
        world.github.installed = INSTALLED
        answers = use(world)
        forge = [repr((one.path, one.query, one.body)) for one in world.github.requests]
        forge += [comment.body for thread in world.github.threads for comment in thread.comments]
        shown = repr((world.service.access, world.service.settings))
    written = capfd.readouterr()
    places = {
        "logs": logged.getvalue() + written.out + written.err,
        "answers": "\n".join(answers),
        "what GitHub got": "\n".join(forge),
        "values as they are shown": shown,
    }
    for file in (*tmp_path.glob("service*.db"), *(tmp_path / "service" / "clones").rglob("config")):
        places[str(file)] = file.read_bytes().decode("latin-1")
    assert len(places) >= 6
    secrets = [SECRET, OLD_SECRET, INSTALLED, "gitlab-token", app_key()[0].splitlines()[3]]
    for place, text in places.items():
        assert text, place
        for secret in secrets:
            assert secret not in text, place


def use(world: World) -> list[str]:
    """Everything once, and what can go wrong; the answers that were given."""
    world.begin({"app.py": CALL})
    world.told("pull_request", world.pull_request("opened"))
    answers = [world.hook("pull_request", world.pull_request(), secret="wrong").text]
    # GitHub does not take the credentials for a moment.
    world.github.faults.append(Fault("GET", "/collaborators/", 401))
    world.github.faults.append(Fault("POST", "/access_tokens$", 500))
    world.push({"more.py": CALL})
    world.told("pull_request", world.pull_request())
    world.told("deployment_protection_rule", world.deployment())
    world.told("pull_request_review_comment", world.comment("maintainer", "/reviewer review"))
    post_to = {"forge": "gitlab", "repository": "group/shop", "number": 7}
    body = {"repository": world.clone_url, "base": world.base, "head": world.head, "post_to": post_to}
    answers.append(world.client.post("/v1/reviews", json=body).text)
    answers += [world.client.get(f"/v1/reviews/{one['id']}").text for one in world.reviews()]
    answers += [world.client.get(path).text for path in ("/v1/audit", "/readyz", "/metrics", "/openapi.json")]
    return answers
