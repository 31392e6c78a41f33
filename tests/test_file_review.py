"""One file is reviewed within its time, and what one rule does costs the others nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from reviewer.code.unit import Limits
from reviewer.detectors.registry import all_rules
from reviewer.detectors.rule import Rule, View
from reviewer.domain.change import ChangeKind, FileChange
from reviewer.domain.finding import Finding
from reviewer.file_review import Reviewed, review_file
from reviewer.knowledge.lookup import Knowledge

FILE = FileChange(
    path="a.py",
    kind=ChangeKind.ADDED,
    content=b"import requests\n\ndef get(url):\n    return requests.get(url)\n",
    whole=True,
)
NO_TIMEOUT = next(rule for rule in all_rules() if rule.id == "no-timeout")


def slow(view: View, rule: Rule) -> Iterator[Finding]:
    time.sleep(0.3)
    yield from ()


def broken(view: View, rule: Rule) -> Iterator[Finding]:
    yield from NO_TIMEOUT.check(view, NO_TIMEOUT)
    raise RecursionError("deep")


def review(*rules: Rule, seconds: float = 60) -> Reviewed:
    return review_file(FILE, Knowledge(), rules, Limits(seconds=seconds))


def test_rules_that_time_is_not_left_for_are_told_and_the_findings_before_are_kept() -> None:
    late = [replace(NO_TIMEOUT, id=f"late-{number}") for number in range(5)]
    reviewed = review(NO_TIMEOUT, replace(NO_TIMEOUT, id="slow", check=slow), *late, seconds=0.2)
    told = [line for line in reviewed.failures if line.startswith("get: ")]
    assert told == [
        "get: not asked of it, or not to the end: late-0, late-1, late-2 and 2 more; the rules took longer than 0.2 s, "
        "raise limits.unit-seconds"
    ]
    assert [finding.line for finding in reviewed.findings.values()] == [4]


@pytest.mark.parametrize("place", [0, 1])
def test_a_rule_that_fails_costs_its_own_word_alone(place: int) -> None:
    rules = [NO_TIMEOUT]
    rules.insert(place, replace(NO_TIMEOUT, id="broken", check=broken))
    reviewed = review(*rules)
    assert "get: rule broken failed (RecursionError: deep)" in reviewed.failures
    assert [finding.line for finding in reviewed.findings.values()] == [4]
