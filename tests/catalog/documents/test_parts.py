"""What is made of a reading later: versions, quotes that somebody else gives, a part that there is room for, tags."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.catalog.documents.document import Document, fold
from reviewer.catalog.documents.excerpt import excerpt_of
from reviewer.catalog.documents.quotation import Quotations
from reviewer.catalog.documents.reader import read_document
from reviewer.catalog.documents.reading import Given
from reviewer.catalog.documents.revision import revise
from reviewer.catalog.documents.subject import tags_of
from reviewer.domain.lesson import FixReference, Quote, Statement
from tests.catalog.documents.postmortems import read, read_text

TEXT = "# Uploads failed\n\nAll uploads failed for two hours. The root cause was a full disk.\n"
OLD = read_text(TEXT).lesson


def test_the_same_document_twice_is_one_lesson() -> None:
    assert revise(OLD, read_text(TEXT).lesson) is OLD


def test_a_corrected_document_is_the_next_version_of_its_lesson() -> None:
    new = read_text(TEXT.replace("two", "three")).lesson
    assert revise(OLD, new) == replace(new, version=2)
    assert revise(replace(OLD, version=6), new).version == 7


def test_a_correction_keeps_the_fix_that_a_person_named() -> None:
    fix = FixReference("a/b", "abc1234")
    new = read_text(TEXT.replace("two", "three")).lesson
    assert revise(replace(OLD, fix=fix, assistant="Copilot"), new) == replace(
        new, version=2, fix=fix, assistant="Copilot"
    )


def test_what_is_learned_later_of_the_same_document_is_added() -> None:
    fix = FixReference("a/b", "abc1234")
    new = replace(OLD, fix=fix, source="https://a.example", tags=("disk", "file"))
    assert revise(OLD, new) == new


def test_reading_without_a_model_takes_nothing_from_a_reading_with_one() -> None:
    said = Statement("The disk was full.", OLD.statements["cause"].quotes, by="scripted:test")
    more = Statement("Nobody watched the disk.", OLD.statements["cause"].quotes, by="scripted:test")
    told = replace(OLD, statements={**OLD.statements, "cause": said, "missed-signal": more})
    assert revise(told, OLD) is told
    assert revise(OLD, told).statements == told.statements


def test_lessons_of_two_incidents_are_not_versions_of_each_other() -> None:
    with pytest.raises(ValueError, match="uploads-failed-2 is another incident than uploads-failed"):
        revise(OLD, replace(OLD, id="uploads-failed-2"))


def test_a_quote_is_found_wherever_its_lines_break() -> None:
    document = read_document(b"One two\nthree.\n\nFour  five.", "a.md")
    assert Quotations(document).find(" two three.\n\nFour ") == Quote(4, 20, "two three. Four")
    assert Quotations(document).find("two  Three") is None
    assert Quotations(document).find(" ") is None


@given(st.text(), st.data())
def test_every_part_of_a_document_is_found_as_it_stands(text: str, data: st.DataObject) -> None:
    document = Document("a", "text", text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    wanted = fold(text[start:end])
    quote = Quotations(document).find(wanted)
    if not wanted:
        assert quote is None
    else:
        assert quote is not None
        assert fold(text[quote.start : quote.end]) == quote.text == wanted
        assert quote == document.quote(quote.start, quote.end)


def test_a_short_document_is_shown_whole() -> None:
    document = read_document(b"# T\n\none\ntwo\n\n- three\n\n```\na\n\nb\n```\n", "a.md")
    excerpt = excerpt_of(document)
    assert excerpt.rows == ((1, "T"), (3, "one two"), (6, "three"), (8, "a"), (10, "b"))
    assert excerpt.left_out == 0


def test_where_there_is_no_room_code_and_timelines_are_left_out_first() -> None:
    text = (
        "# T\n\n## Timeline\n\n- 10:00 down\n\n## Root cause\n\nA leak.\n\n```\nleak()\n```\n\n## Other\n\nMore words."
    )
    shown = excerpt_of(read_document(text.encode(), "a.md"), most=45)
    assert [row for _, row in shown.rows] == ["T", "Timeline", "Root cause", "A leak.", "Other", "More words."]
    assert shown.left_out == len("10:00 down") + len("leak()")


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("The `requests.get` call", {"requests"}),
        ("All requests failed", set()),
        ("the requests library", {"requests"}),
        ("SQLAlchemy and aiohttp", {"sqlalchemy", "aiohttp"}),
        ("PyYAML, bs4 and redis-py", {"yaml", "bs4", "redis"}),
        ("behind PgBouncer on Postgres", {"pgbouncer", "postgresql", "db"}),
        ("see https://aiohttp.example/django", set()),
        ("a file descriptor of the job queue", {"file", "queue"}),
    ],
)
def test_tags_name_libraries_and_what_is_called(text: str, tags: set[str]) -> None:
    assert set(tags_of(read_document(text.encode(), "a.md"), None)) == tags


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("# Webhooks hung\n\nThe root cause was that the call had no timeout.", "time-limit"),
        ("# Deadlock between two uploads\n\nBoth waited for an exclusive lock.", "lock"),
        (
            "# Form was stored twice\n\nTwo nearly simultaneous posts passed the check. The unique constraint failed.",
            "race",
        ),
        ("# Slow pattern\n\nThe regular expression took minutes: catastrophic backtracking.", "regex"),
        ("# Certificates\n\nThe root cause was that the internal certificate had expired.", "configuration"),
        ("# Bad day\n\nUsers were unable to log in. We restarted the servers.", None),
    ],
)
def test_the_class_of_failure_is_guessed_where_words_tell_it(text: str, failure: str | None) -> None:
    guess = read_text(text, given=Given(fix="abc1234")).failure
    assert (guess.failure if guess is not None else None) == failure


def test_an_advisory_is_classed_by_its_weakness() -> None:
    guess = read("osv_advisory.json").failure
    assert guess is not None
    assert (guess.failure, guess.quote.text) == ("regex", "CWE-1333")
