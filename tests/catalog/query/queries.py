"""Queries and detectors out of thin air, as they may stand in a file that somebody wrote."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from reviewer.catalog.query.registry import all_features
from reviewer.catalog.query.wildcard import ANY
from reviewer.domain.detector import Detector, Query, Test

PLAIN = [one for one in all_features() if not one.relation]
RELATIONS = [one for one in all_features() if one.relation]

FEWER = settings(max_examples=settings().max_examples // 4)
"""For what takes long to make up."""

WORDS = st.text(min_size=1, max_size=20)


@st.composite
def plain_tests(draw: st.DrawFn) -> Test:
    """A test of a feature that has values."""
    asked = draw(st.sampled_from(PLAIN))
    if asked.flag:
        return Test(asked.name, ("yes",))
    value = st.sampled_from(asked.values) if asked.values else WORDS
    return Test(asked.name, tuple(draw(st.just([ANY]) | st.lists(value, min_size=1, max_size=3))))


def queries(depth: int = 3, *, empty: bool = False) -> st.SearchStrategy[Query]:
    """A query with others inside it, none of them asking for nothing."""
    tests: st.SearchStrategy[Test] = plain_tests()
    others: st.SearchStrategy[list[Query]] = st.just([])
    if depth > 1:
        related = queries(depth - 1, empty=True)
        relation = st.sampled_from([one.name for one in RELATIONS])
        tests = st.one_of(tests, st.builds(lambda name, query: Test(name, (), query), relation, related))
        others = st.lists(queries(depth - 1), max_size=1 if depth > 2 else 2)
    made = st.builds(
        lambda tests, none_of, any_of: Query(tuple(tests), tuple(none_of), tuple(any_of)),
        st.lists(tests, max_size=3),
        others,
        others,
    )
    return made if empty else made.filter(lambda query: query != Query())


DETECTORS = st.one_of(
    st.builds(lambda query: Detector("query", query), queries()),
    st.builds(lambda query: Detector("rule", query, "no-timeout"), st.none() | queries()),
)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.dates()
NAMES = st.one_of(
    st.sampled_from(["query", "rule", "shape", "not", "any", "all", "callee", "use", "contains", "pattern", "has"]),
    WORDS,
)
HOSTILE = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4))
"""What a TOML or JSON file may hold."""
