"""What the figures on real bugs are made of."""

from __future__ import annotations

import dataclasses
import json

import pytest

from benchmarks.cases import Clean, Outcome, carried, extent, history, history_text
from reviewer.detectors.ranking import Record
from reviewer.domain.finding import Confidence, Finding, Question, Severity

BEFORE = b"a\nb\nc\nd\n"


@pytest.mark.parametrize(
    ("after", "place", "there"),
    [
        (b"a\nb\nc\nd\n", (2, 3), (2, 3)),
        (b"new\na\nb\nc\nd\n", (2, 3), (3, 4)),
        (b"a\nB\nc\nd\n", (2, 2), (2, 2)),
        (b"a\ntry\nb\nexcept\nc\nd\n", (2, 2), (2, 3)),
        (b"a\nd\n", (2, 2), (2, 1)),
    ],
)
def test_labelled_lines_are_found_again_after_the_fix(
    after: bytes, place: tuple[int, int], there: tuple[int, int]
) -> None:
    assert carried(BEFORE, after, place) == there


def test_a_definition_is_found_by_its_qualified_or_its_plain_name() -> None:
    text = b"class A:\n    def f(self):\n        pass\ndef f():\n    pass\n"
    assert extent(text, "A.f") == (2, 3)
    assert extent(text, "f") == (4, 5)
    assert extent(text, "g") is None
    assert extent(b"def f(:\n", "f") is None


def finding(line: int, rule: str = "a", asked: Severity = Severity.LOW) -> Finding:
    """A finding of one line."""
    return Finding(
        rule=rule,
        question=Question.THROWS,
        severity=asked,
        confidence=Confidence.MEDIUM,
        path="a.py",
        line=line,
        end_line=line,
        column=1,
        function="f",
        message="m",
        code="c",
        asked=asked,
    )


OUTCOME = Outcome(
    lines=100,
    label=(10, 10),
    inside=(5, 20),
    label_after=(30, 30),
    inside_after=(25, 40),
    before=(finding(10), finding(50, "b"), finding(12, "c", Severity.MEDIUM)),
    after=(finding(30), finding(50, "c", Severity.MEDIUM)),
    back=(finding(11),),
)


def test_a_finding_is_right_at_a_label_and_wrong_where_it_stays_after_the_fix_or_on_a_clean_commit() -> None:
    assert history([OUTCOME], [Clean(10, (finding(1, "b"),))]) == {
        ("a", Severity.LOW): Record(right=1, wrong=1),
        ("b", Severity.LOW): Record(right=0, wrong=1),
        ("c", Severity.MEDIUM): Record(right=1, wrong=0),
    }


def test_a_bug_is_told_apart_by_a_rule_that_says_less_in_the_function_after_the_fix() -> None:
    assert OUTCOME.told_apart(loud=False) == {"c"}
    assert OUTCOME.told_apart(loud=True) == {"c"}
    assert dataclasses.replace(OUTCOME, after=()).told_apart(loud=False) == {"a", "c"}
    assert OUTCOME.regress(loud=False)
    assert not OUTCOME.regress(loud=True)


def test_the_history_is_written_a_rule_a_line() -> None:
    written = history_text({("a", Severity.LOW): Record(1, 2), ("a", Severity.MEDIUM): Record(3, 4)})
    assert json.loads(written) == {"a": {"low": [1, 2], "medium": [3, 4]}}
    assert written.count("\n") == 3
