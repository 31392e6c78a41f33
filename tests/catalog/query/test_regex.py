"""Risks of regular expressions, told without running them."""

from __future__ import annotations

import ast
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.catalog.query.constant import text_of
from reviewer.catalog.query.regex import TRAITS, traits_of


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+",
        r"(a*)*b",
        r"(\w+\s?)*",
        r"(.*,)*x",
        r"(?:a|b+)*",
        r"([^,]+,?){10,}",
        r"(?P<name>[a-z]([a-z ]+[a-z])?)*",
        r"((ab?)+c?)*",
        b"(a+)+",
    ],
)
def test_repetition_in_what_is_repeated_is_told_where_both_match_the_same_text(pattern: str | bytes) -> None:
    assert "nested-quantifier" in traits_of(pattern)


@pytest.mark.parametrize(
    "pattern",
    [r"(\w+\s)*", r"([^,]+,)*", r"(?:[ \t]+x+)*", r"(ab)+", r"(a{0,5})*", r"(a+)?", r"(?>a+)+", r"(a+,){2}", r"a++"],
)
def test_repetition_is_fine_where_something_parts_it(pattern: str) -> None:
    assert "nested-quantifier" not in traits_of(pattern)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"\s*(.*?)\s*", True),
        (r"[a-z]+\d*[a-z_]+", True),
        (r"a+b+", False),
        (r"a+,a+", False),
        (r"\d+[a-z]+\d+", False),
        (r".*x.*", True),
    ],
)
def test_repetitions_that_share_the_text_between_them(pattern: str, expected: bool) -> None:
    assert ("overlapping-repeats" in traits_of(pattern)) is expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"^\s+|\s+$", {"late-anchor", "unanchored-end", "dollar-end"}),
        (r"^\s+$", {"dollar-end"}),
        (r"\s+\Z", {"late-anchor"}),
        (r"^a.*b\Z", {"unbounded-wildcard"}),
        (r"a*", {"unanchored-end", "matches-empty"}),
        (r"^a\Z", set()),
    ],
)
def test_where_a_pattern_begins_and_ends(pattern: str, expected: set[str]) -> None:
    assert traits_of(pattern) == expected


@pytest.mark.parametrize("pattern", ["(", "a" * 3001, "(" * 2000 + ")" * 2000, "(?:" * 60 + "a" + ")*" * 60])
def test_of_what_is_no_pattern_or_written_by_nobody_nothing_is_told(pattern: str) -> None:
    assert traits_of(pattern) == frozenset()


@given(st.text("ab*+?()[]{}|\\^$.,1-9:<>=!P#xi \n", max_size=30) | st.text(max_size=20) | st.binary(max_size=20))
def test_any_text_is_told_of(pattern: str | bytes) -> None:
    assert traits_of(pattern) <= set(TRAITS)


def test_a_hostile_pattern_takes_no_time() -> None:
    started = time.thread_time()
    traits_of("(?:" * 29 + "a+b*" * 200 + ")*" * 29)
    traits_of("a*" * 1500)
    traits_of("[" + "\\w\\d\\s" * 400 + "]*" * 1)
    assert time.thread_time() - started < 5


ASSIGNED = """
WORD = "[a-z]+"
TWICE = WORD + "-" + WORD
ME = ME + "a"
AGAIN = "a"
AGAIN = "b"
"""


def put_together(expression: str) -> str | bytes | None:
    assigned: dict[str, list[ast.expr]] = {}
    for statement in ast.parse(ASSIGNED).body:
        assert isinstance(statement, ast.Assign)
        assert isinstance(statement.targets[0], ast.Name)
        assigned.setdefault(statement.targets[0].id, []).append(statement.value)
    return text_of(ast.parse(expression, mode="eval").body, assigned)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ('"a" "b"', "ab"),
        ('"^" + TWICE + "$"', "^[a-z]+-[a-z]+$"),
        ('f"^{WORD}$"', "^[a-z]+$"),
        ('"|".join(["a", WORD])', "a|[a-z]+"),
        ('b"|".join([b"a", b"b"])', b"a|b"),
        ('to_bytes("^" + WORD)', "^[a-z]+"),
        ('b"a" + b"b"', b"ab"),
        ('"a" + b"b"', None),
        ("ME", None),
        ("AGAIN", None),
        ("UNKNOWN", None),
        ('"%s" % WORD', None),
        ('"a" * 10', None),
        ("escape(WORD)", None),
        ("5", None),
        ("WORD + " * 300 + "WORD", None),
        ('""', ""),
    ],
)
def test_texts_are_put_together_from_constants(expression: str, text: str | bytes | None) -> None:
    assert put_together(expression) == text


def test_a_text_that_doubles_with_each_name_is_given_up() -> None:
    names = [f"A{number}" for number in range(30)]
    assigned: dict[str, list[ast.expr]] = {names[0]: [ast.Constant("a" * 1000)]}
    for name, other in zip(names[1:], names, strict=False):
        assigned[name] = [ast.BinOp(ast.Name(other), ast.Add(), ast.Name(other))]
    started = time.thread_time()
    assert text_of(ast.Name(names[-1]), assigned) is None
    assert time.thread_time() - started < 1
