"""The gate: what may go out."""

from __future__ import annotations

import pytest

from reviewer.domain.comment import Waived
from reviewer.posting.gate import Decision, EnvironmentRule, GatePolicy, Overrule, decide
from tests.posting.reviews import HEAD, identity, item, review

STRICT = GatePolicy(
    (
        EnvironmentRule("prod*", stops=frozenset({"warn", "block"}), overruled_by=frozenset({"boss"})),
        EnvironmentRule("dev", stops=frozenset(), incomplete_stops=False),
    )
)


def said(environment: str, report: object, **options: object) -> Decision:
    return decide(STRICT, environment, HEAD, report, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("environment", "severity", "approved"),
    [
        ("production", "high", False),
        ("production", "medium", False),
        ("production", "low", True),
        ("staging", "high", False),
        ("staging", "medium", True),
        ("dev", "high", True),
    ],
)
def test_the_verdict_decides_as_the_policy_says(environment: str, severity: str, approved: bool) -> None:
    assert said(environment, review(item(1, severity=severity))).approved is approved


@pytest.mark.parametrize("environment", ["production", "staging", "dev"])
def test_what_was_not_reviewed_never_goes_out(environment: str) -> None:
    assert not said(environment, None).approved
    assert not said(environment, review(status="failed")).approved
    assert not said(environment, review(head="e" * 40)).approved


def test_a_partial_review_stops_unless_the_policy_lets_it_pass() -> None:
    assert not said("staging", review(status="partial")).approved
    assert said("dev", review(status="partial")).approved
    assert "Partly reviewed" in said("staging", review(status="partial")).reason


def test_a_waived_finding_does_not_stop() -> None:
    waived = {identity(1): Waived(identity(1), "the proxy cuts it", "maintainer")}
    assert said("production", review(item(1)), waived=waived).approved


def test_who_may_overrule_must_say_why_and_the_reason_is_kept() -> None:
    bad = review(item(1))
    assert said("production", bad, overrule=Overrule("boss", "customers are down")) == Decision(
        True,
        "Overruled by boss: customers are down (before: Blocked: 1 high in 2 files.)",
        Overrule("boss", "customers are down"),
    )
    assert not said("production", bad, overrule=Overrule("boss", " ")).approved
    assert not said("production", bad, overrule=Overrule("intern", "please")).approved
    assert said("production", review(), overrule=Overrule("boss", "x")).overrule is None
