"""May this go out? A deployment is judged by the review between what is deployed and what is to be.

No review, a review of something else and a review of which a part failed are no "yes"; a person whom the policy names
may overrule, and must say why.

Where nothing runs yet there is nothing to compare with, and each line of the candidate is new there. So all of it is
reviewed, unless the policy says otherwise: to approve it unread would break the promise that what goes out was
reviewed, and to refuse it would leave no way to begin. What the project accepts (its baseline, its waivers) stops a
first deployment no more than any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Literal

from reviewer.domain.comment import Waived
from reviewer.domain.posting import PostingLimits
from reviewer.domain.report import Report
from reviewer.posting.verdict import blocks, title_of, warns

Verdict = Literal["warn", "block"]
FirstDeployment = Literal["review", "allow", "block"]
"""What becomes of a candidate where nothing runs yet: all of it is reviewed, or it goes out unread, or it stays."""


@dataclass(frozen=True, slots=True)
class EnvironmentRule:
    """What stops a deployment to some environments.

    Attributes:
        environment: name, or a pattern with `*` and `?`.
        stops: verdicts that stop it; empty lets every complete review pass.
        incomplete_stops: whether a review of which a part failed stops it; one that failed as a whole always does.
        overruled_by: names of those who may overrule; over the API those of keys, and none names every key that may.
        first_deployment: what becomes of the first deployment to it.
    """

    environment: str = "*"
    stops: frozenset[Verdict] = frozenset({"block"})
    incomplete_stops: bool = True
    overruled_by: frozenset[str] = frozenset()
    first_deployment: FirstDeployment = "review"


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """Rules in their order; the first that fits counts, and where none fits what blocks or is not complete stops."""

    rules: tuple[EnvironmentRule, ...] = ()

    def rule(self, environment: str) -> EnvironmentRule:
        """The rule for an environment."""
        for rule in self.rules:
            if fnmatchcase(environment, rule.environment):
                return rule
        return EnvironmentRule()


@dataclass(frozen=True, slots=True)
class Overrule:
    """A person's decision to deploy all the same.

    Attributes:
        by: login name, proved by the caller.
        reason: why; kept with the decision.
    """

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer.

    Attributes:
        approved: whether it may go out.
        reason: why, in plain text for a person.
        overrule: who decided against the review, and why.
    """

    approved: bool
    reason: str
    overrule: Overrule | None = None


def decide(
    policy: GatePolicy,
    environment: str,
    candidate: str,
    report: Report | None,
    *,
    is_first: bool = False,
    waived: Mapping[str, Waived] = MappingProxyType({}),
    limits: PostingLimits | None = None,
    overrule: Overrule | None = None,
) -> Decision:
    """Judge a deployment.

    Args:
        policy: of the repository.
        environment: where to.
        candidate: full id of the commit to be deployed.
        report: the review between the deployed commit and the candidate; None where there is none.
        is_first: nothing is deployed there yet, and the review is of all of the candidate.
        waived: findings that people have accepted in comments.
        limits: from which severity a finding blocks.
        overrule: somebody's wish to deploy all the same.
    """
    rule = policy.rule(environment)
    judge = _judge_first if is_first else _judge
    said = judge(rule, candidate, report, waived, limits or PostingLimits())
    if said.approved or overrule is None:
        return said
    if overrule.by not in rule.overruled_by:
        return Decision(False, f"{said.reason} {overrule.by} may not overrule it for {environment}.")
    if not overrule.reason.strip():
        return Decision(False, f"{said.reason} To overrule it, give a reason.")
    return Decision(True, f"Overruled by {overrule.by}: {overrule.reason.strip()} (before: {said.reason})", overrule)


def _judge_first(
    rule: EnvironmentRule, candidate: str, report: Report | None, waived: Mapping[str, Waived], limits: PostingLimits
) -> Decision:
    told = "First deployment: nothing is known to run there yet"
    match rule.first_deployment:
        case "allow":
            return Decision(True, f"{told}, so there is no change to judge, and the gate's settings allow it.")
        case "block":
            return Decision(False, f"{told}, and the gate's settings stop a first deployment.")
        case "review":
            said = _judge(rule, candidate, report, waived, limits)
            return Decision(said.approved, f"{told}, so all of the candidate counts as new. {said.reason}")


def _judge(
    rule: EnvironmentRule, candidate: str, report: Report | None, waived: Mapping[str, Waived], limits: PostingLimits
) -> Decision:
    if report is None:
        return Decision(False, f"Not reviewed: there is no review of {candidate[:12]}; ask for one and try again.")
    if report.head != candidate:
        return Decision(False, f"Not reviewed: the review is of another commit than {candidate[:12]}.")
    title = title_of(report, waived, limits)
    if report.status == "failed" or (report.status != "complete" and rule.incomplete_stops):
        return Decision(False, f"{title}.")
    if "block" in rule.stops and blocks(report, waived, limits):
        return Decision(False, f"{title}.")
    if "warn" in rule.stops and warns(report, waived):
        return Decision(False, f"{title}; warnings stop a deployment here.")
    return Decision(True, f"{title}.")
