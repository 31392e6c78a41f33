"""Words without which a detector cannot match: most texts are ruled out by them, and no text wrongly."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given

from reviewer.catalog.query.scope import Scope
from reviewer.catalog.query.trigger import identifiers_in, may_match, words_of
from reviewer.domain.detector import Detector, Query
from tests.catalog.query.asking import detector, find_matches, knowledge, scopes
from tests.catalog.query.feature_examples import EXAMPLES
from tests.catalog.query.queries import FEWER, queries


@pytest.mark.parametrize(
    ("data", "groups"),
    [
        ({"query": {"callee": "requests.get"}}, [{"get"}]),
        ({"query": {"callee": ["requests.get", "httpx.Client.post"]}}, [{"get", "post"}]),
        ({"query": {"callee": "requests.*"}}, []),
        ({"query": {"callee": ["requests.get", "httpx.*"]}}, []),
        ({"query": {"callee": "*.get", "exception": "shop.errors.Damaged"}}, [{"get"}, {"Damaged"}]),
        ({"query": {"callee": ".Order.save"}}, [{"save"}]),
        ({"query": {"inside": "lock"}}, []),
        ({"query": {"callee": "open", "not": {"method": "close"}}}, [{"open"}]),
        ({"query": {"fact": "try", "contains": {"method": "commit"}}}, [{"commit"}]),
        ({"query": {"any": [{"method": "a"}, {"method": ["b", "c"]}]}}, [{"a", "b", "c"}]),
        ({"query": {"any": [{"method": "a"}, {"inside": "lock"}]}}, []),
        ({"rule": "no-timeout", "query": {"callee": "requests.get"}}, []),
        ({"shape": {"pattern": "re.compile($TEXT)"}}, [{"re"}, {"compile"}]),
        ({"shape": {"pattern": 'f("word", $A, $$$REST)'}}, [{"f"}]),
        ({"shape": {"kind": "call", "has": {"pattern": "eval"}, "not": {"pattern": "other"}}}, [{"eval"}]),
        ({"shape": {"any": [{"pattern": "a"}, {"pattern": "b"}]}}, [{"a", "b"}]),
        ({"shape": {"any": [{"pattern": "a"}, {"kind": "call"}]}}, []),
    ],
)
def test_words(data: object, groups: list[set[str]]) -> None:
    assert words_of(detector(data)) == tuple(frozenset(group) for group in groups)


def test_other_public_names_of_a_thing_count_where_they_are_known() -> None:
    one = detector({"query": {"callee": "requests.Session"}})
    assert words_of(one) == (frozenset({"Session"}),)
    assert words_of(one, knowledge()) == (frozenset({"Session", "session"}),)


def test_a_text_needs_a_word_of_each_group() -> None:
    groups = (frozenset({"get", "post"}), frozenset({"raise"}))
    assert may_match(groups, identifiers_in("x = a.get(1)\nraise x"))
    assert not may_match(groups, identifiers_in("x = a.gets(1)\nraise x"))
    assert may_match((), identifiers_in(""))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.feature)
def test_what_matches_has_the_words(example: Any) -> None:
    groups = words_of(detector({"query": {**example.also, example.feature: example.wanted}}), knowledge())
    assert may_match(groups, identifiers_in(example.source))


TEXT = """
    import requests

    def load(url, session, lock):
        with lock:
            session.begin()
            try:
                return requests.get(url).json()["id"]
            except ValueError as error:
                raise KeyError(url) from error
    """


@cache
def text_scopes() -> list[Scope]:
    return scopes(TEXT)


@FEWER
@given(queries())
def test_no_text_is_ruled_out_that_matches(wanted: Query) -> None:
    groups = words_of(Detector("query", wanted), knowledge())
    if not may_match(groups, identifiers_in(TEXT)):
        assert [match for scope in text_scopes() for match in find_matches(wanted, scope)] == []
