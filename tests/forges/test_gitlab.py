"""What GitLab gets, and where it is unfriendly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from reviewer.domain.comment import Target
from reviewer.domain.report import Suggestion
from reviewer.errors import ForgeError, RateLimitError, UsageError
from reviewer.forges.gitlab import GitLab
from tests.forges.loopback import Fault
from tests.forges.stage import WAITING, GitLabStage, post
from tests.posting.reviews import DIFF, HEAD, item, review


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[GitLabStage]:
    with ExitStack() as stack:
        yield GitLabStage(stack, tmp_path)


def test_an_added_line_goes_by_its_new_number_and_any_other_by_both(stage: GitLabStage) -> None:
    post(stage, review(item(1, line=12), item(2, line=43, end_line=43)))
    positions = [one.notes[0].position or {} for one in stage.server.state.discussions if not one.individual]
    assert [(one.get("old_line"), one.get("new_line")) for one in positions] == [(None, 12), (40, 43)]


def test_several_lines_name_both_ends(stage: GitLabStage) -> None:
    post(stage, review(item(1, line=10, end_line=12)))
    position = stage.server.state.discussions[0].notes[0].position or {}
    start, end = position["line_range"]["start"], position["line_range"]["end"]
    assert (start["old_line"], start["new_line"], end["type"], end["new_line"]) == (10, 10, "new", 12)


def test_a_line_of_a_deleted_file_goes_by_its_old_number(stage: GitLabStage) -> None:
    diff = "--- a/x.py\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-a\n-b\n-c\n"
    stage.push(HEAD, diff)
    post(stage, review(item(1, path="x.py", line=2, end_line=2)), diff=diff)
    position = stage.server.state.discussions[0].notes[0].position or {}
    assert (position.get("old_line"), position.get("new_line")) == (2, None)


def test_a_suggestion_counts_its_lines_from_that_of_the_comment(stage: GitLabStage) -> None:
    patch = (
        "--- a/app/client.py\n+++ b/app/client.py\n@@ -11,3 +11,4 @@\n"
        "     url = url.strip()\n+    log()\n     response = 1\n     return 2\n"
    )
    post(stage, review(item(1, line=12, suggestion=Suggestion(kind="logging", patch=patch, verified=[]))))
    assert "```suggestion:-1+0\n    url = url.strip()\n    log()\n    response = 1\n```" in stage.seen()[0].body


@pytest.mark.parametrize(
    ("severity", "status", "state"),
    [
        ("low", "complete", "success"),
        ("medium", "complete", "success"),
        ("high", "complete", "failed"),
        ("low", "partial", "failed"),
        ("low", "failed", "failed"),
    ],
)
def test_the_status_is_green_only_for_what_was_reviewed_whole(
    stage: GitLabStage, severity: str, status: str, state: str
) -> None:
    for _ in range(2):
        post(stage, review(item(1, line=12, severity=severity), status=status))
    assert [one["status"] for one in stage.server.state.statuses] == [state]


def test_a_rate_limit_is_waited_out_within_bounds(stage: GitLabStage) -> None:
    stage.server.faults.append(Fault("POST", "/discussions$", 429, headers={"Retry-After": "1"}))
    start = time.monotonic()
    assert post(stage, review(item(1, line=12))).present == 1
    assert time.monotonic() - start >= 1
    stage.server.faults.append(Fault("PUT", "/notes/", 429, headers={"Retry-After": "600"}))
    with pytest.raises(RateLimitError) as caught:
        post(stage, review(item(1, line=12), item(2, line=20, severity="low")))
    assert caught.value.after == 600


def test_a_diff_that_is_not_ready_is_waited_for(stage: GitLabStage) -> None:
    refs = type(stage.server).refs
    try:
        type(stage.server).refs = property(lambda self: {})  # type: ignore[assignment, method-assign]
        with pytest.raises(ForgeError, match="is not that of the reviewed head"):
            post(stage, review(item(1, line=12)))
    finally:
        type(stage.server).refs = refs  # type: ignore[method-assign]
    assert post(stage, review(item(1, line=12))).present == 1


def test_a_name_that_only_begins_like_a_maintainers_may_not_waive(stage: GitLabStage) -> None:
    post(stage, review(item(1, line=12)))
    stage.reply(0, "maintainer2", "/reviewer waive because")
    assert post(stage, review(item(1, line=12))).waived == {}


def test_a_token_that_is_not_accepted_is_a_clear_error(stage: GitLabStage) -> None:
    async def run() -> None:
        forge = GitLab("wr0ng-s3cret", url=stage.server.url, waiting=WAITING)
        await forge.look(Target(stage.repository, 7, HEAD))

    with pytest.raises(ForgeError, match="the token is not accepted") as caught:
        asyncio.run(run())
    assert "s3cret" not in f"{caught.value!r} {caught.value}"


def test_an_address_that_is_no_url_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="no URL"):
        GitLab("t", url="gitlab.com")


def test_a_renamed_file_names_both_paths(stage: GitLabStage) -> None:
    diff = DIFF.replace("--- a/app/client.py", "rename from app/old.py\nrename to app/client.py\n--- a/app/old.py")
    stage.push(HEAD, diff)
    post(stage, review(item(1, line=12)), diff=diff)
    position = stage.server.state.discussions[0].notes[0].position or {}
    assert (position["old_path"], position["new_path"]) == ("app/old.py", "app/client.py")
