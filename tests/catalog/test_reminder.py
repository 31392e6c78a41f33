"""What a model that explains a unit is told of failures of code of its shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reviewer.catalog.meeting import Candidate, KnownPatterns
from reviewer.catalog.reminder import MOST, reminders
from reviewer.domain.finding import PatternMet
from reviewer.domain.pattern import Pattern, State
from reviewer.ports import CatalogIndex
from tests.catalog.lookup.shelf import index_of, read
from tests.catalog.members import LESSON, PATTERN, a_pattern, in_words

FETCH = "import requests\n\n\ndef fetch(url):\n    return requests.get(url).json()\n"
PLAIN = "def area(width, height):\n    return width * height\n"
FITTING = in_words(
    "Prices hung on a partner without a timeout",
    "requests.get was called without a timeout, and no limit on waiting was set for the HTTP call.",
    "missing-timeout",
    "requests",
    name="hung",
)


def reminded(
    code: str, *indexes: CatalogIndex, met: Sequence[Pattern] = (), why: str = "This happened at Shop: it hung."
) -> tuple[str, ...]:
    """What the last unit of some code reminds of; its first finding meets some patterns."""
    file = read(code)
    view = file.views[-1]
    findings = [one for one in file.findings if one.function == view.unit.name]
    if met:
        told = tuple(PatternMet(one.id, one.title, why) for one in met)
        findings[0] = replace(findings[0], patterns=told)
    return reminders(view, findings, {one.id: one for one in met}, indexes)


def test_a_unit_whose_finding_meets_a_pattern_is_told_its_title_and_conditions() -> None:
    assert reminded(FETCH, met=[PATTERN]) == (f"{PATTERN.title}. {PATTERN.conditions}",)


def test_a_slip_of_which_no_incident_is_known_has_not_failed_before() -> None:
    assert reminded(FETCH, met=[PATTERN], why="") == ()


def test_what_is_known_in_words_alone_and_fits_well_is_told() -> None:
    (told,) = reminded(FETCH, index_of(FITTING))
    assert told.startswith("Prices hung on a partner without a timeout. requests.get was called")


def test_what_fits_a_little_or_not_at_all_is_not() -> None:
    little = in_words("A page hung", "Something waited.", name="little")
    assert reminded(FETCH, index_of(little)) == ()
    assert reminded(PLAIN, index_of(FITTING)) == ()


def test_what_has_a_detector_speaks_by_it_alone() -> None:
    words = {"title": FITTING.title, "conditions": FITTING.statements["cause"].words, "libraries": ("requests",)}
    assert reminded(FETCH, index_of(a_pattern("unproved", detector=None, **words, incidents=()))) != ()
    assert reminded(FETCH, index_of(a_pattern("proved", **words, incidents=()))) == ()


def test_what_the_team_has_retired_is_not_told_out_of_another_catalog() -> None:
    words = {"title": FITTING.title, "conditions": FITTING.statements["cause"].words, "detector": None}
    shipped = index_of(a_pattern("hung-partner", **words, incidents=()))
    retired = index_of(a_pattern("hung-partner", **words, incidents=(), state=State.RETIRED))
    assert reminded(FETCH, shipped) != ()
    assert reminded(FETCH, retired, shipped) == ()


def test_at_most_two_are_told_those_that_were_met_first() -> None:
    met = [a_pattern(f"pattern-{n}", title=f"Title {n}") for n in range(3)]
    assert len(reminded(FETCH, index_of(FITTING), met=met)) == MOST
    first, second = reminded(FETCH, index_of(FITTING), met=met[:1])
    assert first.startswith("Title 0. ")
    assert second.startswith("Prices hung")


def test_a_pattern_that_the_team_has_retired_does_not_run_out_of_another_catalog() -> None:
    shipped, own = index_of(PATTERN, LESSON), index_of(a_pattern(PATTERN.id, state=State.RETIRED))
    text = "redis.Redis().get('a')\n"

    def ids(*indexes: CatalogIndex) -> list[str]:
        known = KnownPatterns([(index, index is own) for index in indexes], {}, lambda: None)
        found: Sequence[Candidate] = known.candidates(text)
        return [one.pattern.id for one in found]

    assert ids(shipped) == [PATTERN.id]
    assert ids(own, shipped) == []
