"""A post-mortem teaches a lesson, in whatever shape it comes; what it does not say stays unknown."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.catalog.documents.document import fold
from reviewer.catalog.documents.reading import Given, read_postmortem
from reviewer.domain.lesson import TOPICS, FixReference
from reviewer.domain.pattern import FAILURES
from reviewer.errors import PostmortemError, UsageError
from tests.catalog.documents.postmortems import FOLDER, NAMES, as_json, read, read_text, words

SHORT = "# Uploads failed\n\nAll uploads failed for two hours. The root cause was a full disk. We rolled back the release.\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_document_teaches_what_is_written_beside_it(name: str) -> None:
    expected = json.loads((FOLDER / "expected" / f"{name}.json").read_text(encoding="utf-8"))
    assert as_json(read(name)) == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_quote_stands_in_the_document_where_it_says(name: str) -> None:
    reading = read(name)
    quotes = [quote for statement in reading.lesson.statements.values() for quote in statement.quotes]
    quotes += [reading.failure.quote] if reading.failure is not None else []
    assert quotes
    for quote in quotes:
        assert fold(reading.document.text[quote.start : quote.end]) == quote.text
        assert quote.text


def test_the_topics_are_in_the_order_of_a_lesson() -> None:
    told = list(words(read("own_template.md")))
    assert told == [topic for topic in TOPICS if topic in told]


def test_what_is_not_said_is_unknown() -> None:
    lesson = read_text(SHORT).lesson
    assert words(read_text(SHORT)) == {
        "symptom": "All uploads failed for two hours.",
        "cause": "The root cause was a full disk.",
        "action": "We rolled back the release.",
    }
    assert (lesson.organisation, lesson.date, lesson.source, lesson.fix, lesson.assistant) == ("", "", "", None, "")


def test_the_same_document_is_the_same_lesson_however_it_is_wrapped() -> None:
    wrapped = SHORT.replace(" for two hours", "\nfor   two\thours").replace("\n", "\r\n")
    assert read_text(wrapped).lesson.digest == read_text(SHORT).lesson.digest
    assert read_text(SHORT.replace("two", "three")).lesson.digest != read_text(SHORT).lesson.digest


def test_a_person_knows_the_fix_better_than_the_document() -> None:
    reading = read("google_sre.md", Given(source="docs/214.md", repository="us/dispatch", fix="abc1234"))
    assert reading.lesson.fix == FixReference("us/dispatch", "abc1234")
    assert reading.fixes == (FixReference("harbourlane/dispatch", "4f2a9c1d7be05c6632a1f0e9d84b7a5c3e1f2d60"),)
    assert reading.lesson.source == "docs/214.md"


def test_a_fix_that_is_no_revision_is_told() -> None:
    with pytest.raises(UsageError, match="'--output=x' is not a revision; name the commit that fixed it"):
        read_text(SHORT, given=Given(fix="--output=x"))


def test_a_commit_without_a_repository_is_of_the_given_one() -> None:
    assert read_text(f"{SHORT} Fixed in 1a2b3c4d5e.").lesson.fix == FixReference("", "1a2b3c4d5e")
    given = Given(repository="us/it")
    assert read_text(f"{SHORT} Fixed in 1a2b3c4d5e.", given=given).lesson.fix == FixReference("us/it", "1a2b3c4d5e")


def test_the_class_of_failure_is_one_of_the_known_ones() -> None:
    known = {reading.failure.failure for name in NAMES if (reading := read(name)).failure is not None}
    assert known <= set(FAILURES)
    assert {"caching", "regex", "encoding"} <= known


def test_a_document_in_another_language_keeps_its_title_and_is_not_guessed_at() -> None:
    text = (
        "# Postmortem: Die Warteschlange lief über\n\nDatum: 2025-03-04\n\nAm 4. März 2025 konnten Kunden zwei Stunden lang"
        " keine Bestellungen aufgeben, weil die Warteschlange voll war und niemand die Warnung gesehen hatte. Wir haben die"
        " Arbeiter neu gestartet und das Limit der Wiederholungen gesetzt. Die Ursache war ein Auftrag, der immer wieder"
        " eingereiht wurde.\n"
    )
    reading = read_text(text)
    assert reading.lesson.title == "Die Warteschlange lief über"
    assert words(reading) == {}
    assert reading.notes == ("it is not in English: what it says is left unknown; a model can read it",)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_text_around_a_statement_leaves_its_quotes_exact(parts: list[str]) -> None:
    text = "\n\n".join([*parts, SHORT, *parts])
    try:
        reading = read_postmortem(text.encode("utf-8", "replace"), "any.md", Given(fix="abc1234"))
    except PostmortemError:
        return
    for statement in reading.lesson.statements.values():
        for quote in statement.quotes:
            assert fold(reading.document.text[quote.start : quote.end]) == quote.text
