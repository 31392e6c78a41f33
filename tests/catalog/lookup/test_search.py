"""A question finds what speaks of the same, in other words too, says why, and finds nothing where nothing fits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reviewer.catalog.lookup.search import search
from reviewer.domain.catalog import Wish
from tests.catalog.lookup.shelf import INCIDENTS, found, index_of
from tests.catalog.members import PATTERN, in_words


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("vendor API never answers and our requests are stuck", "hung"),
        ("UnicodeDecodeError on a damaged file", "bytes"),
        ("self-deadlock between two transactions on the same rows", "rows"),
        ("TLS cert expired and no alarm", "cert"),
        ("celery task starts before the transaction is committed", "queued"),
        ("OOM because of a huge payload", "memory"),
        ("catastrophic backtracking burns one CPU core", "regex"),
        ("someone else's response after an aborted request", "reply"),
    ],
)
def test_the_same_in_other_words_comes_first(words: str, wanted: str) -> None:
    assert found(words)[:1] == [wanted]


@pytest.mark.parametrize(
    "words",
    [
        "",
        "?!",
        "the and of with",
        "how do I centre a headline with flexbox",
        "which font suits the newsletter best",
        "price",
        "rename a branch in git",
    ],
)
def test_where_nothing_fits_nothing_is_found(words: str) -> None:
    assert found(words) == []


def test_a_hit_says_why_and_where_it_happened() -> None:
    (hit, *_) = search(index_of(), "the cancelled call had an unread answer", Wish(), 1)
    assert hit.why == (
        'speaks of cancellation ("cancelled"), body ("answer"), stale reply ("unread answer"); '
        'shares "cancelled", "unread", "answer", "call"'
    )
    assert [one.title for one in hit.incidents] == ["Reply of another customer"]
    assert 0 < hit.score < 1


def test_the_limit_cuts_the_worst_off() -> None:
    words = "a cancelled call left an unread answer, no limit on waiting"
    hits = search(index_of(), words, Wish(), 9)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert search(index_of(), words, Wish(), 1) == hits[:1]
    assert len(hits) > 1


def test_a_pattern_is_found_by_the_words_of_its_incidents_and_names_them_all() -> None:
    lessons = [replace(lesson, date="2026-01-01") for lesson in INCIDENTS if lesson.id in ("reply", "hung")]
    pattern = replace(PATTERN, title="Sample", conditions="", safe_form="", incidents=("reply", "hung", "gone"))
    (hit,) = search(index_of(pattern, *lessons), "cancelled call left its answer unread", Wish(), 9)
    assert hit.id == pattern.id
    assert [one.title for one in hit.incidents] == ["Reply of another customer", "Shop page hung on the price partner"]


def test_a_word_in_the_title_counts_for_more_than_one_in_passing() -> None:
    passing = in_words("Something else", "A deadlock, and a leak of the zeppelin, in passing.", name="passing")
    titled = in_words("Deadlock and leak of the zeppelin", "Something else.", name="titled")
    assert found("zeppelin leak deadlock", passing, titled) == ["titled", "passing"]


def test_no_single_word_makes_an_answer_however_rare_it_is() -> None:
    zeppelin = in_words("Zeppelin Zeppelin", "Zeppelin.", "zeppelin", name="zeppelin")
    assert found("did the zeppelin land in the garden", zeppelin, *INCIDENTS) == []
