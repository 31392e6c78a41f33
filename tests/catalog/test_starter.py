"""The catalog that ships with the reviewer."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from reviewer.catalog.form.lesson import read_lesson
from reviewer.catalog.form.pattern import read_pattern, write_pattern
from reviewer.catalog.replay.reading import Asking, read_definitions
from reviewer.catalog.replay.trial import admitted
from reviewer.catalog_wiring import STARTER
from reviewer.domain.detector import Query
from reviewer.domain.lesson import TOPICS, Lesson
from reviewer.domain.pattern import Pattern, State
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge

PATTERNS = sorted((STARTER / "patterns").glob("*.toml"))
LESSONS = sorted((STARTER / "lessons").glob("*.toml"))
PROVED = [path.stem for path in PATTERNS if "[detector" in path.read_text("utf-8")]


@cache
def pattern(path: Path) -> Pattern:
    return read_pattern(tomllib.loads(path.read_text("utf-8")), path.name)


@cache
def lesson(path: Path) -> Lesson:
    return read_lesson(tomllib.loads(path.read_text("utf-8")), path.name)


def named(name: str) -> Pattern:
    return pattern(STARTER / "patterns" / f"{name}.toml")


@cache
def around() -> Surroundings:
    return Surroundings(Knowledge())


@cache
def asking(name: str) -> Asking:
    detector = named(name).detector
    assert detector is not None
    return Asking({name: detector})


def found(name: str, text: str) -> set[int]:
    """The lines of an example on which the detector of a pattern finds something."""
    reading = read_definitions("example.py", text.encode(), range(1, text.count("\n") + 2), around())
    return {match.line for match in reading.ask(asking(name)).get(name, ())}


def values(query: Query | None) -> Iterator[str]:
    """All words that a query compares with."""
    if query is None:
        return
    for test in query.tests:
        yield from test.values
        yield from values(test.related)
    for inner in (*query.none_of, *query.any_of):
        yield from values(inner)


def test_there_is_a_catalog() -> None:
    assert {"call-without-time-limit", "decoded-input-trusted"} <= {path.stem for path in PATTERNS}


@pytest.mark.parametrize("path", [*PATTERNS, *LESSONS], ids=lambda path: path.stem)
def test_a_file_is_read_and_named_after_its_id(path: Path) -> None:
    member = pattern(path) if path in PATTERNS else lesson(path)
    assert member.id == path.stem


def test_no_pattern_has_the_id_or_the_title_of_another_or_of_a_lesson() -> None:
    members: list[Pattern | Lesson] = [*map(pattern, PATTERNS), *map(lesson, LESSONS)]
    for words in ([one.id for one in members], [one.title for one in members]):
        assert [word for word, count in Counter(words).items() if count > 1] == []


def test_every_incident_has_its_lesson_and_every_lesson_its_pattern() -> None:
    assert {name for path in PATTERNS for name in pattern(path).incidents} == {path.stem for path in LESSONS}


@pytest.mark.parametrize("path", PATTERNS, ids=lambda path: path.stem)
def test_a_pattern_says_when_it_fails_and_what_to_do(path: Path) -> None:
    one = pattern(path)
    assert one.conditions, one.id
    assert one.safe_form, one.id
    assert (one.origin, one.pinned) == ("starter", False)


@pytest.mark.parametrize("path", PATTERNS, ids=lambda path: path.stem)
def test_the_state_follows_from_the_record(path: Path) -> None:
    one = pattern(path)
    assert (one.detector is None) == (one.replay is None)
    assert one.state is (State.CANDIDATE if one.replay is None else admitted(one.replay))


@pytest.mark.parametrize("path", PATTERNS, ids=lambda path: path.stem)
def test_what_is_written_is_read_again(path: Path) -> None:
    one = pattern(path)
    assert read_pattern(write_pattern(one), path.name) == one


@pytest.mark.parametrize("name", PROVED)
def test_a_detector_finds_each_bad_example_and_no_good_one(name: str) -> None:
    one = named(name)
    assert one.bad and one.good, "a detector has examples of both"
    assert [text for text in one.bad if not found(name, text)] == []
    assert [text for text in one.good if found(name, text)] == []


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_quotes_the_summary_that_it_is_made_of(path: Path) -> None:
    one = lesson(path)
    told = [one.statements[topic] for topic in TOPICS if topic in one.statements]
    assert "cause" in one.statements
    summary = " ".join(statement.words for statement in told)
    assert one.digest == hashlib.sha256(summary.encode()).hexdigest()
    assert [summary[quote.start : quote.end] for each in told for quote in each.quotes] == [each.words for each in told]
    assert one.source.startswith(("https://", "http://"))


def test_no_detector_knows_a_project_that_its_incident_is_from() -> None:
    """Libraries are spoken of by what they offer, and a detector that says `warehouse` would find one project only."""
    libraries = {"redis", "starlette", "urllib3", "aiohttp"}
    projects = {lesson(path).fix.repository.rsplit("/", 1)[1] for path in LESSONS if lesson(path).fix}  # type: ignore[union-attr]
    names = {word.lower() for name in projects for word in (name, *re.split(r"[-.]", name))} - libraries
    for path in PATTERNS:
        detector = pattern(path).detector
        words = {
            part.lower() for value in values(detector.query if detector else None) for part in re.split(r"\W", value)
        }
        assert words & names == set(), path.stem
