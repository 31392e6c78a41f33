"""The gate: what may go out."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.domain.comment import Waived
from reviewer.domain.report import Report
from reviewer.errors import SettingsError
from reviewer.posting.gate import Decision, EnvironmentRule, FirstDeployment, GatePolicy, Overrule, decide
from reviewer.posting.gate_settings import read_gate_policy
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


@pytest.mark.parametrize(
    ("setting", "report", "approved", "reason"),
    [
        ("review", review(), True, ", so all of the candidate counts as new. "),
        ("review", review(item(1)), False, ", so all of the candidate counts as new. Blocked: 1 high"),
        ("review", None, False, ", so all of the candidate counts as new. Not reviewed"),
        ("allow", None, True, ", so there is no change to judge, and the gate's settings allow it."),
        ("block", review(), False, ", and the gate's settings stop a first deployment."),
    ],
)
def test_a_first_deployment_is_told_as_one(
    setting: FirstDeployment, report: Report | None, approved: bool, reason: str
) -> None:
    policy = GatePolicy((EnvironmentRule(first_deployment=setting),))
    decision = decide(policy, "production", HEAD, report, is_first=True)
    assert decision.approved is approved
    assert decision.reason.startswith(f"First deployment: nothing is known to run there yet{reason}")


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


def test_the_settings_say_what_becomes_of_a_first_deployment(tmp_path: Path) -> None:
    file = tmp_path / "gate.toml"
    file.write_text('[[gate]]\nenvironment = "test"\nfirst-deployment = "allow"\n[[gate]]\n')
    policy = read_gate_policy(file)
    assert policy.rule("test").first_deployment == "allow"
    assert policy.rule("production").first_deployment == "review"
    file.write_text('[[gate]]\nfirst-deployment = ["allow"]\n')
    with pytest.raises(SettingsError, match="gate 1: first-deployment takes review, allow, block"):
        read_gate_policy(file)
