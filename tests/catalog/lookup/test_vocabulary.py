"""Words are found by their stems, their phrases and the identifiers that they are part of."""

from __future__ import annotations

import hashlib
import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.catalog.lookup.vocabulary import identifiers_of, spelled, tokens_of, vocabulary
from reviewer.detectors.registry import all_rules
from reviewer.stores.finder import VERSION

LOOKUP = resources.files("reviewer.catalog.lookup")
TABLES = tomllib.loads(LOOKUP.joinpath("vocabulary.toml").read_text("utf-8"))


def ideas(text: str) -> set[str]:
    return {mention.idea for mention in vocabulary().mentions(tokens_of(text))}


def test_every_idea_has_words_and_names_what_there_is() -> None:
    rules = {rule.id for rule in all_rules()}
    for idea, table in TABLES.items():
        assert set(table) <= {"words", "code", "rules", "near", "failure"}, idea
        assert table["words"], idea
        assert set(table.get("near", ())) <= TABLES.keys(), idea
        assert set(table.get("rules", ())) <= rules, idea
        assert all(name == name.lower() for name in table.get("code", ())), idea
        assert len(set(table["words"])) == len(table["words"]), idea


def test_another_listing_has_another_version() -> None:
    """An index that others made is made anew only where its version is lower: a change here wants a higher one."""
    seen = hashlib.sha256()
    for name in ("vocabulary.toml", "empty_words.txt", "vocabulary.py", "listing.py"):
        seen.update(LOOKUP.joinpath(name).read_bytes())
    assert (VERSION, seen.hexdigest()[:12]) == (3, "16a324ccc246")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("cancellations were cancelled", "cancellation"),
        ("it timed out", "time-limit"),
        ("give it back", "give-back"),
        ("readTimeout", "time-limit"),
        ("READ_TIMEOUT", "time-limit"),
        ("O(n^2)", "quadratic"),
        ("'NoneType' object has no attribute", "null-value"),
        ("sent \\x00 in the form", "null-byte"),
        ("the peer’s socket hung", "endless-wait"),
    ],
)
def test_what_stands_for_an_idea_is_found_in_any_form(text: str, wanted: str) -> None:
    assert wanted in ideas(text)


@pytest.mark.parametrize("text", ["give the whole thing to me and walk back", "back give", "time. Nobody was out"])
def test_the_words_of_a_phrase_stand_near_and_in_order(text: str) -> None:
    assert not {"give-back", "time-limit"} & ideas(text)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("pool.getConn", "get_conn"),
        ("HTTPError", "http_error"),
        ("__aexit__", "aexit"),
        ("MAX_SIZE", "max_size"),
        ("sha256Sum", "sha_256_sum"),
    ],
)
def test_names_are_spelled_in_one_way(name: str, wanted: str) -> None:
    assert spelled(name).rpartition(".")[2] == wanted


def test_names_stand_for_ideas_by_their_last_part_or_whole() -> None:
    assert "lock" in vocabulary().named("db.pgAdvisoryLock")
    assert "outbound-call" in vocabulary().named("requests.get")
    assert vocabulary().named("total") == frozenset()


def test_a_name_has_something_that_prose_has_not() -> None:
    assert identifiers_of("the pool.get or read_reply() and parseHeader of it, never") == [
        "pool.get",
        "read_reply",
        "parseHeader",
    ]


@given(st.text(max_size=200))
def test_any_text_has_words_and_ideas(text: str) -> None:
    for token in tokens_of(text):
        assert token.text
        assert not set(token.text) & set("_ \n")
    ideas(text)
