"""A model words what a post-mortem says; what it cannot quote is dropped, and the document can make it say nothing more."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.catalog.documents.document import fold
from reviewer.catalog.documents.reading import Reading, read_postmortem
from reviewer.counsel.lesson_wording import LessonWording
from reviewer.errors import ModelError
from reviewer.explain.spending import Allowance, Spending
from reviewer.explain.stage import ModelUse
from reviewer.stores.memory import FileMemory
from tests.explain.injections import INJECTIONS, Injection
from tests.explain.scripted_model import Script, ScriptedModel

TEXT = """\
# Uploads failed

All uploads failed for 40 minutes. The root cause was that `store.put()`
had no timeout. The password is hunter2-Xk29fLq8 and token=ghp_16C7e42F292c6912E7710c838347Ae178B4a.
"""
CAUSE = "The root cause was that store.put() had no timeout."


def statement(topic: str = "cause", words: str = "`store.put()` waits for ever.", *quotes: str) -> dict[str, object]:
    return {"topic": topic, "words": words, "quotes": list(quotes or (CAUSE,))}


def answer(*statements: dict[str, object], failure: str = "", quote: str = "") -> str:
    return json.dumps({"statements": statements, "failure": failure, "failure_quote": quote})


def read(text: str = TEXT) -> Reading:
    return read_postmortem(text.encode(), "uploads.md")


def worded(
    *script: Script, text: str = TEXT, allowance: Allowance | None = None
) -> tuple[Reading, LessonWording, ScriptedModel]:
    model = ScriptedModel(script)
    use = ModelUse(model, allowance=allowance or Allowance())
    wording = LessonWording(use, Spending(use.allowance))
    (reading,) = wording.reword([read(text)])
    assert model.closed
    return reading, wording, model


def test_a_statement_is_in_the_models_words_with_the_passages_that_it_quotes() -> None:
    reading, wording, _ = worded(answer(statement(), failure="time-limit", quote="had no timeout"))
    said = reading.lesson.statements["cause"]
    assert (said.words, said.by) == ("`store.put()` waits for ever.", "scripted:test")
    (quote,) = said.quotes
    assert quote.text == CAUSE
    assert fold(reading.document.text[quote.start : quote.end]) == CAUSE
    assert reading.failure is not None
    assert reading.failure.failure == "time-limit"
    assert "time-limit" in reading.lesson.tags
    assert (wording.dropped, wording.unanswered) == ([], [])


def test_a_topic_that_the_model_leaves_out_keeps_the_documents_own_words() -> None:
    reading, _, _ = worded(answer(statement()))
    assert reading.lesson.statements["symptom"] == read().lesson.statements["symptom"]


def test_only_words_and_class_are_the_models_to_say() -> None:
    reading, _, _ = worded(answer(statement(), failure="time-limit", quote="had no timeout"))
    own = read().lesson
    kept = replace(reading.lesson, statements=own.statements, tags=own.tags)
    assert kept == own


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (statement("cause", "It is so.", "The root cause was a bug."), "cause: 1 of 1 quotes are not in the document; the statement is dropped"),
        (statement("cause", "It is so.", "the ROOT cause"), "cause: 1 of 1 quotes are not in the document; the statement is dropped"),
        (statement("cause", "It is so.", "the"), "cause: 1 of 1 quotes are not in the document; the statement is dropped"),
        ({"topic": "cause", "words": "It is so.", "quotes": []}, "cause: it quotes nothing; the statement is dropped"),
        (statement("cause", "It waits in `queue.get()`."), "cause: it speaks of 'queue.get()', which is not in the document"),
        (statement("cause", "It waits in queue_worker."), "cause: it speaks of 'queue_worker', which is not in the document"),
        (statement("cause", "It waits for 90 s."), "cause: it speaks of '90', which is not in the document"),
        (statement("cause", "x" * 2_001), "cause: it has 2,001 characters; the statement is dropped"),
        (statement("cause", "<!-- -->"), "cause: it has no words; the statement is dropped"),
    ],
)  # fmt: skip
def test_what_the_document_does_not_bear_out_is_dropped_and_counted(said: dict[str, object], why: str) -> None:
    reading, wording, _ = worded(answer(said))
    assert reading.lesson == read().lesson
    assert wording.dropped == [f"uploads.md: {why}"]


def test_a_quote_that_is_not_there_takes_no_other_with_it() -> None:
    reading, wording, _ = worded(answer(statement("cause", "It waits.", CAUSE, "It was a Monday.")))
    assert [quote.text for quote in reading.lesson.statements["cause"].quotes] == [CAUSE]
    assert wording.dropped == ["uploads.md: cause: 1 of 2 quotes are not in the document"]


def test_a_topic_that_is_answered_twice_has_its_first_answer() -> None:
    reading, wording, _ = worded(answer(statement(), statement("cause", "It is another.")))
    assert reading.lesson.statements["cause"].words == "`store.put()` waits for ever."
    assert wording.dropped == ["uploads.md: cause is answered twice"]


@pytest.mark.parametrize(
    ("failure", "quote", "why"),
    [
        ("gremlins", "had no timeout", "'gremlins' is no class of failure"),
        ("regex", "catastrophic backtracking", "failure regex: its quote is not in the document"),
    ],
)
def test_a_class_of_failure_is_a_known_one_and_quoted(failure: str, quote: str, why: str) -> None:
    reading, wording, _ = worded(answer(failure=failure, quote=quote))
    assert reading == read()
    assert wording.dropped == [f"uploads.md: {why}"]


def test_words_are_plain_text_and_nothing_more() -> None:
    words = "It **waits** for [ever](/wait) @everyone <img src=x> closes #40 \x1b[m"
    reading, _, _ = worded(answer(statement("cause", words)))
    said = reading.lesson.statements["cause"].words
    assert said == "It waits for ever everyone see number 40"


def test_no_secret_is_sent() -> None:
    _, wording, model = worded(answer())
    (request,) = model.asked
    assert "All uploads failed for 40 minutes." in request.text
    assert "ghp_16C7e42F" not in request.text
    assert wording.notes[-1].startswith("uploads.md: ")
    assert wording.notes[-1].endswith(" secrets in it were not shown to the model")


def test_a_long_document_is_shown_in_part_and_that_is_said() -> None:
    filler = "\n\n".join(
        f"Paragraph {n} says that the uploads of the server failed and the queue of the database grew."
        for n in range(600)
    )
    _, wording, model = worded(answer(), text=f"{TEXT}\n{filler}")
    (request,) = model.asked
    assert len(request.text) < 35_000
    assert wording.notes[0].endswith(" characters of it were not shown to the model")
    assert "characters of it left out, with the title" in request.text


@pytest.mark.parametrize("injection", INJECTIONS, ids=lambda injection: injection.id)
def test_what_a_document_orders_stays_behind_its_bars(injection: Injection) -> None:
    text = f"{TEXT}\n{injection.text}\n"
    _, _, model = worded(answer(), text=text)
    (request,) = model.asked
    _, _, shown = request.text.partition(":\n")
    assert request.system == worded(answer())[2].asked[0].system
    assert all(row.partition("|")[0].strip().isdigit() for row in shown.split("\n"))


def failing(_: object) -> str:
    raise ModelError("scripted:test", "it is down")


@pytest.mark.parametrize(
    ("script", "allowance", "why"),
    [
        (["nothing", "again nothing"], Allowance(), "two answers cannot be used"),
        ([failing], Allowance(), "it is down"),
        ([answer()], Allowance(tokens=1), "the 1 tokens of a review would not do"),
    ],
)
def test_without_an_answer_the_documents_own_words_stand(script: list[Script], allowance: Allowance, why: str) -> None:
    reading, wording, _ = worded(*script, allowance=allowance)
    assert reading == read()
    assert why in wording.unanswered[0]
    assert wording.unanswered[0].startswith("uploads.md: ")


def test_an_answer_is_remembered(tmp_path: Path) -> None:
    model = ScriptedModel([answer(statement())])
    use = ModelUse(model, memory=lambda: FileMemory(tmp_path, "1"))
    first = LessonWording(use, Spending(use.allowance)).reword([read()])
    second = LessonWording(use, Spending(use.allowance)).reword([read()])
    assert first == second
    assert len(model.asked) == 1
