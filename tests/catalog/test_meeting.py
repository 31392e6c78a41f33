"""Patterns of the catalogs in a review of one file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from reviewer.catalog.meeting import KnownPatterns, Meeting
from reviewer.catalog.query.language import read_detector
from reviewer.domain.finding import Confidence, Finding, Question, Severity
from reviewer.domain.lesson import Lesson
from reviewer.domain.pattern import Pattern, State
from reviewer.domain.suspicion import LEARNED
from tests.catalog.lookup.shelf import index_of
from tests.catalog.members import a_lesson, a_pattern
from tests.catalog.query.asking import read

SOURCE = """\
    import redis

    def price(client: redis.Redis, sku):
        first = client.get(sku)
        return client.get(sku)
    """
GET = read_detector({"query": {"callee": "redis.Redis.get"}}, "test")
WHY = "This happened on 2026-01-31 at Shop: Prices stood still (https://shop.example/12)."


def pattern(name: str = "get", **changes: Any) -> Pattern:
    usual = {"state": State.ACTIVE, "detector": GET, "title": "A call waits", "safe_form": "Set a limit."}
    return a_pattern(name, **{**usual, "pinned": False, "incidents": ("told",), **changes})


def incident(name: str = "told", **changes: Any) -> Lesson:
    return a_lesson(name, title="Prices stood still", source="https://shop.example/12", **changes)


def meet(
    *members: Pattern | Lesson,
    own: bool = True,
    findings: tuple[Finding, ...] = (),
    quiet: Mapping[str, str] | None = None,
) -> Meeting:
    """What the patterns of a catalog come to in the file; of the usual one where none is given."""
    known = KnownPatterns([(index_of(*(members or (pattern(), incident()))), own)], quiet or {}, lambda: None)
    file, views = read(SOURCE)
    return known.meet(known.candidates(SOURCE), file, views, findings)


def finding(severity: Severity = Severity.LOW, **changes: Any) -> Finding:
    """One of a rule, at the first place of the pattern."""
    made = Finding(
        rule="no-timeout",
        question=Question.UNAVAILABLE,
        severity=severity,
        confidence=Confidence.MEDIUM,
        path="shop/orders.py",
        line=4,
        end_line=4,
        column=5,
        function="price",
        message="waits",
        code="first = client.get(sku)",
    )
    return replace(made, **changes)


def test_a_place_that_no_rule_speaks_of_becomes_a_finding_of_its_own() -> None:
    meeting = meet()
    assert [(one.rule, one.line, one.severity) for one in meeting.findings] == [
        (LEARNED, 4, Severity.MEDIUM),
        (LEARNED, 5, Severity.MEDIUM),
    ]
    (first, _) = meeting.findings
    assert first.message.startswith("A call waits")
    assert first.explanation == f"{WHY} Set a limit."
    assert [(met.id, met.why) for met in first.patterns] == [("get", WHY)]


def test_a_finding_at_the_place_carries_the_pattern_instead() -> None:
    (joined, other) = meet(findings=(finding(),)).findings
    assert (joined.rule, [met.id for met in joined.patterns]) == ("no-timeout", ["get"])
    assert (other.rule, other.line) == (LEARNED, 5)


def test_what_has_failed_here_makes_a_low_finding_heard() -> None:
    (joined, _) = meet(findings=(finding(),)).findings
    assert (joined.severity, joined.grounds) == (Severity.MEDIUM, ("the same has failed here before",))


@pytest.mark.parametrize(
    ("found", "own", "severity"),
    [
        (finding(severity=Severity.HIGH), True, Severity.HIGH),
        (finding(hushed="accepted"), True, Severity.LOW),
        (finding(), False, Severity.LOW),
    ],
)
def test_no_other_finding_changes_how_loud_it_is(found: Finding, own: bool, severity: Severity) -> None:
    (joined, *_) = meet(own=own, findings=(found,)).findings
    assert joined.severity is severity


def test_a_pattern_that_ships_with_the_reviewer_speaks_quietly() -> None:
    assert {one.severity for one in meet(own=False).findings} == {Severity.LOW}


def test_a_pattern_that_was_wrong_too_often_speaks_quietly_and_says_why() -> None:
    (first, _) = meet(quiet={"get": "it was wrong in 9 of 10 places"}).findings
    assert (first.severity, first.hushed) == (Severity.LOW, "it was wrong in 9 of 10 places")


def test_a_pattern_without_an_incident_adds_nothing_to_what_a_rule_says() -> None:
    (kept, own) = meet(pattern(incidents=()), findings=(finding(),)).findings
    assert kept == finding()
    assert own.line == 5


def test_the_same_pattern_is_told_once_at_a_place() -> None:
    once = meet(findings=(finding(),)).findings[0]
    assert meet(findings=(once,)).findings[0] == once


def test_a_shadow_counts_and_says_nothing() -> None:
    meeting = meet(pattern(state=State.SHADOW), findings=(finding(),))
    assert (meeting.findings, meeting.shadow) == ((finding(),), {"get": 2})


def test_without_candidates_the_findings_stay_as_they_are() -> None:
    retired = pattern(state=State.RETIRED)
    assert meet(retired, findings=(finding(),)) == Meeting((finding(),), {})


@pytest.mark.parametrize(("number", "why"), [(2, f"{WHY} {WHY}"), (4, f"{WHY} {WHY} and 2 more")])
def test_two_incidents_are_told_and_the_others_counted(number: int, why: str) -> None:
    names = [f"told-{one}" for one in range(number)]
    (first, *_) = meet(pattern(incidents=tuple(names)), *map(incident, names)).findings
    assert first.patterns[0].why == why


def test_of_an_incident_only_what_is_known_is_told() -> None:
    (first, *_) = meet(pattern(), incident(date="", organisation="")).findings
    assert first.patterns[0].why == "This happened: Prices stood still (https://shop.example/12)."


def test_only_what_the_names_of_a_file_let_happen_is_a_candidate_and_the_teams_own_comes_first() -> None:
    own = index_of(pattern("get"), incident())
    starter = index_of(pattern("get"), pattern("post", detector=read_detector({"query": {"method": "post"}}, "test")))
    known = KnownPatterns([(own, True), (starter, False)], {}, lambda: None)
    found = known.candidates(SOURCE)
    assert [(one.pattern.id, one.own) for one in found] == [("get", True)]
    assert [(one.pattern.id, one.own) for one in known.candidates("client.post()")] == [("post", False)]
    assert known.candidates("x = 1") == ()
