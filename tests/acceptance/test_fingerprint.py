"""A fingerprint survives moved lines and reformatting, and tells different things apart."""

from __future__ import annotations

import dataclasses
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.acceptance.fingerprint import LENGTH, fingerprint_all, normalise
from reviewer.domain.finding import Confidence, Finding, Question, Severity


def finding(code: str = "requests.get(url)", line: int = 3, column: int = 5, path: str = "a.py") -> Finding:
    return Finding(
        rule="no-timeout",
        question=Question.UNAVAILABLE,
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        path=path,
        line=line,
        end_line=line,
        column=column,
        function="fetch",
        message="m",
        code=code,
    )


def test_a_moved_finding_keeps_its_fingerprint() -> None:
    assert fingerprint_all([finding(line=3)]) == fingerprint_all([finding(line=90, column=1)])


def test_a_fingerprint_is_lower_case_hexadecimal_of_fixed_length() -> None:
    (text,) = fingerprint_all([finding()])
    assert len(text) == LENGTH
    assert set(text) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "other",
    [
        "requests.get( url )",
        "requests.get(\n    url,\n)",
        "requests.get(  # the far side\n    url\n)",
        "requests . get(url)",
        "(requests.get(url))",
        "requests.get(\\\n url)",
    ],
)
def test_a_reformatted_finding_keeps_its_fingerprint(other: str) -> None:
    assert fingerprint_all([finding(other)]) == fingerprint_all([finding("requests.get(url)")])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f('a')", 'f("a")'),
        ("f(B'a')", 'f(b"a")'),
        ("x = a if b else c", "x = (\n    a if b else c\n)"),
        ("return a + b", "return (a + b)"),
    ],
)
def test_what_a_formatter_changes_makes_no_difference(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f('a  b')", "f('a b')"),
        ("f('#a')", "f('#b')"),
        ("f()", "f"),
        ("f(a, b)", "f(a)"),
        ("f((a), b)", "f(a)(b)"),
        ("not x", "notx"),
        ("x = ()", "x = "),
        ("requests.get(url)", "requests.get(url, timeout=5)"),
    ],
)
def test_what_means_something_else_is_told_apart(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_equal_findings_are_numbered_by_their_place_and_not_by_their_order_in_the_list() -> None:
    first, second = finding(line=3), finding(line=9)
    one = fingerprint_all([first, second])
    assert one[0] != one[1]
    assert fingerprint_all([second, first]) == (one[1], one[0])
    assert fingerprint_all([first]) == one[:1]


@pytest.mark.parametrize(
    "other",
    [
        dataclasses.replace(finding(), rule="other"),
        dataclasses.replace(finding(), path="other"),
        dataclasses.replace(finding(), function="other"),
    ],
    ids=["rule", "path", "function"],
)
def test_rule_path_and_function_are_part_of_the_identity(other: Finding) -> None:
    assert fingerprint_all([other]) != fingerprint_all([finding()])


@pytest.mark.parametrize("code", ["'" + "\\'" * 50_000, "'" + "\\" * 100_001, "(" * 100_000, "\"'" * 50_000])
def test_hostile_code_costs_no_time(code: str) -> None:
    start = time.perf_counter()
    fingerprint_all([finding(code)])
    assert time.perf_counter() - start < 20


def test_a_path_that_is_no_utf_8_has_a_fingerprint() -> None:
    assert len(fingerprint_all([finding(path="a\udcff\ud800.py")])[0]) == LENGTH


_WORDS = st.sampled_from(["a", "foo", "1", "'x y'", '"#"', ".", "+", ",", "(", ")", "[", "]", "=", "not"])
_GAPS = st.sampled_from([" ", "  ", "\n", "\t", " # note\n", "\\\n", "\r\n"])


@given(st.lists(st.tuples(_WORDS, _GAPS, _GAPS)))
def test_gaps_between_tokens_never_matter(tokens: list[tuple[str, str, str]]) -> None:
    one = "".join(word + gap for word, gap, _ in tokens)
    other = "".join(word + gap for word, _, gap in tokens)
    assert normalise(one) == normalise(other)


@given(st.text(), st.text())
def test_any_text_is_taken_and_no_two_findings_share_a_fingerprint(one: str, other: str) -> None:
    result = fingerprint_all([finding(one), finding(other, line=4), finding(one, line=5)])
    assert len(set(result)) == 3
