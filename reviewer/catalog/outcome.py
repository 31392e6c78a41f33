"""What became of findings, counted: how often a rule or pattern was right, and how sure that is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from reviewer.domain.catalog import Outcome, Quiet
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


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one rule or pattern.

    Attributes:
        subject: which of the two it is.
        name: its id.
        overall: how often it was right.
        by_repository: the same for each repository that knows it, by name.
        quiet: why it is told quietly in the repository in question; "" where it is not.
        pinned: a person has decided, so that its outcomes change nothing.
    """

    subject: Subject
    name: str
    overall: Precision
    by_repository: Mapping[str, Precision]
    quiet: str
    pinned: bool


def standings(
    outcomes: Iterable[Outcome], repository: str, pinned: Mapping[Subject, Collection[str]]
) -> list[Standing]:
    """All rules and patterns of which anything is known, rules first.

    Args:
        outcomes: what became of findings, the oldest first.
        repository: the one in question; "" for none.
        pinned: those that a person has decided on.
    """
    known = list(outcomes)
    places = sorted({outcome.repository for outcome in known})
    found: list[Standing] = []
    for subject in get_args(Subject):
        local = {place: precision_by(known, subject, place) for place in places}
        quiet = quiet_subjects(known, subject, repository)
        found += [
            Standing(
                subject,
                name,
                overall,
                {place: counts[name] for place, counts in local.items() if name in counts},
                "" if name in pinned.get(subject, ()) else quiet.get(name, ""),
                name in pinned.get(subject, ()),
            )
            for name, overall in precision_by(known, subject).items()
        ]
    return found
