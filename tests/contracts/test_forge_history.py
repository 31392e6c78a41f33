"""Pull requests as they are lived: pushes, fixes, answers, waivers, failures and two workers, in random order."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from reviewer.domain.report import FindingItem
from reviewer.errors import ForgeError
from tests.forges.loopback import Fault
from tests.forges.stage import GitHubStage, GitLabStage, Stage, post, post_many
from tests.posting.reviews import DIFF, identity, item, review

SEEDS = 30 if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 2
STEPS = 7


@pytest.fixture(params=[GitHubStage, GitLabStage])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    with ExitStack() as stack:
        yield request.param(stack, tmp_path)


def some_findings(chance: random.Random) -> list[FindingItem]:
    lines = {1: 11, 2: 12, 3: 13, 4: 12, 5: 70, 6: 1, 7: 43}
    return [
        item(
            number,
            line=line,
            end_line=line,
            path="app/elsewhere.py" if number == 6 else "app/client.py",
            severity=chance.choice(["high", "medium", "low"]),
        )
        for number, line in lines.items()
        if chance.random() < 0.6
    ]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_happens_each_finding_stands_once(stage: Stage, seed: int) -> None:
    chance = random.Random(seed)
    server = stage.server
    assert server is not None
    waived: set[str] = set()
    said_by_people = 0
    for step in range(STEPS):
        head = f"{step + 1:x}" * 40
        stage.push(head, DIFF)
        report = review(*some_findings(chance), head=head)
        if chance.random() < 0.4:
            server.faults = [
                Fault(
                    "POST",
                    "^(?!.*graphql)",
                    chance.choice([418, 502]),
                    chance.choice(["before", "after"]),
                    skip=chance.randrange(4),
                )
            ]
        with suppress(ForgeError):
            if chance.random() < 0.4:
                post_many(stage, [report, report], head=head)
            else:
                post(stage, report, head=head)
        server.faults = []
        posted = post(stage, report, head=head)
        threads = stage.seen()
        if threads and chance.random() < 0.4:
            index = chance.randrange(len(threads))
            command = chance.random() < 0.5
            stage.reply(index, "maintainer", "/reviewer waive for a reason" if command else "hm")
            said_by_people += 1
            if command:
                waived.update(threads[index].fingerprints)
                posted = post(stage, report, head=head)
        threads = stage.seen()
        alive = [name for one in threads for name in one.fingerprints if not one.body.startswith("**Fixed**")]
        assert sorted(alive) == sorted(set(alive)), f"step {step}"
        assert set(posted.waived) >= waived & {*alive}
        summary = "".join(stage.summaries())
        assert len(stage.summaries()) <= 1
        for one in report.findings:
            told = one.id in alive or one.id in posted.waived or f"{one.path}:{one.line}" in summary
            assert told, f"step {step}: {one.id}"
        gone = {identity(n) for n in range(1, 8)} - {one.id for one in report.findings}
        for thread in threads:
            if gone.issuperset(thread.fingerprints) and not thread.resolved:
                assert said_by_people, f"step {step}: {thread.fingerprints} is open though it is fixed and unanswered"
        writes = server.writes()
        post(stage, report, head=head)
        assert server.writes() == writes, f"step {step}: posting again wrote something"
