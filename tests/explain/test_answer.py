"""What is said of one unit when its four questions are answered."""

from __future__ import annotations

from reviewer.domain.change import ChangeKind, FileChange
from reviewer.domain.report import Answer
from reviewer.file_review import Surroundings, review_file
from reviewer.knowledge.lookup import Knowledge


def answer(code: str) -> Answer:
    file = FileChange(path="a.py", kind=ChangeKind.ADDED, content=code.encode(), whole=True)
    (only,) = review_file(file, (), Surroundings(Knowledge())).answers
    return only


def test_an_assumption_made_twice_is_told_once_with_both_lines() -> None:
    given = answer(
        "import json\ndef f(file):\n    rates = json.load(file)\n    a = rates['x']\n    return a + rates['x'] + rates['y']\n"
    )
    assert "with 'x' (line 4, 5); " in given.inputs


def test_unresolved_calls_are_counted_in_one_sentence() -> None:
    assert answer("def f(a):\n    return a[0]()\n").throws.endswith(" What 1 unresolved call raises is not known.")
    two = answer("def f(a):\n    a[1]()\n    return a[0]()\n")
    assert two.throws.endswith(" What 2 unresolved calls raise is not known.")
    assert "; " not in two.throws
