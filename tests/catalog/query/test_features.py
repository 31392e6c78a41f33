"""Every feature and relation holds on exactly the marked lines of its examples."""

from __future__ import annotations

import re

import pytest

from reviewer.catalog.query.registry import all_features, feature
from reviewer.domain.detector import Query
from tests.catalog.query import feature_examples, relation_examples
from tests.catalog.query.asking import lines, marked, matches, query
from tests.catalog.query.feature_examples import Example

EXAMPLES = (*feature_examples.EXAMPLES, *relation_examples.EXAMPLES)
each_example = pytest.mark.parametrize(
    "example", EXAMPLES, ids=[f"{one.feature}-{number}" for number, one in enumerate(EXAMPLES)]
)


@each_example
def test_a_feature_holds_on_exactly_the_marked_lines(example: Example) -> None:
    wanted = {**example.also, example.feature: example.wanted}
    assert lines(example.source, wanted, example.path) == marked(example.source)


@each_example
def test_an_example_needs_its_feature(example: Example) -> None:
    others = query(dict(example.also)) if example.also else Query()
    found = {match.line for match in matches(example.source, others, example.path)}
    assert found > set(marked(example.source)) or example.feature == "test-code"


def test_every_feature_has_an_example() -> None:
    assert sorted({one.name for one in all_features()} - {example.feature for example in EXAMPLES}) == []


def test_names_are_unique_and_kebab_case() -> None:
    names = [one.name for one in all_features()]
    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)] == []


@pytest.mark.parametrize("one", all_features(), ids=lambda one: one.name)
def test_a_feature_says_what_it_is_in_a_sentence(one: object) -> None:
    asked = feature(one.name)  # type: ignore[attr-defined]
    assert asked.about.endswith(".")
    assert asked.about[0].isupper()
    assert len(asked.about) <= 260
    assert asked.relation == (asked.related is not None)


def test_test_code_is_told_by_the_path() -> None:
    source = "def one():\n    work()\n"
    assert lines(source, {"method": "work", "test-code": True}, "tests/test_a.py") == [2]
    assert lines(source, {"method": "work", "test-code": True}, "shop/a.py") == []
