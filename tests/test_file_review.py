"""One file is reviewed within its time, and what one rule does costs the others nothing."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from dataclasses import replace

import pytest

from reviewer.code.limits import Limits
from reviewer.detectors.registry import all_rules
from reviewer.detectors.rule import Rule, View
from reviewer.domain.change import ChangeKind, FileChange, Hunk
from reviewer.domain.finding import Finding
from reviewer.domain.reviewed import Reviewed
from reviewer.file_review import review_file
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge

FILE = FileChange(
    path="a.py",
    kind=ChangeKind.ADDED,
    content=b"import requests\n\ndef get(url):\n    return requests.get(url)\n",
    whole=True,
)
NO_TIMEOUT = next(rule for rule in all_rules() if rule.id == "no-timeout")


def slow(view: View, rule: Rule) -> Iterator[Finding]:
    started = time.thread_time()
    while time.thread_time() - started < 0.3:
        pass
    yield from ()


def broken(view: View, rule: Rule) -> Iterator[Finding]:
    yield from NO_TIMEOUT.check(view, NO_TIMEOUT)
    raise RecursionError("deep")


def review(*rules: Rule, seconds: float = 60) -> Reviewed:
    return review_file(FILE, rules, Surroundings(Knowledge(), Limits(seconds=seconds)))


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


def compares_all(view: View, rule: Rule) -> Iterator[Finding]:
    facts = view.unit.facts
    if any(first == second == third for first in facts for second in facts for third in facts if first is not second):
        yield from ()


def test_a_rule_that_compares_everything_with_everything_is_stopped() -> None:
    content = b"def f(a):\n" + b"    g(a)\n" * 500
    file = FileChange("a.py", ChangeKind.ADDED, content=content, whole=True)
    started = time.thread_time()
    rules = (replace(NO_TIMEOUT, id="all", check=compares_all), NO_TIMEOUT)
    reviewed = review_file(file, rules, Surroundings(Knowledge(), Limits(seconds=3)))
    assert time.thread_time() - started < 15
    assert reviewed.units == 1
    (told,) = reviewed.failures
    assert told.startswith("f: not asked of it, or not to the end: all, no-timeout;")


def touched(text: str, hunk: Hunk) -> list[str]:
    """The units that are answered for when a file changed by one hunk."""
    file = FileChange("a.py", ChangeKind.MODIFIED, content=text.encode(), hunks=(hunk,))
    return [answer.function for answer in review_file(file, (), Surroundings(Knowledge())).answers]


TWO = "def f():\n    a()\n    b()\ndef g():\n    c()\n    d()\n"


@pytest.mark.parametrize(
    ("after", "units"),
    [(0, ["f"]), (1, ["f"]), (2, ["f"]), (3, ["f", "g"]), (4, ["g"]), (5, ["g"]), (6, ["g"])],
)
def test_a_deletion_touches_what_stands_on_both_sides_of_it(after: int, units: list[str]) -> None:
    assert touched(TWO, Hunk(after + 1, after, ("    gone()",), ())) == units


def test_an_added_line_touches_its_unit_alone() -> None:
    assert touched(TWO, Hunk(2, 3, (), ("    b()",))) == ["f"]


def test_a_finding_outside_the_changed_lines_is_not_told() -> None:
    text = "import requests\ndef f(u):\n    requests.get(u)\n    requests.get(u)\n"
    file = FileChange(
        "a.py", ChangeKind.MODIFIED, content=text.encode(), hunks=(Hunk(2, 3, (), ("    requests.get(u)",)),)
    )
    reviewed = review_file(file, (NO_TIMEOUT,), Surroundings(Knowledge()))
    assert [finding.line for finding in reviewed.findings.values()] == [3]
    assert [call.line for call in reviewed.calls] == [3, 4]


def test_calls_in_definitions_of_one_name_are_each_told_once() -> None:
    text = "import requests\nif a:\n    def f(u): requests.get(u)\nelse:\n    def f(u): requests.post(u)\n"
    file = FileChange("a.py", ChangeKind.ADDED, content=text.encode(), whole=True)
    reviewed = review_file(file, (NO_TIMEOUT,), Surroundings(Knowledge()))
    assert [(call.line, call.callee) for call in reviewed.calls] == [(3, "requests.get"), (5, "requests.post")]


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (FileChange("a.py", ChangeKind.ADDED, failed="it is too large"), "it is too large"),
        (FileChange("a.py", ChangeKind.ADDED), "its contents are not available"),
        (
            FileChange("a.py", ChangeKind.ADDED, content=b"def f(:\n", whole=True),
            "is not valid Python at line 1: invalid syntax",
        ),
        (
            FileChange("a.py", ChangeKind.ADDED, content=b"\0", whole=True),
            "holds NUL bytes, so it is not Python source",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_the_reason(file: FileChange, reason: str) -> None:
    assert review_file(file, all_rules(), Surroundings(Knowledge())).failures == (reason,)


def test_a_carriage_return_hides_no_changed_line_behind_it() -> None:
    """Python ends a line there, git does not: all that follows has another number, and one line of git may be two."""
    text = "import requests\n# why\rx = 1\ndef f(u):\n    requests.get(u)\n# not\r\r\nrequests.get('')\n"
    hunks = (Hunk(3, 4, (), ("    requests.get(u)",)), Hunk(3, 6, (), ("requests.get('')",)))
    file = FileChange("a.py", ChangeKind.MODIFIED, content=text.encode(), hunks=hunks)
    assert file.added_lines == {5, 8}
    reviewed = review_file(file, (NO_TIMEOUT,), Surroundings(Knowledge()))
    assert [finding.line for finding in reviewed.findings.values()] == [5, 8]
    hidden = "import requests\n# comment\rrequests.get('')\n"
    file = replace(file, content=hidden.encode(), hunks=(Hunk(1, 2, (), ("# comment\rrequests.get('')",)),))
    reviewed = review_file(file, (NO_TIMEOUT,), Surroundings(Knowledge()))
    assert [finding.line for finding in reviewed.findings.values()] == [3]
    gone = replace(file, hunks=(Hunk(2, 2, ("gone()",), ()), Hunk(1, 0, ("gone()",), ())))
    assert gone.deletion_points == {3, 0}


ESCAPES = rb"""import json
import re
from typing import Literal

KEYS = ("a", "\d")


def read(text: Literal["\d"], name: "Literal['\\d']" = "\d") -> "Literal['\\d']":
    pattern: Literal["\d"] = "\d+\."
    data = json.loads(text)
    if pattern in ("\d", "b") or name in KEYS:
        print(data["\d"])
    match text:
        case "\d":
            return data["\w"]
    try:
        return re.match("\d", data["\w"])[0]
    finally:
        print("\d")
"""


def test_what_the_parser_warns_of_in_reviewed_code_is_not_told() -> None:
    file = replace(FILE, content=ESCAPES)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")  # as Python 3.12 has it for invalid escapes
        review_file(file, all_rules(), Surroundings(Knowledge(), Limits()), evidence=True)
    assert [str(one.message) for one in told] == []
