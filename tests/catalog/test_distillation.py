"""A lesson and its detector made into a pattern in words."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from hypothesis import given

from reviewer.catalog.distillation import distil, words_of
from reviewer.catalog.query.language import read_detector
from reviewer.domain.detector import Detector, Query
from reviewer.domain.finding import Question
from reviewer.domain.lesson import Lesson, Quote, Statement, Topic
from reviewer.domain.pattern import FAILURES, Pattern, Replay, State
from tests.catalog.members import LESSON, a_lesson
from tests.catalog.query.queries import FEWER, queries

REPLAY = Replay("c0ffee", 1, 0, 1, 0.0, 40_000, reason="it holds")


def detector(**query: object) -> Detector:
    return read_detector({"query": {name.replace("_", "-"): value for name, value in query.items()}}, "test")


def saying(topic: Topic, words: str) -> Lesson:
    return a_lesson("told", statements=MappingProxyType({topic: Statement(words, (Quote(0, 1, "x"),))}), tags=())


def distilled(lesson: Lesson = LESSON, found: Detector | None = None, failure: str = "") -> Pattern:
    return distil(lesson, found, REPLAY if found is not None else None, State.CANDIDATE, failure=failure)


def test_a_pattern_is_named_after_its_lesson_and_comes_from_it() -> None:
    pattern = distil(LESSON, detector(callee="redis.Redis.get"), REPLAY, State.SHADOW, origin="model")
    assert (pattern.id, pattern.title, pattern.incidents) == (LESSON.id, LESSON.title, (LESSON.id,))
    assert (pattern.state, pattern.origin, pattern.replay) == (State.SHADOW, "model", REPLAY)
    assert pattern.assistants == (("claude", 1),)


def test_of_an_unknown_assistant_nothing_is_counted() -> None:
    assert distilled(a_lesson("told", assistant="")).assistants == ()


@pytest.mark.parametrize(
    ("failure", "tags", "expected"),
    [
        ("regex", ("race",), "regex"),
        ("", ("redis", "race"), "race"),
        ("", ("redis",), "other"),
    ],
)
def test_the_class_of_failure_is_what_is_known_else_what_the_lesson_is_tagged_with(
    failure: str, tags: tuple[str, ...], expected: str
) -> None:
    assert distilled(a_lesson("told", tags=tags), failure=failure).failure == expected


@pytest.mark.parametrize(
    ("failure", "question"),
    [
        ("time-limit", Question.UNAVAILABLE),
        ("lock", Question.UNAVAILABLE),
        ("unhandled-error", Question.THROWS),
        ("race", Question.THROWS),
        ("encoding", Question.INPUTS),
        ("other", Question.INPUTS),
    ],
)
def test_each_class_belongs_to_one_of_the_four_questions(failure: str, question: Question) -> None:
    assert distilled(failure=failure).question is question


@pytest.mark.parametrize("failure", FAILURES)
def test_every_class_has_a_question(failure: str) -> None:
    assert distilled(failure=failure).question in Question


def test_conditions_are_the_cause_with_what_the_detector_asks_for() -> None:
    lesson = saying("cause", "Nothing limited the wait.")
    found = detector(callee="requests.get")
    assert distilled(lesson).conditions == "Nothing limited the wait."
    assert (
        distilled(lesson, found).conditions
        == f"Nothing limited the wait. ({'; '.join(words_of(found.query or Query()))})"
    )
    assert distilled(saying("symptom", "It hung."), found).conditions == "; ".join(words_of(found.query or Query()))
    rule = Detector("rule", rule="no-timeout")
    assert distilled(saying("symptom", "It hung."), rule).conditions == "the rule no-timeout speaks here"


def test_without_cause_and_detector_there_are_no_conditions() -> None:
    assert distilled(saying("symptom", "It hung.")).conditions == ""


def test_the_safe_form_is_how_the_class_is_prevented_and_what_was_done() -> None:
    assert distilled(saying("prevention", "Set a limit.")).safe_form == "Set a limit."
    assert distilled(saying("action", "A limit was set.")).safe_form == "A limit was set."
    assert distilled(saying("symptom", "It hung.")).safe_form == ""


@pytest.mark.parametrize(
    ("query", "libraries", "services"),
    [
        ({"callee": ["requests.get", "Redis.get"]}, ("redis", "requests"), ()),
        ({"callee": "requests.*"}, (), ()),
        ({"library": "SQLAlchemy", "service": ["http", "db"]}, ("sqlalchemy",), ("db", "http")),
        ({"within": {"callee": "asyncio.wait"}}, ("asyncio",), ()),
        ({"any": [{"callee": "a.b"}, {"service": "cache"}]}, ("a",), ("cache",)),
        ({"fact": "call", "not": {"callee": "requests.get"}}, (), ()),
    ],
)
def test_libraries_and_services_are_those_that_the_detector_wants(
    query: dict[str, object], libraries: tuple[str, ...], services: tuple[str, ...]
) -> None:
    pattern = distilled(found=read_detector({"query": query}, "test"))
    assert (pattern.libraries, pattern.services) == (libraries, services)


def test_what_is_long_is_cut_at_a_word() -> None:
    pattern = distilled(a_lesson("told", title="word " * 100))
    assert len(pattern.title) <= 120
    assert pattern.title.endswith("word…")


@FEWER
@given(queries())
def test_every_query_has_words_and_none_twice(query: Query) -> None:
    words = words_of(query)
    assert len(words) == len(set(words))
    assert all(words)
