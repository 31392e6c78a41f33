"""What a forge told while nobody listened is asked for again, once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.domain.service import ServiceSettings
from reviewer.errors import ReviewerError
from reviewer.forges.access import AppKey, ForgeAccess
from reviewer.jobs.redelivery import Redelivery
from reviewer.service_wiring import Service, open_service, redelivery_of
from reviewer.surfaces.cli import serve
from tests.forges.github_standin import GitHubStandIn
from tests.forges.loopback import Fault
from tests.jobs.processes import wait_for
from tests.service.world import APP, CALL, WAITING, World, app_key

HEAD = "a" * 40


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with GitHubStandIn(HEAD, "") as opened:
        assert isinstance(opened, GitHubStandIn)
        opened.apps[APP] = app_key()[1]
        yield opened


@pytest.fixture
def service(github: GitHubStandIn, tmp_path: Path) -> Iterator[Service]:
    access = ForgeAccess(github=AppKey(APP, app_key()[0]), github_api=github.url)
    with open_service(ServiceSettings(f"sqlite:///{tmp_path / 's.db'}", tmp_path), access) as opened:
        yield opened


def redelivery(service: Service) -> Redelivery:
    """As after a start of the service."""
    found = redelivery_of(service, waiting=WAITING)
    assert found is not None
    return found


def asked(github: GitHubStandIn) -> list[str]:
    """What GitHub was asked to deliver again."""
    return [one["guid"] for one in reversed(github.deliveries) if one["redelivery"]]


def test_a_webhook_that_came_while_nobody_listened_is_reviewed_all_the_same(world: World) -> None:
    world.begin({"app.py": CALL})
    body = world.pull_request("opened")
    world.github.deliveries.clear()
    world.github.deliver = lambda guid: world.hook("pull_request", body, delivery=guid).status_code
    world.github.miss("missed-1")
    looking = redelivery(replace(world.service, settings=replace(world.service.settings, redelivery_seconds=0.01)))
    looking.start()
    wait_for(lambda: asked(world.github) == ["missed-1"], 10)
    looking.stop()
    world.settle()
    assert world.reviews()[0]["head"] == world.head
    value = world.service.observation.metrics.registry.get_sample_value
    assert value("reviewer_webhook_redeliveries_total", {"forge": "github", "outcome": "asked"}) == 1


def test_each_is_asked_for_once_whoever_asks_and_however_often(github: GitHubStandIn, service: Service) -> None:
    github.deliver = lambda guid: 502
    github.miss("d-1")
    looking = redelivery(service)
    assert [looking.look(), looking.look(), redelivery(service).look()] == [1, 0, 0]
    github.deliveries.pop(0)  # the forge does not list yet what it was asked for
    assert redelivery(service).look() == 0


def test_only_what_did_not_get_through_lately_is_asked_for_the_oldest_first(
    github: GitHubStandIn, service: Service
) -> None:
    github.page = 2
    github.miss("too-old", hours=73)
    github.miss("old", hours=71)
    github.miss("in-the-end", hours=4)
    github.miss("in-the-end", status=202, hours=3)
    github.miss("fine", status=202, hours=2)
    github.miss("refused", status=401, hours=1)
    github.miss("new")
    assert redelivery(service).look() == 3
    assert asked(github) == ["old", "refused", "new"]


def test_a_second_look_reads_no_further_than_the_first_one(github: GitHubStandIn, service: Service) -> None:
    github.page = 2
    for number in range(9):
        github.miss(f"d-{number}", status=202, hours=2)
    looking = redelivery(service)
    looking.look()
    github.requests.clear()
    looking.look()
    assert github.count("GET", "/app/hook/deliveries") == 1


def test_what_could_not_be_asked_for_waits_for_the_next_look(github: GitHubStandIn, service: Service) -> None:
    limited = Fault("POST", "/attempts$", 429, headers={"retry-after": "60"}, skip=1)
    github.faults.append(limited)
    github.miss("d-1", hours=2)
    github.miss("d-2", hours=1)
    looking = redelivery(service)
    with pytest.raises(ReviewerError, match="rate limit"):
        looking.look()
    assert asked(github) == ["d-1"]
    assert looking.look() == 1
    assert asked(github) == ["d-1", "d-2"]


def test_what_the_forge_does_not_keep_any_more_holds_nothing_up(github: GitHubStandIn, service: Service) -> None:
    github.faults.append(Fault("POST", "/attempts$", 404))
    github.miss("gone", hours=2)
    github.miss("d-1", hours=1)
    redelivery(service).look()
    assert asked(github) == ["d-1"]
    value = service.observation.metrics.registry.get_sample_value
    assert value("reviewer_webhook_redeliveries_total", {"forge": "github", "outcome": "refused"}) == 1


@pytest.mark.parametrize("access", [ForgeAccess(), ForgeAccess(github="t0ken"), ForgeAccess(gitlab="t0ken")])
def test_without_an_app_nobody_is_asked(access: ForgeAccess, tmp_path: Path) -> None:
    with open_service(ServiceSettings(f"sqlite:///{tmp_path / 's.db'}", tmp_path), access) as service:
        assert redelivery_of(service) is None


def test_the_process_that_takes_webhooks_asks_for_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key.pem").write_text(app_key()[0])
    monkeypatch.setenv("REVIEWER_GITHUB_APP_ID", str(APP))
    monkeypatch.setenv("REVIEWER_GITHUB_APP_KEY_FILE", str(tmp_path / "key.pem"))
    while_serving: list[bool] = []

    def asks() -> bool:
        return any(isinstance(one, Redelivery) for one in threading.enumerate())

    monkeypatch.setattr(serve, "_run", lambda *_: while_serving.append(asks()))
    monkeypatch.setattr(serve, "end_now", lambda: None)
    monkeypatch.setattr(serve, "start_logging", lambda _: None)
    serve.command(port=0, folder=tmp_path, no_worker=True)
    assert (while_serving, asks()) == ([True], False)
