"""A lesson, with the detector that its fix gave, → a pattern in words that a person and an assistant can use."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.catalog.query.registry import feature
from reviewer.domain.detector import Detector, Query
from reviewer.domain.finding import Question
from reviewer.domain.lesson import Lesson, Topic
from reviewer.domain.pattern import FAILURES, Origin, Pattern, Replay, State

_TITLE = 120
_WORDS = 400

_QUESTIONS = {
    "time-limit": Question.UNAVAILABLE,
    "cancellation": Question.UNAVAILABLE,
    "resource-lifetime": Question.UNAVAILABLE,
    "lock": Question.UNAVAILABLE,
    "blocking-in-async": Question.UNAVAILABLE,
    "caching": Question.UNAVAILABLE,
    "configuration": Question.UNAVAILABLE,
    "schema-migration": Question.UNAVAILABLE,
    "task-lifecycle": Question.THROWS,
    "unhandled-error": Question.THROWS,
    "swallowed-error": Question.THROWS,
    "race": Question.THROWS,
    "partial-work": Question.THROWS,
}
"""Class of failure -> the question it belongs to; the rest are assumptions about the input."""


def distil(
    lesson: Lesson,
    detector: Detector | None,
    replay: Replay | None,
    state: State,
    *,
    failure: str = "",
    origin: Origin = "induced",
) -> Pattern:
    """The pattern of a lesson.

    Args:
        lesson: what happened.
        detector: what tells the code before the fix from the code after it; None where nothing does.
        replay: what became of the detector on the fix.
        state: what the replay allows.
        failure: class of failure; "" to take it from the lesson's tags.
        origin: who made the detector.
    """
    failure = failure or next((tag for tag in lesson.tags if tag in FAILURES), "other")
    told = lesson.statements
    return Pattern(
        id=lesson.id,
        title=_cut(lesson.title, _TITLE),
        failure=failure,
        question=_QUESTIONS.get(failure, Question.INPUTS),
        conditions=_conditions(lesson, detector),
        safe_form=_cut(" ".join(told[topic].words for topic in _SAFE if topic in told), _WORDS),
        incidents=(lesson.id,),
        detector=detector,
        state=state,
        origin=origin,
        replay=replay,
        libraries=_libraries(detector),
        services=tuple(sorted(_values(detector, "service"))),
        assistants=((lesson.assistant, 1),) if lesson.assistant else (),
    )


_SAFE: tuple[Topic, ...] = ("prevention", "action")


def words_of(query: Query) -> list[str]:
    """The tests of a query in words, one phrase for each."""
    found: list[str] = []
    for test in query.tests:
        asked = feature(test.feature)
        inner = "; ".join(words_of(test.related)) if test.related is not None else " or ".join(test.values)
        if asked.says:
            found.append(asked.says.format(inner))
        elif not asked.flag:
            found.append(f"{asked.name.replace('-', ' ')} {inner}")
    for other in query.none_of:
        lacking = [_lacking(other)] if len(other.tests) == 1 else [f"not: {'; '.join(words_of(other))}"]
        found.extend(text for text in lacking if text)
    if query.any_of:
        found.append(" or ".join("; ".join(words_of(other)) for other in query.any_of))
    return list(dict.fromkeys(found))


def _lacking(query: Query) -> str:
    (test,) = query.tests
    asked = feature(test.feature)
    inner = "; ".join(words_of(test.related)) if test.related is not None else " or ".join(test.values)
    return asked.lacks.format(inner) if asked.lacks else f"without {asked.name.replace('-', ' ')} {inner}"


def _conditions(lesson: Lesson, detector: Detector | None) -> str:
    parts: list[str] = []
    if detector is not None and detector.rule:
        parts.append(f"the rule {detector.rule} speaks here")
    if detector is not None and detector.query is not None:
        parts.extend(words_of(detector.query))
    cause = lesson.statements.get("cause")
    text = "; ".join(parts)
    if cause is not None:
        text = f"{_cut(cause.words, _WORDS)} ({text})" if text else _cut(cause.words, _WORDS)
    return text


def _libraries(detector: Detector | None) -> tuple[str, ...]:
    named = {value.partition(".")[0].lower() for value in _values(detector, "callee") if "*" not in value}
    return tuple(sorted(named | {value.lower() for value in _values(detector, "library")} - {""}))


def _values(detector: Detector | None, name: str) -> set[str]:
    if detector is None or detector.query is None:
        return set()
    return {
        value
        for query in _queries(detector.query)
        for test in query.tests
        if test.feature == name
        for value in test.values
    }


def _queries(query: Query) -> Iterator[Query]:
    """A query with those that its tests are made of; what must not hold is left out."""
    yield query
    for test in query.tests:
        if test.related is not None:
            yield from _queries(test.related)
    for other in query.any_of:
        yield from _queries(other)


def _cut(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rsplit(' ', 1)[0]}…"
