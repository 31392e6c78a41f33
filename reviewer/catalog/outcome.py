"""What became of findings, counted: how often a rule or pattern was right, and how sure that is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from reviewer.domain.catalog import Outcome, Quiet
from reviewer.domain.report import Report
from reviewer.domain.suspicion import LEARNED

LEAST_PRECISION = 0.5
"""What is right less often than this is told quietly."""
_Z = 1.645
"""Standard deviations of an interval that holds the true share nine times in ten."""

Subject = Literal["rule", "pattern"]


@dataclass(frozen=True, slots=True)
class Precision:
    """How often something was right.

    Attributes:
        right: findings that were useful, or that a change took away.
        wrong: findings that were wrong.
        waived: findings that were accepted: true, and tolerated; they count for neither.
    """

    right: int = 0
    wrong: int = 0
    waived: int = 0

    @property
    def share(self) -> float | None:
        """Between 0 and 1; None where nothing is known."""
        judged = self.right + self.wrong
        return self.right / judged if judged else None

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies, nine times in ten.

        Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927: fair for small numbers
        and for shares near 0 and 1, as these are.
        """
        judged = self.right + self.wrong
        if not judged:
            return 0.0, 1.0
        share = self.right / judged
        middle = share + _Z**2 / (2 * judged)
        spread = _Z * math.sqrt(share * (1 - share) / judged + _Z**2 / (4 * judged**2))
        scale = 1 + _Z**2 / judged
        return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)

    @property
    def is_too_low(self) -> bool:
        """Whether it surely is right less often than it may be: even the upper end of the interval is below."""
        return self.interval[1] < LEAST_PRECISION

    @property
    def words(self) -> str:
        """The same for a person."""
        judged = self.right + self.wrong
        if not judged:
            return "nobody has judged it yet"
        low, high = self.interval
        return f"{self.right} of {judged} were right (the share lies between {low:.0%} and {high:.0%})"


def precision_by(
    outcomes: Iterable[Outcome], subject: Subject, repository: str | None = None
) -> Mapping[str, Precision]:
    """How often each rule or pattern was right.

    Of one finding the last outcome counts: who called it wrong may have fixed it since.

    Args:
        outcomes: what became of findings, the oldest first.
        subject: what to count by.
        repository: only findings of this one; None for all.
    """
    last: dict[tuple[str, str], Outcome] = {}
    for outcome in outcomes:
        if repository is None or outcome.repository == repository:
            last[outcome.repository, outcome.finding] = outcome
    # A finding of a pattern alone says nothing of the rule that all patterns share.
    counts: defaultdict[str, dict[str, int]] = defaultdict(lambda: {"right": 0, "wrong": 0, "waived": 0})
    for outcome in last.values():
        name = outcome.rule if subject == "rule" else outcome.pattern
        if name and name != LEARNED:
            sort = "right" if outcome.verdict in ("useful", "fixed") else outcome.verdict
            counts[name][sort] += 1
    return {name: Precision(**count) for name, count in sorted(counts.items())}


def quiet_by(outcomes: Iterable[Outcome], repository: str) -> Quiet:
    """What is told quietly in a repository, rules and patterns."""
    known = list(outcomes)
    return Quiet(quiet_subjects(known, "rule", repository), quiet_subjects(known, "pattern", repository))


def quiet_subjects(outcomes: Iterable[Outcome], subject: Subject, repository: str) -> Mapping[str, str]:
    """The rules or patterns that are told quietly here: name -> why.

    What is known of this repository counts where it is enough to tell; else what is known of all of them.

    Args:
        outcomes: what became of findings, the oldest first.
        subject: rules or patterns.
        repository: the one that is reviewed.
    """
    known = list(outcomes)
    everywhere = precision_by(known, subject)
    here = precision_by(known, subject, repository)
    found: dict[str, str] = {}
    for name, overall in everywhere.items():
        local = here.get(name, Precision())
        if local.is_too_low:
            found[name] = f"in this repository {local.words}"
        elif overall.is_too_low and not local.right:
            found[name] = f"of all findings {overall.words}"
    return found


def fixed_since(before: Report, after: Report, at: str) -> list[Outcome]:
    """Findings of an earlier review that a change on their lines has taken away.

    Args:
        before: the earlier review.
        after: the later one, of the same branch.
        at: when, ISO 8601 in UTC.
    """
    still = {finding.id for finding in after.findings}
    seen = {(answer.path, answer.function) for answer in after.answers}
    return [
        Outcome(
            finding=finding.id,
            rule=finding.rule,
            pattern=finding.patterns[0].id if finding.patterns else "",
            repository=before.repository or "",
            verdict="fixed",
            at=at,
            by="change",
        )
        for finding in before.findings
        # A function that the later review did not look at tells nothing.
        if finding.status == "new" and finding.id not in still and (finding.path, finding.function) in seen
    ]
