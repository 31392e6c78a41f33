"""What every adapter of `Forge` keeps to, whoever is behind it: a review stands there once, whatever happens."""

from __future__ import annotations

import importlib
import inspect
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

import reviewer.forges
from reviewer.domain.comment import Target
from reviewer.domain.posting import Outcome
from reviewer.errors import ForgeError, UncertainError
from reviewer.forges.waiting import Waiting
from tests.forges.loopback import Fault
from tests.forges.stage import GitHubStage, GitLabStage, LocalStage, Stage, post, post_many
from tests.posting.reviews import DIFF, HEAD, NEXT, identity, item, review

Open = Callable[[ExitStack, Path], Stage]
OPENERS: dict[str, Open] = {"github": GitHubStage, "gitlab": GitLabStage, "local": LocalStage}
REMOTE = [name for name in OPENERS if name != "local"]

FIXED = DIFF.replace("    response = requests.get(url, headers=HEADERS)  # fetch", "    response = get(url)")


@pytest.fixture(params=OPENERS)
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    with ExitStack() as stack:
        yield OPENERS[request.param](stack, tmp_path)


@pytest.fixture(params=REMOTE)
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    with ExitStack() as stack:
        yield OPENERS[request.param](stack, tmp_path)


REVIEW = review(
    item(1, line=12),
    item(2, line=13, severity="medium"),
    item(3, line=70),
    item(4, line=1, path="app/elsewhere.py"),
    item(5, line=11, end_line=13),
    item(6, severity="low", line=13),
)


def places(stage: Stage) -> set[tuple[str, int | None, str]]:
    return {(one.path, one.line, name) for one in stage.seen() if not one.resolved for name in one.fingerprints}


TOLD = {
    ("app/client.py", 12, identity(1)),
    ("app/client.py", 13, identity(2)),
    ("app/client.py", 13, identity(5)),
    ("app/client.py", None, identity(3)),
}


def test_every_adapter_that_there_is_is_held_to_the_contract() -> None:
    found = set()
    for path in Path(reviewer.forges.__path__[0]).glob("*.py"):
        module = importlib.import_module(f"reviewer.forges.{path.stem}")
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == module.__name__ and hasattr(kind, "conclude"):
                found.add(name)
    assert found == {"GitHub", "GitLab", "LocalFolder"}


def test_findings_stand_on_lines_else_on_files_else_in_the_summary(stage: Stage) -> None:
    posted = post(stage, REVIEW)
    assert posted.outcome is Outcome.POSTED
    assert places(stage) == TOLD
    (summary,) = stage.summaries()
    assert "app/elsewhere.py:1" in summary
    assert "1 low finding" in summary
    assert (posted.present, posted.listed) == (4, 2)


def test_posting_again_changes_nothing(stage: Stage) -> None:
    post(stage, REVIEW)
    before, summaries = stage.seen(), stage.summaries()
    writes = stage.server.writes() if stage.server else 0
    posted = post(stage, REVIEW)
    assert (stage.seen(), stage.summaries()) == (before, summaries)
    assert (stage.server.writes() if stage.server else 0) == writes
    assert (posted.created, posted.present) == (0, 4)


def test_two_workers_at_once_leave_each_comment_once(stage: Stage) -> None:
    posted = post_many(stage, [REVIEW, REVIEW, REVIEW])
    assert {one.outcome for one in posted} == {Outcome.POSTED}
    assert places(stage) == TOLD
    assert len([name for one in stage.seen() for name in one.fingerprints]) == len(TOLD)
    assert len(stage.summaries()) == 1


@pytest.mark.parametrize("seed", range(4))
def test_workers_in_any_order_leave_each_comment_once(remote: Stage, seed: int) -> None:
    assert remote.server is not None
    order = random.Random(seed)
    remote.server.delays = iter(lambda: order.choice([0, 0, 0.004, 0.012]), None)
    other = review(*REVIEW.findings[:3], item(7, line=11, end_line=11))
    post_many(remote, [REVIEW, other, REVIEW], attempts=6)
    names = [name for one in remote.seen() for name in one.fingerprints]
    assert sorted(names) == sorted(set(names))
    assert len(remote.summaries()) == 1


def test_a_push_that_moves_lines_says_nothing_twice(stage: Stage) -> None:
    post(stage, REVIEW)
    moved = DIFF.replace("@@ -8,6 +8,9 @@", "@@ -18,6 +18,9 @@").replace("@@ -40,5 +43,4 @@", "@@ -50,5 +53,4 @@")
    stage.push(NEXT, moved)
    later = review(item(1, line=22), item(2, line=23, severity="medium"), item(3, line=80), head=NEXT)
    posted = post(stage, later, head=NEXT, diff=moved)
    assert posted.created == 0
    assert sorted(name for one in stage.seen() for name in one.fingerprints) == [identity(n) for n in (1, 2, 3, 5)]


def test_a_finding_that_is_gone_closes_its_thread_and_says_so(stage: Stage) -> None:
    post(stage, REVIEW)
    stage.push(NEXT, FIXED)
    rest = [one for one in REVIEW.findings if one.id != identity(1)]
    posted = post(stage, review(*rest, head=NEXT), head=NEXT, diff=FIXED)
    (closed,) = [one for one in stage.seen() if one.fingerprints == (identity(1),)]
    assert closed.resolved
    assert closed.body.startswith(f"**Fixed** in {NEXT[:12]}.")
    assert "waits for ever" in closed.body
    assert posted.resolved == 1


def test_a_finding_that_comes_back_is_said_again(stage: Stage) -> None:
    post(stage, REVIEW)
    stage.push(NEXT, FIXED)
    post(stage, review(head=NEXT), head=NEXT, diff=FIXED)
    assert places(stage) == set()
    stage.push("d" * 40, DIFF)
    post(stage, review(item(1, line=12), head="d" * 40), head="d" * 40)
    assert places(stage) == {("app/client.py", 12, identity(1))}


def test_a_thread_that_a_person_closed_is_not_opened_again(stage: Stage) -> None:
    post(stage, review(item(1, line=12)))
    stage.close_thread(0)
    posted = post(stage, review(item(1, line=12)))
    assert (posted.created, len(stage.seen())) == (0, 1)


def test_a_thread_that_a_person_answered_is_left_alone(remote: Stage) -> None:
    post(remote, review(item(1, line=12)))
    remote.reply(0, "passer-by", "Are you sure?")
    remote.push(NEXT, FIXED)
    posted = post(remote, review(head=NEXT), head=NEXT, diff=FIXED)
    assert (posted.resolved, [one.resolved for one in remote.seen()]) == (0, [False])
    assert "Fixed" not in remote.seen()[0].body


def test_a_finding_waived_by_a_reply_is_not_said_again_and_blocks_nothing(remote: Stage) -> None:
    post(remote, review(item(1, line=12)))
    assert remote.verdict() in ("failure", "failed")
    remote.reply(0, "maintainer", "/reviewer waive the proxy cuts it after 10 s\nmore words")
    posted = post(remote, review(item(1, line=12)))
    assert {(one.by, one.reason) for one in posted.waived.values()} == {("maintainer", "the proxy cuts it after 10 s")}
    assert remote.seen()[0].resolved
    assert remote.verdict() == "success"
    assert "the proxy cuts it" in remote.summaries()[0]
    elsewhere = post(remote, review(item(1, line=12)), waived=posted.waived)
    assert elsewhere.created == 0


def test_only_who_may_write_waives(remote: Stage) -> None:
    post(remote, review(item(1, line=12)))
    remote.reply(0, "passer-by", "/reviewer waive I do not like it")
    posted = post(remote, review(item(1, line=12)))
    assert posted.waived == {}
    assert remote.verdict() in ("failure", "failed")
    assert "it needs the right to write" in remote.summaries()[0]


def test_a_waiver_needs_a_reason(remote: Stage) -> None:
    post(remote, review(item(1, line=12)))
    remote.reply(0, "maintainer", "/reviewer waive")
    assert post(remote, review(item(1, line=12))).waived == {}
    assert "gave no reason" in remote.summaries()[0]


def test_a_finding_of_the_summary_is_waived_by_its_id(remote: Stage) -> None:
    post(remote, review(item(0xABCDEF0123456789, line=1, path="app/elsewhere.py")))
    remote.remark("maintainer", f"/reviewer waive {identity(0xABCDEF0123456789)[:12]} generated code")
    posted = post(remote, review(item(0xABCDEF0123456789, line=1, path="app/elsewhere.py")))
    assert [one.reason for one in posted.waived.values()] == ["generated code"]


def test_a_head_that_moved_gets_nothing(remote: Stage) -> None:
    remote.push(NEXT, DIFF)
    posted = post(remote, REVIEW)
    assert (posted.outcome, posted.head) == (Outcome.STALE, NEXT)
    assert remote.server is not None
    assert remote.server.writes() == 0


def test_a_closed_pull_request_gets_no_comment(remote: Stage) -> None:
    remote.end()
    posted = post(remote, REVIEW)
    assert (posted.outcome, remote.seen(), remote.summaries()) == (Outcome.CLOSED, [], [])
    assert remote.verdict() in ("failure", "failed")


def test_lines_that_the_forge_does_not_show_cost_no_finding(remote: Stage) -> None:
    without = DIFF.replace("@@ -8,6 +8,9 @@", "@@ -108,6 +108,9 @@")
    remote.push(HEAD, without)
    posted = post(remote, REVIEW)
    assert posted.outcome is Outcome.POSTED
    told = {name for one in remote.seen() for name in one.fingerprints}
    (summary,) = remote.summaries()
    assert told | {identity(4)} == {identity(n) for n in range(1, 6)}
    assert all(one.line is None for one in remote.seen())
    assert "app/elsewhere.py:1" in summary


def test_a_file_that_the_forge_does_not_know_costs_only_its_own_comment(remote: Stage) -> None:
    other = "--- a/app/gone.py\n+++ b/app/gone.py\n@@ -1,1 +1,2 @@\n x\n+y\n"
    report = review(item(1, line=70), item(2, path="app/gone.py", line=60))
    post(remote, report, diff=DIFF + other)
    assert [(one.path, one.line) for one in remote.seen()] == [("app/client.py", None)]
    assert "app/gone.py:60" in remote.summaries()[0]


def test_without_rights_the_caller_gets_what_it_can_print(remote: Stage) -> None:
    remote.forbid()
    posted = post(remote, REVIEW)
    assert posted.outcome is Outcome.FORBIDDEN
    assert posted.fallback is not None
    assert posted.fallback.commands.startswith("::error file=app/client.py,line=11,endLine=13,")
    assert "app/elsewhere.py:1" in posted.fallback.summary
    assert remote.seen() == []


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_server_error_at_any_write_says_nothing_twice(remote: Stage, number: int, when: str) -> None:
    assert remote.server is not None
    any_write = r"^(?!.*graphql)"
    for method in ("POST", "PUT", "PATCH"):
        remote.server.faults.append(
            Fault(method, any_write, 502, "after" if when == "after" else "before", skip=number)
        )
    post(remote, REVIEW)
    assert places(remote) == TOLD
    assert len([name for one in remote.seen() for name in one.fingerprints]) == len(TOLD)
    assert len(remote.summaries()) == 1
    assert remote.verdict() in ("failure", "failed")


@pytest.mark.parametrize("number", range(7))
def test_a_worker_that_dies_between_any_two_requests_is_taken_up(remote: Stage, number: int) -> None:
    assert remote.server is not None
    fault = Fault("POST", ".", 418, times=1000, skip=number)
    remote.server.faults.append(fault)
    with suppress(ForgeError):
        post(remote, REVIEW)
    remote.server.faults.clear()
    post(remote, REVIEW)
    assert places(remote) == TOLD
    assert len([name for one in remote.seen() for name in one.fingerprints]) == len(TOLD)
    assert len(remote.summaries()) == 1


def test_a_forge_that_stays_unclear_is_told(remote: Stage) -> None:
    assert remote.server is not None
    remote.server.faults.append(Fault("POST", "^(?!.*graphql)", 502, times=1000))
    with pytest.raises(UncertainError, match="HTTP 502"):
        post(remote, REVIEW)


def test_many_threads_are_read_page_by_page(remote: Stage) -> None:
    assert remote.server is not None
    remote.server.page = 2  # type: ignore[attr-defined]
    post(remote, REVIEW)
    for number in range(5):
        remote.remark("passer-by", f"remark {number}")
    writes = remote.server.writes()
    post(remote, REVIEW)
    assert remote.server.writes() == writes


def test_a_commit_alone_gets_a_verdict(stage: Stage) -> None:
    import asyncio

    from reviewer.posting.post import post_review

    async def run() -> None:
        forge = stage.open()
        await post_review(forge, Target(stage.repository, None, HEAD), REVIEW, ())
        await forge.close()

    asyncio.run(run())
    assert stage.verdict() in ("failure", "failed")
    assert (stage.seen(), stage.summaries()) == ([], [])


def test_waiting_has_sound_defaults() -> None:
    assert Waiting().limit <= 120
