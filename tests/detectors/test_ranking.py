"""How loud a finding is follows from its score, and the score from what is told of it."""

from __future__ import annotations

import dataclasses

import pytest

from reviewer.detectors.ranking import LOUD_FROM, History, Record, rank, read_history
from reviewer.detectors.registry import all_rules
from reviewer.domain.finding import Confidence, Evidence, Finding, Question, Reach, Severity

QUIET = Finding(
    rule="unhandled-failure",
    question=Question.THROWS,
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    path="shop/orders.py",
    line=1,
    end_line=1,
    column=1,
    function="pay",
    message="m",
    code="c",
)
ROUTE = Reach(
    boundary="route",
    framework="FastAPI",
    name="GET /orders",
    path="shop/orders.py",
    line=9,
    exception="OSError",
    outcome="500 Internal Server Error to the caller",
    harm="answered",
)


def score(finding: Finding, history: History | None = None) -> int:
    return rank(finding, history or {}).score


def severity(finding: Finding, history: History | None = None) -> Severity:
    return rank(finding, history or {}).severity


def changed(**values: object) -> Finding:
    return dataclasses.replace(QUIET, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("asked", list(Severity))
def test_without_anything_else_a_finding_is_as_loud_as_its_rule_asks(asked: Severity) -> None:
    assert severity(changed(asked=asked)) is asked


def test_only_a_rule_that_asks_for_high_makes_a_high_finding() -> None:
    everything = changed(
        asked=Severity.MEDIUM,
        confidence=Confidence.HIGH,
        kind="http",
        reach=dataclasses.replace(ROUTE, harm="lost"),
    )
    assert score(everything) > score(changed(asked=Severity.HIGH))
    assert severity(everything) is Severity.MEDIUM


def test_what_fails_through_others_is_louder_than_a_file() -> None:
    assert score(changed(kind="process")) > score(changed(kind="file")) == score(QUIET)


def test_data_from_outside_is_louder_than_the_program_s_own() -> None:
    asks = changed(question=Question.INPUTS)
    outside, decoded = dataclasses.replace(asks, source="request"), dataclasses.replace(asks, source="")
    assert score(outside) > score(decoded) > score(asks)


def test_a_failure_that_nobody_is_told_of_is_louder_than_one_that_is_answered() -> None:
    lost = dataclasses.replace(ROUTE, boundary="thread", harm="lost")
    meant = dataclasses.replace(ROUTE, intended=True)
    assert score(changed(reach=lost)) > score(changed(reach=ROUTE)) > score(changed(reach=meant))


def test_the_longer_the_way_to_the_boundary_the_quieter() -> None:
    step = Evidence("shop/orders.py", 3, "a calls b")
    assert score(changed(reach=dataclasses.replace(ROUTE, way=(step,)))) == score(changed(reach=ROUTE))
    assert score(changed(reach=dataclasses.replace(ROUTE, way=(step,) * 3))) < score(changed(reach=ROUTE))


def test_a_rule_that_was_often_right_is_louder() -> None:
    right: History = {("unhandled-failure", Severity.LOW): Record(right=9, wrong=0)}
    assert score(QUIET, right) > score(QUIET)
    assert severity(QUIET, right) is Severity.MEDIUM


def test_a_rule_that_was_wrong_more_often_than_right_is_quiet_whatever_it_asks() -> None:
    wrong: History = {("unhandled-failure", Severity.HIGH): Record(right=2, wrong=3)}
    told = rank(changed(asked=Severity.HIGH, confidence=Confidence.HIGH), wrong)
    assert told.score >= LOUD_FROM
    assert told.severity is Severity.LOW
    assert told.grounds[-1] == "quiet: the rule was wrong more often than right"


def test_what_the_rule_gives_a_reason_for_keeping_quiet_stays_quiet() -> None:
    told = rank(changed(asked=Severity.HIGH, hushed="its callers handle it"), {})
    assert told.severity is Severity.LOW
    assert told.grounds[-1] == "quiet: its callers handle it"


def test_the_grounds_add_up_to_the_score() -> None:
    told = rank(changed(asked=Severity.MEDIUM, kind="http", reach=ROUTE, confidence=Confidence.LOW), {})
    points = [int(ground.split(" ", 1)[0]) for ground in told.grounds]
    assert sum(points) == told.score
    assert told.grounds == (
        "+55 the rule asks for medium",
        "-10 low confidence",
        "+15 it fails through others (http)",
    )


def test_little_history_counts_little() -> None:
    assert 0.5 < Record(right=1).precision < Record(right=5).precision < 1


def test_the_shipped_history_is_of_rules_that_exist() -> None:
    assert {rule for rule, _ in read_history()} <= {rule.id for rule in all_rules()}
