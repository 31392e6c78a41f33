"""A model takes part in learning: what it may spend on each document, and what is told where it does not answer."""

from __future__ import annotations

import json

import pytest

from reviewer.catalog.documents.reading import Reading, read_postmortem
from reviewer.domain.model import Price, Tokens
from reviewer.errors import ModelError, UnansweredError
from reviewer.explain.spending import Allowance
from reviewer.explain.stage import ModelUse
from reviewer.lesson_counsel import LessonCounsel
from tests.explain.scripted_model import Script, ScriptedModel

CAUSE = "The root cause was that the request had no timeout."
TEXT = f"# Uploads failed\n\nAll uploads to the server failed for 40 minutes. {CAUSE}\n"
STATEMENT = {"topic": "cause", "words": "It waited for ever.", "quotes": [CAUSE]}
ANSWER = json.dumps({"statements": [STATEMENT], "failure": "", "failure_quote": ""})


def read() -> Reading:
    return read_postmortem(TEXT.encode(), "uploads.md")


def counsel(*script: Script, allowance: Allowance | None = None, tokens: Tokens | None = None) -> LessonCounsel:
    return LessonCounsel(
        ModelUse(ScriptedModel(script, tokens=tokens or Tokens(100, 10)), allowance=allowance or Allowance())
    )


def test_whoever_has_worded_a_document_is_asked_about_its_fix_in_those_words() -> None:
    asked = counsel(ANSWER)
    reading, adviser = asked.reword(read())
    assert reading.lesson.statements["cause"].words == "It waited for ever."
    assert adviser is not None
    assert adviser.lesson == reading.lesson
    assert (asked.worded, asked.failures, asked.notes) == (1, [], [])


@pytest.mark.parametrize(
    ("script", "allowance", "failed"),
    [
        (ModelError("scripted:test", "it is down"), None, True),
        ("no JSON", None, True),
        (UnansweredError("scripted:test", "not answered yet"), None, False),
        (ANSWER, Allowance(tokens=10), False),
    ],
)
def test_where_it_does_not_answer_nobody_is_asked_about_the_fix(
    script: Script, allowance: Allowance | None, failed: bool
) -> None:
    asked = counsel(script, allowance=allowance)
    reading, adviser = asked.reword(read())
    assert (reading, adviser, asked.worded) == (read(), None, 0)
    told = asked.failures if failed else asked.notes
    assert told[0].startswith("uploads.md: its own words stand: ")
    assert bool(asked.failures) is failed


def test_what_is_said_of_the_fix_alone_failed_is_told_too() -> None:
    asked = counsel(ANSWER)
    reading, adviser = asked.reword(read())
    assert adviser is not None
    adviser.unanswered.append(ModelError("scripted:test", "it is down"))
    asked.settle(reading, adviser)
    asked.settle(reading, None)
    assert asked.failures == ["uploads.md: no query was proposed: scripted:test: it is down"]


def test_what_is_dropped_of_an_answer_is_counted() -> None:
    unsaid = json.dumps(
        {"statements": [{**STATEMENT, "quotes": ["It was a Monday."]}], "failure": "", "failure_quote": ""}
    )
    asked = counsel(unsaid)
    asked.reword(read())
    assert asked.notes[0].startswith("1 part of an answer dropped, as of uploads.md: cause: 1 of 1 quotes are not")


def test_all_documents_together_are_counted_and_take_no_more_money_than_one_review() -> None:
    prices = {"scripted:test": Price(1_000.0, 1_000.0)}
    asked = counsel(ANSWER, allowance=Allowance(usd=10.0, prices=prices), tokens=Tokens(7_000, 1_000))
    asked.reword(read())
    assert (asked.usage.model_calls, asked.usage.input_tokens, asked.usage.cost_usd) == (1, 7_000, 8.0)
    asked.reword(read())
    assert asked.worded == 1
    assert asked.notes == ["uploads.md: its own words stand: the 2 USD of a review would not do"]


def test_a_price_that_nobody_knows_makes_the_whole_unknown() -> None:
    asked = counsel(ANSWER)
    asked.reword(read())
    assert asked.usage.cost_usd is None
    assert counsel().usage.cost_usd == 0
