"""Detectors as data: what is read is what was written, and what is none is refused with the place and the reason."""

from __future__ import annotations

import json
import tomllib

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.catalog.query.language import detector_schema, read_detector, write_detector
from reviewer.catalog.query.schema import MAX_DEPTH, MAX_TESTS, MAX_VALUES
from reviewer.domain.detector import Detector, Query, Test
from reviewer.errors import CatalogError
from tests.catalog.query.asking import detector
from tests.catalog.query.queries import DETECTORS, FEWER, HOSTILE

SCHEMA = jsonschema.Draft202012Validator(detector_schema())


@FEWER
@given(DETECTORS)
def test_what_is_written_is_read_again(one: Detector) -> None:
    assert read_detector(write_detector(one), "here") == one


@FEWER
@given(DETECTORS)
def test_what_is_written_stands_in_the_schema(one: Detector) -> None:
    SCHEMA.validate(json.loads(json.dumps(write_detector(one))))


@given(HOSTILE)
def test_hostile_data_is_read_or_refused_and_nothing_else(data: object) -> None:
    try:
        read_detector(data, "p.toml: detector")
    except CatalogError as error:
        assert str(error).startswith("p.toml: detector")
        assert str(error).isprintable()


@given(st.dictionaries(st.sampled_from(["callee", "not", "any", "all", "contains", "use"]), HOSTILE, max_size=4))
def test_a_hostile_query_is_read_or_refused_and_nothing_else(data: object) -> None:
    try:
        read_detector({"query": data}, "p.toml")
    except CatalogError as error:
        assert str(error).isprintable()


def test_a_detector_is_read_from_toml() -> None:
    text = """
    [detector.query]
    callee = ["requests.get", "requests.post"]
    async = true
    receiver-type = true
    not = [{ argument = "timeout" }, { inside-with = "asyncio.timeout" }]
    any = [{ in-loop = "for" }, { inside = "lock" }]
    followed-by = { method = "json", in-handlers = { fact = "raise" } }
    """
    assert detector(tomllib.loads(text)["detector"]) == Detector(
        "query",
        Query(
            tests=(
                Test("callee", ("requests.get", "requests.post")),
                Test("async", ("yes",)),
                Test("receiver-type", ("*",)),
                Test(
                    "followed-by",
                    related=Query(
                        (Test("method", ("json",)), Test("in-handlers", related=Query((Test("fact", ("raise",)),))))
                    ),
                ),
            ),
            none_of=(Query((Test("argument", ("timeout",)),)), Query((Test("inside-with", ("asyncio.timeout",)),))),
            any_of=(Query((Test("in-loop", ("for",)),)), Query((Test("inside", ("lock",)),))),
        ),
    )


def test_a_rule_may_be_narrowed_by_a_query() -> None:
    narrowed = {"rule": "no-timeout", "query": {"inside": "lock"}}
    assert detector(narrowed) == Detector("rule", Query((Test("inside", ("lock",)),)), "no-timeout")
    assert detector({"rule": "no-timeout"}) == Detector("rule", None, "no-timeout")


def test_a_feature_is_asked_for_twice_by_all() -> None:
    twice = {"query": {"all": [{"followed-by": {"method": "a"}}, {"followed-by": {"method": "b"}}]}}
    found = detector(twice)
    assert found.query is not None
    assert [test.related for test in found.query.tests] == [
        Query((Test("method", ("a",)),)),
        Query((Test("method", ("b",)),)),
    ]


def test_a_second_choice_inside_all_is_kept_as_what_must_not_be() -> None:
    first, second = {"any": [{"method": "a"}, {"method": "b"}]}, {"any": [{"async": True}, {"own": True}]}
    found = detector({"query": {"all": [first, second]}}).query
    assert found == Query(
        none_of=(Query(none_of=(Query((Test("async", ("yes",)),)), Query((Test("own", ("yes",)),)))),),
        any_of=(Query((Test("method", ("a",)),)), Query((Test("method", ("b",)),))),
    )


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (5, "p.toml: is a table, not 5"),
        ({}, "p.toml: says nothing to look for; give query, rule or shape"),
        ({"qery": {}}, "p.toml: has no 'qery'; is query meant?; it takes query, rule, shape"),
        ({"query": {}}, "p.toml.query: asks for nothing, and would hold everywhere; give it a test"),
        ({"query": {"calle": "a"}}, "p.toml.query: there is no feature 'calle'; is callee meant?"),
        ({"query": {"callee": 5}}, "p.toml.query.callee: takes texts, lists of texts or true, not 5"),
        ({"query": {"callee": ""}}, "p.toml.query.callee: takes texts, lists of texts or true, not ''"),
        ({"query": {"callee": []}}, "p.toml.query.callee: takes one to 60 values"),
        ({"query": {"awaited": False}}, "p.toml.query.awaited: takes texts, lists of texts or true, not true or false"),
        ({"query": {"timeout": "never"}}, "p.toml.query.timeout: is never 'never'; it is one of explicit, "),
        ({"query": {"callee": "a", "not": {}}}, "p.toml.query.not: asks for nothing; give it a test or leave it out"),
        ({"query": {"any": []}}, "p.toml.query.any: takes one to 60 queries"),
        ({"query": {"contains": "call"}}, "p.toml.query.contains: is a table, not 'call'"),
        ({"rule": "no-timout"}, "p.toml.rule: there is no rule 'no-timout'; is no-timeout meant?"),
        ({"rule": ["no-timeout"]}, "p.toml.rule: there is no rule a list"),
        ({"shape": {"kind": "call"}, "rule": "no-timeout"}, "p.toml: a shape stands alone; leave query and rule out"),
    ],
)
def test_bad_data_is_refused_with_the_place_and_the_reason(data: object, told: str) -> None:
    with pytest.raises(CatalogError) as caught:
        read_detector(data, "p.toml")
    assert str(caught.value).startswith(told)


def nested(depth: int) -> dict[str, object]:
    query: dict[str, object] = {"callee": "a"}
    for _ in range(depth - 1):
        query = {"contains": query}
    return {"query": query}


def test_depth_is_bounded() -> None:
    detector(nested(MAX_DEPTH))
    with pytest.raises(CatalogError, match="nested more than 6 levels deep"):
        detector(nested(MAX_DEPTH + 1))
    with pytest.raises(CatalogError, match="nested more than 6 levels deep"):
        detector(nested(5000))


def test_an_all_stands_in_no_other_all() -> None:
    data: dict[str, object] = {"callee": "a"}
    for _ in range(5000):
        data = {"all": [data]}
    with pytest.raises(CatalogError, match="stands in another `all`"):
        detector({"query": data})


def test_the_number_of_tests_is_bounded() -> None:
    choices = [{"callee": f"a{number}"} for number in range(MAX_TESTS)]
    detector({"query": {"any": choices}})
    with pytest.raises(CatalogError, match="more than 60 tests"):
        detector({"query": {"callee": "b", "any": choices}})


def test_the_number_and_length_of_values_is_bounded() -> None:
    detector({"query": {"callee": ["a"] * MAX_VALUES}})
    with pytest.raises(CatalogError, match="takes one to 60 values"):
        detector({"query": {"callee": ["a"] * (MAX_VALUES + 1)}})
    with pytest.raises(CatalogError, match="more than 300 characters"):
        detector({"query": {"callee": "a" * 301}})


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(detector_schema())
