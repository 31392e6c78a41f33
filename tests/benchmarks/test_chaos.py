"""What the measure of crashes would see if something went wrong."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.chaos.forge import UnreliableGitHub
from benchmarks.chaos.material import PullRequest
from benchmarks.chaos.outcome import Ended, Undisturbed, judge, undisturbed
from reviewer.posting.marker import FindingsMark, findings_marker
from tests.forges.github_standin import StoredComment, StoredThread

PULL = PullRequest(7, 0, "a" * 40, "b" * 40, "")
REVIEW = {
    "id": "1",
    "state": "done",
    "posted": {"comments": 1},
    "base": PULL.base,
    "head": PULL.head,
    "findings": ["f"],
    "usage": {"model_calls": 0, "elapsed_ms": {"diff": 1}},
}


def told(times: int) -> UnreliableGitHub:
    """GitHub with a finding on the pull request."""
    forge = UnreliableGitHub([PULL], 0.0, 1)
    part = forge._parts[7]
    for number in range(times):
        body = findings_marker(FindingsMark(("0" * 16,), ("no-timeout",), PULL.head))
        part.threads.append(StoredThread(str(number), "app.py", [StoredComment(number, part.accounts["t0ken"], body)]))
    forge._server.server_close()
    return forge


@pytest.fixture
def expected() -> dict[int, Undisturbed]:
    return {0: undisturbed(Ended(PULL, REVIEW), told(1))}


def test_a_review_that_is_like_the_undisturbed_is_well(expected: dict[int, Undisturbed]) -> None:
    later = {**REVIEW, "id": "2", "usage": {"model_calls": 0, "elapsed_ms": {"diff": 9}}}
    assert judge([Ended(PULL, later)], expected, told(1)).is_well


@pytest.mark.parametrize(
    ("review", "times", "wrong"),
    [
        (None, 1, "lost"),
        ({**REVIEW, "state": "running"}, 1, "lost"),
        ({**REVIEW, "posted": {"failure": "the forge says no"}}, 1, "lost"),
        ({**REVIEW, "findings": []}, 1, "different"),
        ({**REVIEW, "head": "c" * 40}, 1, "different"),
        (REVIEW, 2, "twice"),
        (REVIEW, 0, "missing"),
    ],
)
def test_what_goes_wrong_is_seen(
    expected: dict[int, Undisturbed], review: dict[str, Any] | None, times: int, wrong: str
) -> None:
    outcome = judge([Ended(PULL, review)], expected, told(times))
    assert [name for name in ("lost", "twice", "missing", "different") if getattr(outcome, name)] == [wrong]
