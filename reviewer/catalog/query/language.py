"""Detectors as data: read from what a TOML or JSON file holds, checked to the last word, and written back."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from reviewer.catalog.query.registry import all_features, feature, is_feature
from reviewer.catalog.query.schema import GROUPS, MAX_DEPTH, MAX_LENGTH, MAX_TESTS, MAX_VALUES, detector_schema
from reviewer.catalog.query.shape import read_shape, write_shape
from reviewer.catalog.query.wildcard import ANY
from reviewer.domain.detector import Detector, Query, Test
from reviewer.errors import CatalogError

__all__ = ["detector_schema", "read_detector", "write_detector"]

_FORMS = ("query", "rule", "shape")


def read_detector(data: object, place: str) -> Detector:
    """A detector from a parsed table.

    Args:
        data: what stands there; anything at all.
        place: what to call it in an error: the file and the table.

    Raises:
        CatalogError: it is no detector, or one that asks too much; with the place and the reason.
    """
    table = _table(data, place)
    _refuse_unknown(table, _FORMS, place)
    if "shape" in table:
        if len(table) > 1:
            raise CatalogError(place, "a shape stands alone; leave query and rule out")
        return Detector("shape", shape=read_shape(table["shape"], f"{place}.shape"))
    query = _Reading(f"{place}.query").read(table["query"]) if "query" in table else None
    if "rule" in table:
        rule = table["rule"]
        if not isinstance(rule, str) or rule not in _rule_ids():
            known = _nearest(rule, _rule_ids())
            raise CatalogError(f"{place}.rule", f"there is no rule {_shown(rule)}{known}; see `reviewer rules`")
        return Detector("rule", query, rule)
    if query is None:
        raise CatalogError(place, "says nothing to look for; give query, rule or shape")
    return Detector("query", query)


def write_detector(detector: Detector) -> dict[str, object]:
    """A detector as the table that `read_detector` reads."""
    if detector.form == "shape":
        return {"shape": write_shape(detector.shape)}
    table: dict[str, object] = {"rule": detector.rule} if detector.form == "rule" else {}
    if detector.query is not None:
        table["query"] = _write(detector.query)
    return table


class _Reading:
    """The reading of one query: counts what it asks.

    Args:
        place: where the query stands.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._tests = 0

    def read(self, data: object) -> Query:
        query = self._query(data, self._place, 1)
        if query == Query():
            raise CatalogError(self._place, "asks for nothing, and would hold everywhere; give it a test")
        return query

    def _query(self, data: object, place: str, depth: int, *, part: bool = False) -> Query:
        if depth > MAX_DEPTH:
            raise CatalogError(place, f"is nested more than {MAX_DEPTH} levels deep; ask for less at once")
        table = _table(data, place)
        tests: list[Test] = []
        for name, value in table.items():
            if not isinstance(name, str) or not (is_feature(name) or name in GROUPS):
                raise CatalogError(place, f"there is no feature {_shown(name)}{_nearest(name, _names())}")
            if name not in GROUPS:
                tests.append(self._test(name, value, f"{place}.{name}", depth))
        none_of = self._queries(table, "not", place, depth)
        any_of = self._queries(table, "any", place, depth)
        if part and "all" in table:
            raise CatalogError(f"{place}.all", "stands in another `all`; put its queries there")
        for one in self._queries(table, "all", place, depth):
            tests.extend(one.tests)
            none_of.extend(one.none_of)
            if any_of and one.any_of:
                none_of.append(Query(none_of=one.any_of))  # one of several, said by what must not be
            else:
                any_of.extend(one.any_of)
        return Query(tuple(tests), tuple(none_of), tuple(any_of))

    def _queries(self, table: Mapping[object, object], name: str, place: str, depth: int) -> list[Query]:
        if name not in table:
            return []
        data = table[name]
        several = data if isinstance(data, list) else [data]
        if not several or len(several) > MAX_VALUES:
            raise CatalogError(f"{place}.{name}", f"takes one to {MAX_VALUES} queries")
        part = name == "all"  # as deep as the query that it is a part of
        found = [self._query(one, f"{place}.{name}", depth + (not part), part=part) for one in several]
        if Query() in found:
            raise CatalogError(f"{place}.{name}", "asks for nothing; give it a test or leave it out")
        return found

    def _test(self, name: str, value: object, place: str, depth: int) -> Test:
        self._tests += 1
        if self._tests > MAX_TESTS:
            raise CatalogError(self._place, f"has more than {MAX_TESTS} tests; ask for less at once")
        asked = feature(name)
        if asked.relation:
            return Test(name, related=Query() if value is True else self._query(value, place, depth + 1))
        if value is True:
            return Test(name, ("yes",) if asked.flag else (ANY,))
        values = value if isinstance(value, list) else [value]
        if not values or len(values) > MAX_VALUES:
            raise CatalogError(place, f"takes one to {MAX_VALUES} values")
        return Test(name, tuple(_value(one, asked.values, place) for one in values))


def _value(value: object, closed: tuple[str, ...], place: str) -> str:
    if not isinstance(value, str) or not value:
        raise CatalogError(place, f"takes texts, lists of texts or true, not {_shown(value)}")
    if len(value) > MAX_LENGTH:
        raise CatalogError(place, f"has a value of more than {MAX_LENGTH} characters")
    if closed and value not in closed:
        raise CatalogError(place, f"is never {_shown(value)}; it is one of {', '.join(closed)}")
    return value


def _write(query: Query) -> dict[str, object]:
    """A query as a table; a feature that is asked for twice goes on in `all`, since a table has each key once."""
    groups = list(_without_repetition(query.tests))
    table: dict[str, object] = dict(groups[0]) if groups else {}
    if len(groups) > 1:
        table["all"] = groups[1:]
    for name, queries in (("not", query.none_of), ("any", query.any_of)):
        if queries:
            written = [_write(one) for one in queries]
            table[name] = written[0] if len(written) == 1 else written
    return table


def _without_repetition(tests: Iterable[Test]) -> Iterator[dict[str, object]]:
    group: dict[str, object] = {}
    for test in tests:
        if test.feature in group:
            yield group
            group = {}
        group[test.feature] = _written(test)
    if group:
        yield group


def _written(test: Test) -> object:
    if test.related is not None:
        return _write(test.related)
    if test.values == (("yes",) if feature(test.feature).flag else (ANY,)):
        return True
    return test.values[0] if len(test.values) == 1 else list(test.values)


def _table(data: object, place: str) -> Mapping[object, object]:
    if not isinstance(data, Mapping):
        raise CatalogError(place, f"is a table, not {_shown(data)}")
    return data


def _refuse_unknown(table: Mapping[object, object], known: tuple[str, ...], place: str) -> None:
    for name in table:
        if name not in known:
            raise CatalogError(place, f"has no {_shown(name)}{_nearest(name, known)}; it takes {', '.join(known)}")


def _names() -> list[str]:
    return [*GROUPS, *(one.name for one in all_features())]


def _rule_ids() -> frozenset[str]:
    # Finding the rules loads all of them, and most detectors are queries.
    from reviewer.detectors.registry import all_rules  # noqa: PLC0415

    return frozenset(rule.id for rule in all_rules())


def _nearest(name: object, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(str(name)[:100], chain(known), 1)
    return f"; is {found[0]} meant?" if found else ""


def _shown(value: object) -> str:
    """A hostile value in few printable characters."""
    kind = {bool: "true or false", dict: "a table", list: "a list"}.get(type(value))
    return kind or ascii(value if not isinstance(value, str) else value[:60])[:80]
