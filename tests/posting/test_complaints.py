"""What users of other review tools complain of, each shown to be impossible here as far as posting is concerned.

The ten are those that recur in the issue threads of such tools; a test is named after each.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from reviewer.domain.posting import Outcome, PostingLimits
from reviewer.domain.report import Coverage, Judgement, NotChecked, Suggestion, Usage
from tests.forges.stage import GitHubStage, post, post_many
from tests.posting.reviews import DIFF, HEAD, NEXT, identity, item, review


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubStage]:
    with ExitStack() as stack:
        yield GitHubStage(stack, tmp_path)


def told(github: GitHubStage) -> list[str]:
    return [name for one in github.seen() for name in one.fingerprints]


def test_1_the_same_comment_on_every_push(github: GitHubStage) -> None:
    for number in range(5):
        head = f"{number:x}" * 40
        github.push(head, DIFF)
        report = review(item(1, line=12), item(2, line=13), head=head)
        post_many(github, [report, report], head=head)
    assert sorted(told(github)) == [identity(1), identity(2)]
    assert len(github.server.reviews) == 1
    assert len(github.summaries()) == 1


def test_1_ninety_comments_on_one_pull_request(github: GitHubStage) -> None:
    diff = "--- a/a.py\n+++ b/a.py\n@@ -0,0 +1,90 @@\n" + "+x\n" * 90
    github.push(HEAD, diff)
    report = review(*(item(n, path="a.py", line=n, end_line=n) for n in range(1, 91)))
    posted = post(github, report, diff=diff)
    assert len(github.seen()) == PostingLimits().comments == 30
    assert posted.listed == 60
    assert "**Not in a comment** (60 findings)" in github.summaries()[0]
    assert "`reviewer review` shows the whole report." in github.summaries()[0]
    post(github, report, diff=diff, link="https://reviewer.example/r/1")
    assert "[The whole report](https://reviewer.example/r/1)" in github.summaries()[0]


def test_2_noise(github: GitHubStage) -> None:
    """Silence is a result: low findings get no comment of their own, and a clean change gets none at all."""
    post(github, review())
    assert (github.seen(), github.summaries(), github.verdict()) == ([], [], "success")
    post(github, review(item(1, line=12, severity="low")))
    assert (github.seen(), github.verdict()) == ([], "success")
    assert "<details><summary>1 low finding</summary>" in github.summaries()[0]
    assert [run["annotations"] for run in github.server.runs] == [[], []]
    run = github.server.runs[-1]
    assert "1 low finding not marked on the lines." in run["output"]["summary"]


def test_3_a_dismissal_that_is_not_remembered(github: GitHubStage) -> None:
    post(github, review(item(1, line=12)))
    github.reply(0, "maintainer", "/reviewer waive the caller retries")
    waived = post(github, review(item(1, line=12))).waived
    for head in (NEXT, "d" * 40):
        github.push(head, DIFF)
        posted = post(github, review(item(1, line=12), head=head), head=head)
        assert (posted.created, github.verdict()) == (0, "success")
    # Even where nobody can read the thread any more, as in another pull request.
    github.server.threads.clear()
    assert post(github, review(item(1, line=12), head=head), head=head, waived=waived).created == 0


def test_4_stale_threads_and_endless_rounds(github: GitHubStage) -> None:
    """Everything is told in round one; what is fixed is resolved, and what people wrote is never deleted."""
    report = review(item(1, line=12), item(2, line=13))
    first = post(github, report, limits=PostingLimits(comments=1))
    assert first.listed == 1
    github.reply(0, "passer-by", "I think this is fine")
    github.push(NEXT, DIFF)
    post(github, review(head=NEXT), head=NEXT)
    assert len(github.server.threads[0].comments) == 2
    assert not github.server.threads[0].resolved
    assert github.server.count("DELETE", ".") == 0
    github.server.threads[0].comments.pop()
    post(github, review(head=NEXT), head=NEXT)
    assert github.server.threads[0].resolved


def test_5_a_wrong_line_or_a_lost_comment(github: GitHubStage) -> None:
    report = review(
        item(1, line=12),
        item(2, line=20),  # outside of the hunks
        item(3, line=3, path="not/in/the/diff.py"),
        item(4, line=10**9),
        item(5, line=44, end_line=44),  # an unchanged line beside a deletion
        item(6, line=1, path="app/\udcff.py"),
    )
    posted = post(github, report)
    assert posted.outcome is Outcome.POSTED
    lines = {name: one.line for one in github.seen() for name in one.fingerprints}
    assert lines == {identity(1): 12, identity(2): None, identity(4): None, identity(5): 44}
    summary = github.summaries()[0]
    assert "not/in/the/diff.py:3" in summary
    assert "app/\\udcff.py:1" in summary


def test_6_opaque_cost(github: GitHubStage) -> None:
    usage = Usage(model_calls=3, input_tokens=4100, output_tokens=220, cached_tokens=0, cost_usd=0.0213, elapsed_ms={})
    post(github, review(item(1, line=12), model="anthropic:claude", usage=usage))
    assert "3 calls, 4,100 tokens in, 220 out, 0.0213 USD" in github.summaries()[0]


@pytest.mark.parametrize("status", ["partial", "failed"])
def test_7_a_false_green(github: GitHubStage, status: str) -> None:
    coverage = Coverage(
        files_changed=3,
        files_reviewed=2 if status == "partial" else 0,
        units_reviewed=2,
        not_checked=[NotChecked(path="app/broken.py", reason="line 7 is no Python")],
    )
    post(github, review(status=status, coverage=coverage))
    (run,) = github.server.runs
    assert run["conclusion"] == ("action_required" if status == "partial" else "failure")
    said = "Partly reviewed: 2 of 3 files, 1 part not checked" if status == "partial" else "Not reviewed: 0 of 3 files"
    assert run["output"]["title"].startswith(said)
    assert "`app/broken.py`: line 7 is no Python" in run["output"]["summary"]
    assert "`app/broken.py`" in github.summaries()[0]


def test_7_a_partial_review_that_may_pass_is_still_no_success(github: GitHubStage) -> None:
    post(github, review(status="partial"), limits=PostingLimits(incomplete_passes=True))
    assert github.verdict() == "neutral"
    github.server.accounts["t0ken"].rights.discard("checks")
    post(github, review(status="partial"), limits=PostingLimits(incomplete_passes=True, annotations=1))
    assert [one["state"] for one in github.server.statuses] in ([], ["error"])


def test_8_claims_about_unseen_code(github: GitHubStage) -> None:
    """What only a model suspects is marked so, and a model's doubt about a finding is told with it."""
    doubt = Judgement(by="anthropic:claude", verdict="doubted", reason="the client sets a limit")
    post(github, review(item(1, line=12, rule="suspected-waits-forever"), item(2, line=13, judgement=doubt)))
    first, second = (one.body for one in github.seen())
    assert "suspected by a model, not found by a rule" in first
    assert "anthropic:claude doubts it: the client sets a limit" in second


def test_9_untrusted_text_and_tokens_of_forks(github: GitHubStage) -> None:
    github.forbid()
    posted = post(github, review(item(1, line=12, message="x\n::set-env name=PATH::/tmp")))
    assert posted.outcome is Outcome.FORBIDDEN
    assert posted.fallback is not None
    (command,) = posted.fallback.commands.splitlines()
    assert command.startswith("::error file=app/client.py,line=12,")
    assert "%0A::set-env" in command


def test_9_a_copied_marker_hides_nothing(github: GitHubStage) -> None:
    post(github, review(item(1, line=12)))
    copied = github.seen()[0].body
    github.server.threads.clear()
    github.server.begin_thread("passer-by", "app/client.py", 12, copied)
    github.server.remark("passer-by", github.summaries()[0])
    assert post(github, review(item(1, line=12))).created == 1


def test_10_suggestions_that_break_code(github: GitHubStage) -> None:
    """One click applies just the verified lines; what spans more than the diff shows is only there to be read."""
    head = "--- a/app/client.py\n+++ b/app/client.py\n"
    here = f'{head}@@ -11,3 +11,4 @@\n     url = url.strip()\n+    log.info("x")\n     response = requests.get(url, headers=HEADERS)  # fetch\n     return response.json()["name"]\n'
    far = f"{head}@@ -1,1 +1,2 @@\n+import logging\n import os\n@@ -12,2 +13,3 @@\n a\n+b\n c\n"
    report = review(
        item(1, line=12, suggestion=Suggestion(kind="logging", patch=here, verified=["parses"])),
        item(2, line=13, end_line=13, suggestion=Suggestion(kind="logging", patch=far, verified=["parses"])),
    )
    post(github, report)
    first, second = github.seen()
    place = github.server.threads[0].comments[0].place
    assert (place["start_line"], place["line"]) == (11, 12)
    assert (
        '```suggestion\n    url = url.strip()\n    log.info("x")\n'
        "    response = requests.get(url, headers=HEADERS)  # fetch\n```"
    ) in first.body
    assert "```suggestion" not in second.body
    assert "```diff\n--- a/app/client.py" in second.body


def test_the_report_itself_is_not_touched(github: GitHubStage) -> None:
    report = review(item(1, line=12))
    before = dataclasses.replace(report)
    post(github, report)
    assert report == before
