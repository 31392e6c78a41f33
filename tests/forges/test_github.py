"""What GitHub gets, and what is done where it is unfriendly."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from reviewer.domain.comment import Outcome, Posted, Target
from reviewer.domain.report import Report
from reviewer.forges.github import GitHub
from reviewer.forges.waiting import Waiting
from reviewer.posting.post import post_review
from tests.forges.github_standin import GitHubStandIn
from tests.posting.reviews import DIFF, HEAD, files, item, review

TARGET = Target("octo/shop", 7, HEAD)


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with GitHubStandIn(HEAD, DIFF) as server:
        assert isinstance(server, GitHubStandIn)
        yield server


def post(server: GitHubStandIn, report: Report, target: Target = TARGET, **options: Any) -> Posted:
    async def run() -> Posted:
        forge = GitHub("t0ken", api=server.url, waiting=Waiting(request=5, limit=2, backoff=0.01))
        try:
            return await post_review(forge, target, report, files(), pause=0, **options)
        finally:
            await forge.close()

    return asyncio.run(run())


def test_a_review_becomes_comments_a_summary_and_a_check(github: GitHubStandIn) -> None:
    posted = post(github, review(item(1, line=12), item(2, line=13, severity="medium")))
    assert posted.outcome is Outcome.POSTED
    assert [(one.path, one.comments[0].place["line"]) for one in github.published()] == [
        ("app/client.py", 12),
        ("app/client.py", 13),
    ]
    assert [one.state for one in github.reviews] == ["COMMENTED"]
    assert len(github.summaries()) == 1
    assert [(run["head_sha"], run["conclusion"], len(run["annotations"])) for run in github.runs] == [
        (HEAD, "failure", 2)
    ]
    assert (posted.created, posted.conclusion) == (2, "failure")
