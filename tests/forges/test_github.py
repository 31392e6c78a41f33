"""Where GitHub is unfriendly: limits, lost answers, credentials, many annotations."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from reviewer.domain.comment import Target
from reviewer.domain.posting import Outcome
from reviewer.errors import ForgeError, RateLimitError, ReviewerError, UsageError
from reviewer.forges.github import GitHub
from reviewer.forges.github_client import AppCredentials
from tests.forges.loopback import Fault
from tests.forges.stage import WAITING, GitHubStage, post
from tests.posting.reviews import DIFF, HEAD, NEXT, identity, item, review


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[GitHubStage]:
    with ExitStack() as stack:
        yield GitHubStage(stack, tmp_path)


REVIEW = review(item(1, line=12), item(2, line=13, severity="medium"))


def test_a_review_becomes_comments_a_summary_and_a_check(stage: GitHubStage) -> None:
    posted = post(stage, REVIEW)
    assert posted.outcome is Outcome.POSTED
    assert [(one.path, one.line) for one in stage.seen()] == [("app/client.py", 12), ("app/client.py", 13)]
    assert [(one.state, one.commit) for one in stage.server.reviews] == [("COMMENTED", HEAD)]
    assert [(run["head_sha"], run["conclusion"], len(run["annotations"])) for run in stage.server.runs] == [
        (HEAD, "failure", 2)
    ]
    assert (posted.created, posted.conclusion) == (2, "failure")


@pytest.mark.parametrize("path", ["/reviews$", "/events$", "/issues/7/comments$", "/check-runs$"])
def test_a_lost_answer_to_a_write_that_was_stored_repeats_nothing(stage: GitHubStage, path: str) -> None:
    stage.server.faults.append(Fault("POST", path, 502, "after"))
    post(stage, REVIEW)
    assert len(stage.seen()) == 2
    assert len(stage.server.reviews) == len(stage.summaries()) == len(stage.server.runs) == 1


@pytest.mark.parametrize("lag", [1, 2])
def test_a_look_that_does_not_show_what_was_just_written_repeats_nothing(stage: GitHubStage, lag: int) -> None:
    stage.server.lag = lag
    report = review(item(1, line=12), item(2, line=70), item(3, line=1, path="app/elsewhere.py"))
    post(stage, report)
    stage.server.lag = 0
    assert sorted(one.line or 0 for one in stage.seen()) == [0, 12]
    assert len(stage.server.reviews) == len(stage.summaries()) == 1


def test_a_token_that_may_only_comment_is_told_that_the_verdict_is_missing(stage: GitHubStage) -> None:
    stage.server.accounts["t0ken"].rights -= {"checks", "statuses"}
    posted = post(stage, REVIEW)
    assert (posted.outcome, posted.conclusion, len(stage.seen())) == (Outcome.POSTED, None, 2)
    assert any("may not set a verdict" in note for note in posted.notes)
    assert post(stage, REVIEW).outcome is Outcome.POSTED


def test_a_secondary_rate_limit_is_waited_out(stage: GitHubStage) -> None:
    stage.server.faults.append(Fault("POST", "/reviews$", 403, headers={"retry-after": "1"}, body={"message": "slow"}))
    start = time.monotonic()
    assert post(stage, REVIEW).created == 2
    assert time.monotonic() - start >= 1


def test_a_long_rate_limit_is_told_and_not_waited_out(stage: GitHubStage) -> None:
    reset = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 3000)}
    for status, headers in ((429, {"retry-after": "600"}), (403, reset)):
        stage.server.faults = [Fault("POST", "/issues/7/comments$", status, headers=headers)]
        with pytest.raises(RateLimitError) as caught:
            post(stage, REVIEW)
        assert caught.value.after >= 599
    stage.server.faults.clear()
    post(stage, REVIEW)
    assert (len(stage.seen()), len(stage.summaries())) == (2, 1)


def test_a_head_that_moves_while_the_review_is_posted_gets_no_more(stage: GitHubStage) -> None:
    original = stage.server.answer

    def answer(request: Any) -> Any:
        reply = original(request)
        if request.path.endswith("/reviews"):
            stage.server.push(NEXT, "")
        return reply

    stage.server.answer = answer  # type: ignore[method-assign]
    posted = post(stage, REVIEW)
    assert (posted.outcome, posted.head) == (Outcome.STALE, NEXT)
    assert (stage.seen(), stage.summaries(), stage.server.runs) == ([], [], [])
    post(stage, review(head=NEXT), head=NEXT)
    assert stage.server.reviews == []


def test_annotations_go_fifty_a_request_and_none_twice(stage: GitHubStage) -> None:
    report = review(*(item(n, path="app/elsewhere.py", line=n, end_line=n) for n in range(1, 121)))
    stage.server.faults.append(Fault("PATCH", "/check-runs/", 502, "after"))
    post(stage, report)
    (run,) = stage.server.runs
    assert (run["status"], run["conclusion"]) == ("completed", "failure")
    assert sorted(one["start_line"] for one in run["annotations"]) == list(range(1, 121))
    sizes = [
        len(one.body["output"]["annotations"])
        for one in stage.server.requests
        if "/check-runs" in one.path and one.body
    ]
    assert max(sizes) == 50


def test_another_report_on_the_same_head_is_another_check(stage: GitHubStage) -> None:
    post(stage, REVIEW)
    post(stage, review(item(2, line=13, severity="medium")))
    assert [run["conclusion"] for run in stage.server.runs] == ["failure", "neutral"]


def test_a_token_that_may_write_no_check_sets_a_status_once(stage: GitHubStage) -> None:
    stage.server.accounts["t0ken"].rights.discard("checks")
    for _ in range(2):
        post(stage, REVIEW)
    (status,) = stage.server.statuses
    assert (status["state"], status["context"]) == ("failure", "reviewer")
    assert status["description"] == "Blocked: 1 high, 1 medium in 2 files"


def test_a_token_that_may_resolve_nothing_still_says_what_is_fixed(stage: GitHubStage) -> None:
    post(stage, REVIEW)
    stage.server.accounts["t0ken"].rights.discard("resolve")
    stage.push(NEXT, DIFF)
    posted = post(stage, review(head=NEXT), head=NEXT)
    assert posted.outcome is Outcome.POSTED
    assert all(one.body.startswith("**Fixed**") for one in stage.seen())
    assert any("may not resolve threads" in note for note in posted.notes)


def test_a_second_draft_of_a_person_is_not_touched(stage: GitHubStage) -> None:
    from tests.forges.github_standin import StoredReview

    own = StoredReview(1, stage.server.accounts["t0ken"], "my own draft", HEAD)
    stage.server.reviews.append(own)
    post(stage, REVIEW)
    assert stage.server.reviews == [own]
    assert "unpublished review" in stage.summaries()[0]
    assert "app/client.py:12" in stage.summaries()[0]


def test_a_draft_that_a_dead_worker_left_is_shown_or_thrown_away(stage: GitHubStage) -> None:
    stage.server.faults.append(Fault("POST", "/events$", 418, times=1000))
    with pytest.raises(ForgeError):
        post(stage, REVIEW)
    assert stage.seen() == []
    stage.server.faults.clear()
    post(stage, review(item(1, line=12)))
    assert [one.fingerprints for one in stage.seen()] == [(identity(1),)]
    assert len(stage.server.reviews) == 1


def test_credentials_that_are_not_accepted_are_a_clear_error(stage: GitHubStage) -> None:
    async def run() -> None:
        forge = GitHub("wr0ng-s3cret", api=stage.server.url, waiting=WAITING)
        try:
            await forge.look(Target("octo/shop", 7, HEAD))
        finally:
            await forge.close()

    with pytest.raises(ForgeError, match="the credentials are not accepted") as caught:
        asyncio.run(run())
    assert "s3cret" not in f"{caught.value!r} {caught.value}"


@pytest.mark.parametrize("repository", ["octo", "octo/../shop", "../..", "octo/shop/more", "octo/shop?x=1", "octo/.."])
def test_a_repository_that_is_no_name_is_never_asked_for(stage: GitHubStage, repository: str) -> None:
    async def run() -> None:
        forge = GitHub("t0ken", api=stage.server.url)
        await forge.look(Target(repository, 7, HEAD))

    with pytest.raises(ForgeError, match="no repository of GitHub"):
        asyncio.run(run())
    assert stage.server.requests == []


@pytest.mark.parametrize("api", ["ftp://x", "api.github.com", ""])
def test_an_address_that_is_no_url_is_wrong_usage(api: str) -> None:
    with pytest.raises(UsageError, match="no URL"):
        GitHub("t", api=api)


def test_a_pull_request_that_is_not_there_is_a_clear_error(stage: GitHubStage) -> None:
    async def run() -> None:
        forge = GitHub("t0ken", api=stage.server.url)
        try:
            await forge.look(Target("octo/shop", 8, HEAD))
        finally:
            await forge.close()

    with pytest.raises(ReviewerError, match="no such pull request"):
        asyncio.run(run())


def test_a_private_key_is_not_shown() -> None:
    assert "BEGIN" not in repr(AppCredentials(1, "-----BEGIN RSA PRIVATE KEY-----", 2))


def test_an_app_gets_a_token_for_its_installation(stage: GitHubStage) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    stage.server.apps[5] = key.public_key()

    async def run() -> None:
        forge = GitHub(AppCredentials(5, pem, 9), api=stage.server.url, waiting=WAITING)
        await forge.look(Target("octo/shop", 7, HEAD))
        await forge.close()

    asyncio.run(run())
    assert stage.server.count("POST", "/app/installations/9/access_tokens$") == 1
    assert [one.query.get("app_id") for one in stage.server.requests if "check-runs" in one.path] == ["5"]
