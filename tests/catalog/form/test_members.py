"""A pattern or lesson comes back from its file as it was, and whatever does not belong into one is refused."""

from __future__ import annotations

import json
import tomllib
from copy import deepcopy
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.catalog.form.lesson import FIELDS as LESSON_FIELDS
from reviewer.catalog.form.lesson import read_lesson, write_lesson
from reviewer.catalog.form.outcome import read_outcome, write_outcome
from reviewer.catalog.form.pattern import FIELDS as PATTERN_FIELDS
from reviewer.catalog.form.pattern import read_pattern, write_pattern
from reviewer.domain.lesson import TOPICS, FixReference, Lesson, Quote, Statement
from reviewer.domain.pattern import FAILURES, Pattern, Replay, State
from reviewer.errors import CatalogError
from reviewer.stores.catalog_folder import text_of
from tests.catalog.members import LESSON, OUTCOME, PATTERN

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
WORDS = TEXTS.filter(str.strip)
COUNTS = st.integers(0, 2**40)
LESSONS = st.builds(
    replace,
    st.just(LESSON),
    title=WORDS,
    version=st.integers(1, 9),
    source=TEXTS,
    organisation=TEXTS,
    assistant=TEXTS,
    tags=st.lists(TEXTS, max_size=3).map(tuple),
    fix=st.none() | st.builds(FixReference, TEXTS, WORDS),
    statements=st.dictionaries(
        st.sampled_from(TOPICS),
        st.builds(
            Statement,
            WORDS,
            st.lists(st.builds(Quote, COUNTS, COUNTS, WORDS), min_size=1, max_size=2).map(tuple),
            st.none() | WORDS,
        ),
        max_size=3,
    ).map(MappingProxyType),
)
PATTERNS = st.builds(
    replace,
    st.just(PATTERN),
    title=WORDS,
    failure=st.sampled_from(FAILURES),
    state=st.sampled_from(State),
    pinned=st.booleans(),
    conditions=TEXTS,
    safe_form=TEXTS,
    bad=st.lists(TEXTS, max_size=2).map(tuple),
    libraries=st.lists(TEXTS, max_size=2).map(tuple),
    assistants=st.dictionaries(WORDS, st.integers(1, 99), max_size=2).map(lambda counts: tuple(sorted(counts.items()))),
    replay=st.none()
    | st.builds(
        Replay,
        TEXTS,
        COUNTS,
        COUNTS,
        COUNTS,
        st.floats(0, 100, allow_subnormal=False),
        COUNTS,
        st.floats(0, 100, allow_subnormal=False),
        st.lists(TEXTS, max_size=2).map(tuple),
        TEXTS,
    ),
)


@settings(max_examples=150, deadline=None)
@given(LESSONS)
def test_a_lesson_comes_back_from_its_file_and_from_json(lesson: Lesson) -> None:
    assert read_lesson(tomllib.loads(text_of(lesson)), "x") == lesson
    assert read_lesson(json.loads(json.dumps(write_lesson(lesson))), "x") == lesson


@settings(max_examples=150, deadline=None)
@given(PATTERNS)
def test_a_pattern_comes_back_from_its_file_and_from_json(pattern: Pattern) -> None:
    assert read_pattern(tomllib.loads(text_of(pattern)), "x") == pattern
    assert read_pattern(json.loads(json.dumps(write_pattern(pattern))), "x") == pattern


@pytest.mark.parametrize("text", ["a\r\nb", "a\rb\nc", "\r\n", 'a\n"""\nb\\', "\ta\n\x07\x7f\u2028\ufeff"])
def test_line_ends_and_quotes_come_back_as_they_were(text: str) -> None:
    pattern = replace(PATTERN, safe_form=text, bad=(text,))
    assert read_pattern(tomllib.loads(text_of(pattern)), "x") == pattern


def test_a_file_is_for_people_to_read() -> None:
    assert text_of(PATTERN).split("\n")[:9] == [
        'id = "answer-left-on-connection"',
        'title = "Answer that is left on a shared connection"',
        'failure = "cancellation"',
        'question = "unavailable"',
        'state = "active"',
        "pinned = true",
        'origin = "model"',
        "incidents = [",
        '    "shop-prices-2026",',
    ]
    assert (
        'conditions = """\nA reply is awaited on a pooled connection\nand nothing closes it on cancellation."""\n'
        in (text_of(PATTERN))
    )
    assert '[detector.query]\ncallee = "redis.Redis.get"\n' in text_of(PATTERN)


def test_keys_stand_in_the_documented_order() -> None:
    assert list(write_lesson(LESSON)) == [field for field in LESSON_FIELDS if field in write_lesson(LESSON)]
    assert list(write_pattern(PATTERN)) == list(PATTERN_FIELDS)


def test_an_outcome_comes_back() -> None:
    assert read_outcome(write_outcome(OUTCOME), "x") == OUTCOME


@pytest.mark.parametrize("at", ["", "yesterday", "2026-01-31T12:00:00", "2026-01-31T12:00:00+02:00"])
def test_an_outcome_is_of_a_moment_in_utc(at: str) -> None:
    with pytest.raises(CatalogError, match=r"no moment in UTC|is empty"):
        read_outcome({**write_outcome(OUTCOME), "at": at}, "outcomes.jsonl: line 3")
    with pytest.raises(CatalogError, match="no moment in UTC"):
        write_outcome(replace(OUTCOME, at=at))


def changed(table: dict[str, object], path: str, value: object) -> dict[str, Any]:
    """A copy of a table with one thing in it changed; "a.b.0" is the first item of b in a."""
    whole: Any = deepcopy(table)
    *way, last = path.split(".")
    inner = whole
    for step in way:
        inner = inner[int(step)] if isinstance(inner, list) else inner[step]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return whole  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("titel", "x", "patterns/a.toml: unknown field 'titel'; did you mean 'title'?"),
        ("id", "../../etc/passwd", "patterns/a.toml: id: '../../etc/passwd' is no id; use at most 150 small letters"),
        ("id", "con", "patterns/a.toml: id: 'con' is no id"),
        ("id", "a" * 151, "is no id"),
        ("id", "a..b", "is no id"),
        ("title", 7, "patterns/a.toml: title: 7 is no text; put it into quotes"),
        ("title", " ", "patterns/a.toml: title: is empty; give a text"),
        ("title", None, "patterns/a.toml: title: is missing; give a text"),
        ("failure", "cancelation", "failure: 'cancelation' is not allowed; did you mean 'cancellation'?"),
        ("question", "why", "question: 'why' is not allowed; one of calls, unavailable, throws, inputs"),
        ("state", "on", "state: 'on' is not allowed; one of candidate, shadow, active, retired"),
        ("pinned", "yes", "pinned: 'yes' is neither true nor false; give one of them"),
        ("incidents", "one", "incidents: 'one' is no list; put it into square brackets"),
        ("incidents", ["/etc"], "incidents: '/etc' is no id"),
        ("libraries", ["redis", 3], "libraries[1]: 3 is no text; put it into quotes"),
        ("services", ["cahce"], "services: 'cahce' is no sort of service; one of http, db"),
        ("assistants", {"claude": 0}, "assistants: claude: 0 is no whole number of at least 1; give one"),
        ("detector", {"query": {}}, "detector.query: asks for nothing"),
        ("detector.query.calee", "x", "there is no feature 'calee'"),
        ("replay.before", -1, "replay: before: -1 is no whole number of at least 0; give one"),
        ("replay.before", True, "replay: before: True is no whole number"),
        ("replay.background", float("nan"), "replay: background: nan is no number of at least 0; give one"),
        ("replay.lines", 2**60, "replay: lines"),
        ("conditions", "zero \0 byte", "conditions: holds a zero byte; take it out"),
        ("conditions", "half \udc00", "conditions: holds half of a surrogate pair; take it out"),
    ],
)
def test_bad_data_in_a_pattern_is_refused_with_the_place_and_the_reason(path: str, value: object, reason: str) -> None:
    with pytest.raises(CatalogError) as caught:
        read_pattern(changed(write_pattern(PATTERN), path, value), "patterns/a.toml")
    assert reason in str(caught.value)
    assert str(caught.value).startswith("patterns/a.toml: ")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("statements.because", {}, "a.toml: statements: unknown field 'because'; did you mean 'cause'?"),
        ("statements.cause.quotes", [], "a.toml: statements: cause: quotes: is empty; quote the passage that says it"),
        ("statements.cause.words", "", "a.toml: statements: cause: words: is empty; give a text"),
        ("statements.cause.quotes.0.start", "ten", "statements: cause: quotes[0]: start: 'ten' is no whole number"),
        ("date", "31.1.2026", "a.toml: date: '31.1.2026' is no day; write it as 2026-01-31, or leave it out"),
        ("shape", "pdf", "a.toml: shape: 'pdf' is not allowed; one of markdown, text, html"),
        ("version", 0, "a.toml: version: 0 is no whole number of at least 1; give one"),
        ("fix", "abc", "a.toml: fix: 'abc' is no table; give it repository, commit"),
    ],
)
def test_bad_data_in_a_lesson_is_refused_with_the_place_and_the_reason(path: str, value: object, reason: str) -> None:
    with pytest.raises(CatalogError) as caught:
        read_lesson(changed(write_lesson(LESSON), path, value), "a.toml")
    assert reason in str(caught.value)


@pytest.mark.parametrize("data", [None, [], "x", 3, [{}]])
def test_what_is_no_table_is_no_member(data: object) -> None:
    for read in (read_pattern, read_lesson, read_outcome):
        with pytest.raises(CatalogError, match="is no table"):
            read(data, "x")


def test_a_day_may_be_written_as_toml_writes_one() -> None:
    text = text_of(LESSON).replace('date = "2026-01-31"', "date = 2026-01-31")
    assert read_lesson(tomllib.loads(text), "x") == LESSON
