"""Two workers, processes of their own on PostgreSQL, and webhooks that come twice and at the same time."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator

import pytest

from reviewer.posting.marker import read_findings
from tests.service.world import CALL, World, a_world
from tests.stores import postgres


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory, postgresql_server: str) -> Iterator[World]:
    store = postgres.create_database(postgresql_server, f"world_{uuid.uuid4().hex[:8]}")
    with a_world(tmp_path_factory.mktemp("world"), store, processes=2) as opened:
        yield opened


def test_two_workers_tell_each_finding_once(world: World) -> None:
    world.begin({"app.py": CALL})
    bodies = [world.pull_request(action) for action in ("opened", "synchronize", "reopened", "ready_for_review")]
    threads = [threading.Thread(target=world.hook, args=("pull_request", body)) for body in (*bodies, *bodies)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.settle()
    world.push({"number.txt": "more"})
    assert world.hook("pull_request", world.pull_request()).json()["result"] == "accepted"
    world.settle()
    marks = [read_findings(thread.comments[0].body) for thread in world.github.published()]
    told = [name for mark in marks if mark for name in mark.fingerprints]
    assert told
    assert sorted(told) == sorted(set(told))
    assert len(world.github.summaries()) == 1
    assert world.verdict() == "neutral"
    assert world.reviews()[0]["posted"]["note"] is None
