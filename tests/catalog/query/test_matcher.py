"""How tests make a query, and what is told of a match."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.catalog.query.scope import Scope
from reviewer.catalog.query.wildcard import fits
from reviewer.code.budget import Budget
from reviewer.domain.detector import Match, Query
from reviewer.errors import SourceError
from tests.catalog.query.asking import find_matches, lines, matches, query, read, scopes
from tests.catalog.query.queries import FEWER, queries

SOURCE = """
    import requests

    def load(url, session):
        session.begin()
        requests.get(url)
        requests.get(url, timeout=5)
        session.commit()
    """


def test_all_tests_of_a_query_hold() -> None:
    assert lines(SOURCE, {"callee": "requests.get", "argument": "timeout"}) == [7]


def test_one_of_several_values_is_enough() -> None:
    assert lines(SOURCE, {"method": ["begin", "commit"]}) == [5, 8]


def test_nothing_holds_of_what_must_not() -> None:
    assert lines(SOURCE, {"fact": "call", "not": [{"callee": "requests.*"}, {"method": "commit"}]}) == [5]


def test_what_must_not_hold_is_a_query_as_a_whole() -> None:
    both = {"callee": "requests.get", "argument": "timeout"}
    assert lines(SOURCE, {"fact": "call", "not": both}) == [5, 6, 8]


def test_at_least_one_of_several_queries_holds() -> None:
    assert lines(SOURCE, {"any": [{"method": "begin"}, {"callee": "requests.get", "argument": "timeout"}]}) == [5, 7]


def test_all_of_several_queries_hold() -> None:
    both = [{"followed-by": {"method": "commit"}}, {"followed-by": {"argument": "timeout"}}]
    assert lines(SOURCE, {"fact": "call", "all": both}) == [5, 6]


def test_a_relation_to_anything_asks_whether_there_is_something() -> None:
    assert lines(SOURCE, {"fact": "call", "not": {"followed-by": True}}) == [8]


def test_a_wildcard_stands_for_any_characters_and_case_counts() -> None:
    assert lines(SOURCE, {"callee": "req*.g*t"}) == [6, 7]
    assert lines(SOURCE, {"callee": "Requests.*"}) == []


def test_a_place_is_found_once() -> None:
    # The call and the assignment of what it gives are two facts on one line, the two calls of a chain one place.
    source = "def load(a):\n    b = a.c().d()\n"
    assert [(match.line, match.column) for match in matches(source, query({"fact": "call"}))] == [(2, 9)]


def test_a_match_tells_where_and_why() -> None:
    wanted = {
        "callee": "requests.get",
        "timeout": "none",
        "not": [{"argument": "timeout"}, {"caught": "requests.exceptions.Timeout"}],
        "followed-by": {"method": "commit"},
    }
    assert matches(SOURCE, query(wanted)) == [
        Match(
            line=6,
            end_line=6,
            column=5,
            function="load",
            code="requests.get(url)",
            reasons=(
                "requests.get is called",
                "time limit: none",
                "commit comes later",
                "without timeout",
                "nothing here handles requests.exceptions.Timeout",
            ),
        )
    ]


def test_a_module_and_a_decorated_function_are_found_where_they_begin() -> None:
    source = "work()\n\n@first\n@second(\n    1\n)\nasync def load():\n    pass\n"
    assert [(match.line, match.code) for match in matches(source, query({"fact": "unit"}))] == [
        (1, "work()"),
        (7, "async def load():"),
    ]


@cache
def source_scopes() -> list[Scope]:
    return scopes(SOURCE)


@FEWER
@given(queries())
def test_any_query_is_answered(wanted: Query) -> None:
    for scope in source_scopes():
        for match in find_matches(wanted, scope):
            assert 1 <= match.line <= 8


def test_asking_ends_when_its_time_is_over() -> None:
    body = "".join(f"    work({number})\n" for number in range(600))
    _, views = read(f"def load():\n{body}")
    never = query({"unit-has": {"unit-has": {"unit-has": {"method": "never"}}}})
    with pytest.raises(SourceError, match=r"took longer than 0\.05 s"):
        list(find_matches(never, Scope(views[0], Budget(0.05))))


@pytest.mark.parametrize(
    ("wanted", "value", "expected"),
    [
        ("a", "a", True),
        ("a", "ab", False),
        ("*", "", True),
        ("a*", "a", True),
        ("*b", "ab", True),
        ("a*a", "a", False),
        ("a*b*c", "a-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("*.exceptions.*", "requests.exceptions.Timeout", True),
    ],
)
def test_wildcards(wanted: str, value: str, expected: bool) -> None:
    assert fits(wanted, value) is expected


@given(st.text("ab*", max_size=8), st.text("ab", max_size=8))
def test_a_wildcard_fits_as_a_shell_would_have_it(wanted: str, value: str) -> None:
    from fnmatch import fnmatchcase

    assert fits(wanted, value) is fnmatchcase(value, wanted)


def test_a_hostile_wildcard_takes_no_time() -> None:
    assert not fits("a*" * 150 + "b", "a" * 2000)
