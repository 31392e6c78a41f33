"""ast-grep rules: what is taken, what is refused, and where a shape is found."""

from __future__ import annotations

import json
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.catalog.query.language import read_detector, write_detector
from reviewer.catalog.query.shape import MAX_DEPTH, MAX_PARTS, Shapes, read_shape
from reviewer.code.source import Source
from reviewer.errors import CatalogError
from tests.catalog.query.queries import HOSTILE

SOURCE = """\
import re

WORD = re.compile("(a+)+")


class Order:
    price = Column(nullable=True)

    def pay(self):
        é = "é"; self.load(é)
        with self.lock:
            self.load(1)
"""


def found(shape: object, first: int = 1, last: int = 12) -> list[tuple[int, int, int, str]]:
    place = Shapes(Source("shop/orders.py", SOURCE)).find(read_shape(shape, "here"), first, last)
    return [(span.line, span.end_line, span.column, code) for span, code in place]


def test_a_shape_is_found_with_its_place() -> None:
    assert found({"pattern": "re.compile($TEXT)"}) == [(3, 3, 8, 'WORD = re.compile("(a+)+")')]


def test_columns_count_characters() -> None:
    assert found({"pattern": "self.load($A)", "not": {"inside": {"kind": "with_statement", "stopBy": "end"}}}) == [
        (10, 10, 18, 'é = "é"; self.load(é)')
    ]


def test_only_the_lines_that_are_asked_for_are_searched() -> None:
    assert found({"pattern": "self.load($A)"}, 11, 12) == [(12, 12, 13, "self.load(1)")]
    assert found({"pattern": "re.compile($TEXT)"}, 6, 12) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("def f(x): return eval(x)\n", 1),
        ("class A:\n    def f(x): return eval(x)\n", 2),
        ("a = 1; eval(x)\n", 1),
        ("f = lambda x: (\n    eval(x), 1)\n", 2),
    ],
)
def test_what_stands_in_one_line_is_found(text: str, line: int) -> None:
    shape = read_shape({"pattern": "eval($X)"}, "here")
    assert [span.line for span, _ in Shapes(Source("a.py", text)).find(shape, line, line)] == [line]


def test_what_is_around_counts_whichever_lines_are_searched() -> None:
    inside = {"pattern": "self.load($A)", "inside": {"kind": "class_definition", "stopBy": "end"}}
    assert [line for line, *_ in found(inside, 11, 12)] == [12]


def test_variables_have_constraints() -> None:
    shape = {"rule": {"pattern": "$F($A)"}, "constraints": {"A": {"regex": "nullable"}}}
    assert found(shape) == [(7, 7, 13, "price = Column(nullable=True)")]


def test_a_shape_is_written_as_it_was_read() -> None:
    one = read_detector({"shape": {"kind": "call", "has": {"regex": "a", "stopBy": "end"}}}, "here")
    assert write_detector(one) == {"shape": {"rule": {"kind": "call", "has": {"regex": "a", "stopBy": "end"}}}}
    assert read_detector(write_detector(one), "here") == one


def deep(levels: int, key: str = "not") -> dict[str, object]:
    rule: dict[str, object] = {"kind": "call"}
    for _ in range(levels - 1):
        rule = {"kind": "call", key: rule}
    return rule


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (5, "p.toml: is a table: an ast-grep rule"),
        ({}, "p.toml.rule: is a table with at least one of pattern, kind, "),
        ({"kind": "nope"}, "p.toml: ast-grep does not take it: "),
        ({"pattern": "("}, None),
        ({"pattern": "a b c"}, "p.toml: ast-grep does not take it: "),
        ({"regex": "("}, "p.toml: ast-grep does not take it: "),
        ({"not": {"kind": "call"}}, "p.toml.rule: says only what must not be"),
        ({"pattern": ["a"]}, "p.toml.rule.pattern: is a text, not ['a']"),
        ({"pattern": "a" * 501}, "p.toml.rule.pattern: has more than 500 characters"),
        ({"pattern": "a\0"}, "p.toml.rule.pattern: has more than 500 characters, or a null one"),
        ({"regex": "a{1000}"}, "p.toml.rule.regex: repeats something more than 100 times"),
        ({"regex": "a{2,101}"}, "p.toml.rule.regex: repeats something more than 100 times"),
        ({"regex": "((a{100}){100}){100}"}, "p.toml: ast-grep does not take it: "),
        ({"matches": "other"}, "p.toml.rule: has no 'matches'; it takes pattern, kind"),
        ({"rule": {"kind": "call"}, "utils": {}}, "p.toml: has no 'utils'; it takes rule, constraints"),
        ({"rule": {"kind": "call"}, "constraints": {"a": {"kind": "call"}}}, "p.toml.constraints: 'a' is no variable"),
        ({"rule": {"kind": "call"}, "constraints": {"A": {"kind": "call"}}}, "p.toml: ast-grep does not take it: "),
        ({"all": []}, "p.toml.rule.all: is a list of rules"),
        ({"any": {"kind": "call"}}, "p.toml.rule.any: is a list of rules"),
        ({"has": 1}, "p.toml.rule.has: is a table: a rule, with stopBy and field"),
        ({"kind": "call", "nthChild": 0}, "p.toml.rule.nthChild: is a position from 1"),
        ({"kind": "call", "nthChild": {"position": 1, "x": 1}}, "p.toml.rule.nthChild: takes position, reverse"),
        (deep(MAX_DEPTH + 1), "p.toml.rule.not.not"),
        (deep(3000), "p.toml.rule.not.not"),
        ({"any": [{"kind": "call"}] * MAX_PARTS}, "p.toml.rule.any: holds more than 40 rules"),
    ],
)
def test_a_bad_shape_is_refused_with_the_place_and_the_reason(shape: object, told: str | None) -> None:
    if told is None:  # what looks odd and is fine
        read_shape(shape, "p.toml")
        return
    with pytest.raises(CatalogError) as caught:
        read_shape(shape, "p.toml")
    assert str(caught.value).startswith(told)
    assert str(caught.value).isprintable()


def searching(levels: int, relation: str) -> dict[str, object]:
    rule: dict[str, object] = {"regex": "never"}
    for _ in range(levels):
        rule = {relation: {**rule, "stopBy": "end"}}
    return rule


@pytest.mark.parametrize("relation", ["has", "inside", "follows", "precedes"])
def test_searches_inside_each_other_are_bounded(relation: str) -> None:
    read_shape(searching(2, relation), "here")
    with pytest.raises(CatalogError, match="2 are allowed"):
        read_shape(searching(3, relation), "here")


KEYS = st.sampled_from(
    ["pattern", "kind", "regex", "nthChild", "inside", "has", "all", "any", "not", "stopBy", "field", "rule",
     "constraints", "ofRule", "position", "A"]
)  # fmt: skip
PIECES = st.sampled_from(["call", "identifier", "$A($$$B)", "a.b", "end", "neighbor", "2n+1", "(", "[a-z]+", ""])
RULES = st.recursive(
    PIECES | HOSTILE | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(RULES)
def test_a_hostile_shape_is_taken_or_refused_and_then_runs(data: object) -> None:
    try:
        shape = read_shape(data, "here")
    except CatalogError as error:
        assert str(error).isprintable()
        return
    assert json.loads(shape)["rule"]
    list(Shapes(Source("a.py", textwrap.dedent(SOURCE))).find(shape, 1, 12))
