"""What waits keeps its place from nobody but its like."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.jobs.processes import wait_for
from tests.service.world import CALM, a_world


def test_deployments_that_wait_for_their_reviews_hold_nothing_else_up(tmp_path: Path) -> None:
    with a_world(tmp_path, f"sqlite:///{tmp_path / 's.db'}", in_hand=1) as world:
        world.begin({"calm.py": CALM})
        world.github.deployments.append({"environment": "production", "commitOid": world.base, "state": "ACTIVE"})
        world.git.stall = threading.Event()  # no review gets on
        waiting = world.hook("deployment_protection_rule", world.deployment()).json()["id"]
        told = [
            world.hook("pull_request", world.pull_request("closed")).json()["id"],
            world.hook("pull_request_review_comment", world.comment("passer-by", "/reviewer review")).json()["id"],
        ]
        inbox = world.service.database.inbox
        wait_for(lambda: all(inbox.get(one).state.is_final for one in told))
        assert not inbox.get(waiting).state.is_final
        world.git.stall.set()
        world.settle()
        assert [one["state"] for one in world.github.decisions] == ["approved"]
