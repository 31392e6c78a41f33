"""The examples in every rule, checked to the line: what a rule's documentation shows is what it finds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reviewer.detectors.registry import all_rules
from reviewer.detectors.rule import Rule
from reviewer.domain.change import ChangeKind, FileChange
from reviewer.domain.finding import Finding, Severity
from reviewer.file_review import review_file
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge

FOUND = "#!"
"""Ends a line where the rule must find something."""
QUIET = "#~"
"""Ends a line where the rule must find something, and call it low."""


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge()


def _examples(kind: str) -> Iterator[object]:
    for rule in all_rules():
        for number, example in enumerate(getattr(rule, kind), start=1):
            yield pytest.param(rule, example, id=f"{rule.id}-{kind}-{number}")


def _findings(rule: Rule, example: str, knowledge: Knowledge) -> tuple[Finding, ...]:
    file = FileChange("shop/example.py", ChangeKind.ADDED, content=example.encode(), whole=True)
    review = review_file(file, (rule,), Surroundings(knowledge))
    assert review.failures == ()
    return tuple(review.findings.values())


def _marked(example: str, *marks: str) -> set[int]:
    return {number for number, line in enumerate(example.splitlines(), start=1) if line.rstrip().endswith(marks)}


@pytest.mark.parametrize(("rule", "example"), _examples("bad"))
def test_a_bad_example_is_found_on_exactly_its_marked_lines(rule: Rule, example: str, knowledge: Knowledge) -> None:
    assert _marked(example, FOUND), "a bad example marks at least one line with '#!'"
    findings = _findings(rule, example, knowledge)
    assert {finding.line for finding in findings} == _marked(example, FOUND, QUIET)
    assert {finding.line for finding in findings if finding.asked is not Severity.LOW} <= _marked(example, FOUND)


@pytest.mark.parametrize(("rule", "example"), _examples("good"))
def test_a_good_example_is_silent_but_for_its_lines_marked_quiet(
    rule: Rule, example: str, knowledge: Knowledge
) -> None:
    assert not _marked(example, FOUND), "what must be found belongs into BAD"
    findings = _findings(rule, example, knowledge)
    assert [(finding.line, finding.message) for finding in findings if finding.asked is not Severity.LOW] == []
    assert {finding.line for finding in findings} == _marked(example, QUIET)


@pytest.mark.parametrize(("rule", "example"), _examples("bad"))
def test_a_finding_is_told_in_one_line_with_an_explanation(rule: Rule, example: str, knowledge: Knowledge) -> None:
    for finding in _findings(rule, example, knowledge):
        assert "\n" not in finding.message
        assert not finding.message.endswith(".")
        assert finding.explanation.rstrip().endswith((".", "?", "!", ")"))
        assert finding.rule == rule.id
        assert finding.question is rule.question
