"""What is left after all of it, held against what comes out when nothing goes wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.chaos.forge import UnreliableGitHub
from benchmarks.chaos.material import PullRequest

_OWN = frozenset(
    {"id", "created_at", "started_at", "finished_at", "posted", "progress", "state", "base", "head", "repository"}
)
"""What may differ: when, and of which of the commits that have the same tree."""


@dataclass(frozen=True)
class Ended:
    """A review that was accepted, as it is in the end; None for one that never ended."""

    pull: PullRequest
    review: dict[str, Any] | None


@dataclass
class Outcome:
    """What went wrong; each a line for a person.

    Attributes:
        lost: reviews without a report, or not posted.
        twice: findings or summaries that stand more than once on a pull request.
        missing: findings that should stand there and do not.
        different: reports that differ from the undisturbed.
    """

    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        """Whether nothing went wrong."""
        return not (self.lost or self.twice or self.missing or self.different)

    def lines(self) -> list[str]:
        """In words."""
        told = []
        for name in ("lost", "twice", "missing", "different"):
            found = getattr(self, name)
            told.append(f"{name}: {len(found)}")
            told += [f"  {one}" for one in found[:10]]
        return told


@dataclass(frozen=True)
class Undisturbed:
    """What one change comes to when nothing goes wrong.

    Attributes:
        report: what must be the same.
        told: the findings that stand on its pull request.
        conclusion: of its check.
    """

    report: Mapping[str, Any]
    told: Sequence[str]
    conclusion: str | None


def undisturbed(ended: Ended, forge: UnreliableGitHub) -> Undisturbed:
    """Take it from a review that nothing went wrong with."""
    assert ended.review is not None
    told = forge.told(ended.pull.number)
    return Undisturbed(_comparable(ended.review), told, forge.conclusion(ended.pull.head))


def judge(reviews: Sequence[Ended], expected: Mapping[int, Undisturbed], forge: UnreliableGitHub) -> Outcome:
    """Hold all reviews and all pull requests against what they should be.

    Args:
        reviews: that were accepted.
        expected: by variant.
        forge: what they were posted on.
    """
    outcome = Outcome()
    for one in reviews:
        name = f"pull request {one.pull.number}"
        if one.review is None or one.review["state"] != "done" or (one.review["posted"] or {}).get("failure"):
            shown = {key: (one.review or {}).get(key) for key in ("id", "state", "progress", "posted")}
            outcome.lost.append(f"{name}: {shown}")
            continue
        found, wanted = _comparable(one.review), expected[one.pull.variant].report
        keys = sorted(key for key in {*found, *wanted} if found.get(key) != wanted.get(key))
        if keys or (one.review["base"], one.review["head"]) != (one.pull.base, one.pull.head):
            outcome.different.append(f"{name}: review {one.review['id']} differs in {', '.join(keys) or 'its commits'}")
    for pull in {one.pull.number: one.pull for one in reviews}.values():
        name, wanted_here = f"pull request {pull.number}", expected[pull.variant]
        times = Counter(forge.told(pull.number))
        outcome.twice += [f"{name}: {finding} stands {count} times" for finding, count in times.items() if count > 1]
        if (summaries := forge.summaries(pull.number)) > 1:
            outcome.twice.append(f"{name}: {summaries} summaries")
        outcome.missing += [f"{name}: {finding}" for finding in sorted({*wanted_here.told} ^ {*times})]
        if forge.conclusion(pull.head) != wanted_here.conclusion:
            outcome.missing.append(f"{name}: its check says {forge.conclusion(pull.head)}")
    return outcome


def _comparable(review: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in review.items() if key not in _OWN}
    usage = kept.get("usage")
    return {**kept, "usage": {**usage, "elapsed_ms": None}} if isinstance(usage, dict) else kept
