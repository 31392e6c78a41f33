"""Many detectors over one file in one pass."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.catalog.query import running
from reviewer.catalog.query.running import Prepared, run
from reviewer.catalog.query.scope import Scope
from reviewer.domain.detector import Detector, Match, Query
from reviewer.errors import SourceError
from tests.catalog.query.asking import detector, find_matches, findings, read, scopes
from tests.catalog.query.queries import FEWER, queries

SOURCE = """
    import re
    import threading
    import requests

    LOCK = threading.Lock()
    WORD = re.compile("(a+)+")

    def load(url):
        with LOCK:
            requests.get(url)
        return requests.get(url)

    class Order:
        price = Column(1)

        def pay(self, url):
            def inner():
                return Column(2)
            return requests.get(url, timeout=5)
    """


def found(data: dict[str, object], source: str = SOURCE) -> dict[str, list[int]]:
    """The lines that detectors find, given as their tables."""
    file, views = read(source)
    matches = run({name: detector(one) for name, one in data.items()}, file, views, findings(views))
    return {name: sorted(match.line for match in one) for name, one in matches.items()}


def test_each_detector_finds_its_own() -> None:
    assert found(
        {
            "get": {"query": {"callee": "requests.get"}},
            "wild": {"query": {"callee": "requests.*", "argument": "timeout"}},
            "either": {"query": {"any": [{"callee": "re.compile"}, {"operation": "context"}]}},
            "place": {"query": {"inside": "lock"}},
            "absent": {"query": {"fact": "call", "not": {"callee": "requests.get"}}},
            "only-not": {"query": {"not": {"fact": ["call", "assign", "return", "unit", "use", "with"]}}},
            "never": {"query": {"callee": "requests.post"}},
        }
    ) == {
        "get": [11, 12, 20],
        "wild": [20],
        "either": [7, 10],
        "place": [11],
        "absent": [6, 7, 15, 19],
    }


def test_a_rule_is_narrowed_to_the_findings_that_meet_the_query() -> None:
    assert found(
        {
            "any": {"rule": "no-timeout"},
            "locked": {"rule": "no-timeout", "query": {"inside": "lock"}},
            "returned": {"rule": "no-timeout", "query": {"fact": "return"}},
            "looped": {"rule": "no-timeout", "query": {"in-loop": "for"}},
        }
    ) == {"any": [11, 12], "locked": [11], "returned": [12]}


def test_a_narrowed_rule_tells_the_finding_and_the_query() -> None:
    file, views = read(SOURCE)
    [match] = run({"a": detector({"rule": "no-timeout", "query": {"inside": "lock"}})}, file, views, findings(views))[
        "a"
    ]
    assert match == Match(
        line=11,
        end_line=11,
        column=9,
        function="load",
        code="requests.get(url)",
        reasons=(
            "requests.get() waits without limit: no timeout is given and the default is none",
            "inside lock",
        ),
    )


def test_a_shape_is_found_in_the_unit_that_holds_it() -> None:
    file, views = read(SOURCE)
    shapes = {"column": detector({"shape": {"pattern": "Column($A)"}})}
    assert [(match.line, match.function, match.code) for match in run(shapes, file, views, ())["column"]] == [
        (15, "Order", "price = Column(1)"),
        (19, "Order.pay.inner", "return Column(2)"),
    ]


def test_only_the_units_that_are_given_are_looked_at() -> None:
    file, views = read(SOURCE)
    some = [view for view in views if view.unit.name in ("load", "Order.pay")]
    detectors = {
        "get": detector({"query": {"callee": "requests.get"}}),
        "column": detector({"shape": {"pattern": "Column($A)"}}),
        "rule": detector({"rule": "no-timeout", "query": {"fact": "call"}}),
    }
    matches = run(detectors, file, some, findings(views))
    assert {name: [match.line for match in one] for name, one in matches.items()} == {
        "get": [11, 12, 20],
        "rule": [11, 12],
    }


def test_a_function_that_is_defined_twice_is_told_by_its_lines() -> None:
    source = """
        import requests

        def load(url):
            requests.get(url)

        def load(url):
            for one in url:
                requests.get(one)
        """
    assert found({"looped": {"rule": "no-timeout", "query": {"in-loop": "for"}}}, source) == {"looped": [9]}


def test_what_takes_too_long_is_told_and_the_rest_is_asked() -> None:
    body = "".join(f"    work({number})\n" for number in range(400))
    file, views = read(f"def one():\n{body}\ndef other():\n    work(1)\n")
    never = {"unit-has": {"unit-has": {"unit-has": {"method": "never"}}}}
    detectors = {"never": detector({"query": never}), "work": detector({"query": {"method": "work"}})}
    told = Prepared(detectors).run(file, views, (), seconds=0.05)
    assert told.failures == ("one: the patterns were not asked to the end within 0.05 s; raise limits.unit-seconds",)
    assert [match.function for match in told.matches["work"] if match.function != "one"] == ["other"]


def test_a_rule_that_is_narrowed_for_too_long_is_told_and_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    file, views = read(SOURCE)
    narrowed = {"get": detector({"rule": "no-timeout", "query": {"inside": "lock"}})}

    def late(*_: object) -> bool:
        raise SourceError("took longer than 2 s and was given up")

    monkeypatch.setattr(running, "holds", late)
    told = Prepared(narrowed).run(file, views, findings(views))
    assert told.matches == {}
    assert told.failures == ("load: the patterns were not asked to the end within 2 s; raise limits.unit-seconds",)


def test_shapes_are_not_looked_for_in_a_huge_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "MAX_TEXT", 10)
    file, views = read(SOURCE)
    told = Prepared({"column": detector({"shape": {"pattern": "Column($A)"}})}).run(file, views, ())
    assert (told.matches, told.failures) == ({}, ("has more than 10 characters; shapes are not looked for",))


@pytest.mark.parametrize("shape", [{"nthChild": 1}, {"follows": {"kind": "string", "stopBy": "end"}}])
def test_a_shape_that_looks_along_a_long_row_is_told_and_not_waited_for(shape: dict[str, object]) -> None:
    file, views = read(f"def table():\n    return ({'a, ' * 20_000})\n\n\ndef other(a):\n    return ('', a)\n")
    began = time.process_time()
    told = Prepared({"row": detector({"shape": {"kind": "identifier", **shape}})}).run(file, views, ())
    assert time.process_time() - began < 10  # it would be minutes
    assert {match.function for match in told.matches.get("row", ())} == {"other"}
    assert told.failures == ("table: the shape of row was not looked for: there is too much side by side",)


@FEWER
@given(st.lists(queries(), min_size=1, max_size=5))
def test_one_pass_finds_what_each_query_finds_by_itself(several: list[Query]) -> None:
    file, views = read(SOURCE)
    detectors = {str(number): Detector("query", one) for number, one in enumerate(several)}
    apart = {
        name: [match for scope in scopes(SOURCE) for match in find_matches(one.query, scope)]
        for name, one in detectors.items()
        if one.query is not None
    }
    assert run(detectors, file, views, ()) == {name: one for name, one in apart.items() if one}


def test_a_finding_of_a_unit_that_is_not_given_meets_no_query() -> None:
    file, views = read(SOURCE)
    elsewhere = [replace(one, function="other") for one in findings(views)]
    assert run({"a": detector({"rule": "no-timeout", "query": {"fact": "call"}})}, file, views, elsewhere) == {}


def test_a_unit_that_is_ready_may_be_asked_again_within_a_time_of_its_own() -> None:
    file, views = read(SOURCE)
    ready = {id(view): Scope(view) for view in views}
    detectors = {"get": detector({"query": {"callee": "requests.get", "inside": "lock"}})}
    asked = [
        Prepared(detectors).run(file, views, (), seconds, scope=lambda view: ready[id(view)])
        for seconds in (60.0, -1.0, 60.0)
    ]
    assert asked[0].matches == asked[2].matches == run(detectors, file, views, ())
    for one in ready.values():
        one.spend(1_000)  # the time of who asked before is over for nobody else
