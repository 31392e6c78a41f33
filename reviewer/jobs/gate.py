"""Whether a candidate may be deployed, by its review, the policy, and whoever decided against the review."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from reviewer.domain.report import parse_report
from reviewer.domain.request import ReviewRecord
from reviewer.posting.gate import Decision, GatePolicy, Overrule, decide

if TYPE_CHECKING:
    from reviewer.stores.database.overrides import GateOverride


def judge(
    policy: GatePolicy,
    environment: str,
    candidate: str,
    record: ReviewRecord,
    report: str | None,
    *,
    override: GateOverride | None = None,
) -> Decision:
    """Decide. What is not finished, was given up or has no report is no "yes".

    Args:
        policy: of the service.
        environment: where to.
        candidate: full id of the commit.
        record: its review.
        report: JSON of its report; None where there is none.
        override: who decided against the review; that they may was checked where they said so.
    """
    finished = record.state.is_final and record.status is not None and report is not None
    read = parse_report(report) if finished and report is not None else None
    is_first = record.request.is_first_deployment
    if override is None:
        return decide(policy, environment, candidate, read, is_first=is_first)
    rule = dataclasses.replace(policy.rule(environment), environment="*", overruled_by=frozenset({override.by}))
    overrule = Overrule(override.by, override.reason)
    return decide(GatePolicy((rule,)), environment, candidate, read, is_first=is_first, overrule=overrule)
