"""Of an answer only that is used which the tree bears out; the rest is dropped and counted."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from reviewer.explain.check import Answered, check_reply, strangers
from reviewer.explain.reply import ExplainReply, parse_reply
from reviewer.explain.section import Section
from tests.explain.scripted_model import answers, missed, opinion, reply
from tests.explain.sections import section

FETCH = """
    import requests


    def fetch(url, rows):
        try:
            answer = requests.get(url)
        except OSError:
            return None
        first = rows[0]
        return answer.json()["id"], first
    """
"""The request is at line 6, the handler at 7, the row at 9, the key at 10."""


def checked(shown: Section, text: str) -> Answered:
    return check_reply(parse_reply(ExplainReply, text), shown)


@pytest.fixture(name="shown")
def _shown() -> Section:
    return section(FETCH)


def finding(shown: Section, rule: str = "no-timeout") -> str:
    return next(name for name, item in shown.findings.items() if item.rule == rule)


def test_what_speaks_of_the_evidence_is_kept(shown: Section) -> None:
    name = finding(shown)
    said = opinion(name, "confirmed", 6, reason="`requests.get` at line 6 has no `timeout`... it is not given.")
    answered = checked(shown, reply([said]))
    (kept,) = answered.opinions.values()
    assert kept.verdict == "confirmed"
    assert kept.line == 6


@pytest.mark.parametrize(
    "text",
    [
        "`frobnicate` fails.",
        "It calls frob_nicate without a limit.",
        "shop.orders.save is called.",
        "As config/settings.py shows, it is off.",
        "See line 99.",
        "Lines 7 to 4000 retry it.",
        "Then `fetch(url, rows).frob()` fails.",
        "shutdown() is called.",
    ],
)
def test_what_speaks_of_something_else_is_dropped_and_counted(shown: Section, text: str) -> None:
    answered = checked(shown, reply(units=[answers(shown.id, calls=text, throws="`requests.get` throws.")]))
    assert answered.answers is not None
    assert (answered.answers.calls, answered.answers.throws) == ("", "`requests.get` throws.")
    assert len(answered.dropped) == 1


@pytest.mark.parametrize(
    "text",
    [
        "It fails, e.g. when the server is down.",
        "A `None` or an empty `list` comes back; `len(rows)` is 0.",
        "At lines 5-8 an `OSError` ends here.",
        "It's 10 seconds/requests at most and/or never.",
        "`rows['x.y/z']` is no name of code.",
    ],
)
def test_words_and_names_of_the_language_are_free(shown: Section, text: str) -> None:
    answered = checked(shown, reply(units=[answers(shown.id, calls=text)]))
    assert answered.dropped == ()


def test_a_path_may_end_a_sentence() -> None:
    shown = section(FETCH, "shop/fetch.py")
    answered = checked(shown, reply(units=[answers(shown.id, calls="It is all in shop/fetch.py.")]))
    assert answered.dropped == ()


@pytest.mark.parametrize(
    "text", ["Use `asyncio.to_thread`.", "Give `timeout=10`.", "Catch `json.JSONDecodeError` too."]
)
def test_advice_may_name_what_is_not_there_yet(shown: Section, text: str) -> None:
    (kept,) = checked(shown, reply([opinion(finding(shown), advice=text)])).opinions.values()
    assert kept.scenario[3] == text


def test_advice_may_not_name_an_unknown_library(shown: Section) -> None:
    (kept,) = checked(shown, reply([opinion(finding(shown), advice="Use `reqests_retry.get`.")])).opinions.values()
    assert kept.scenario[3] == ""


@pytest.mark.parametrize(("line", "reason"), [(99, "It is guarded."), (6, "`frob` guards it."), (6, "")])
def test_a_doubt_that_names_nothing_that_was_shown_is_none(shown: Section, line: int, reason: str) -> None:
    (kept,) = checked(shown, reply([opinion(finding(shown), "doubted", line, reason=reason)])).opinions.values()
    assert kept.verdict == "unsure"


def test_findings_and_units_that_nobody_asked_about_are_counted(shown: Section) -> None:
    text = reply([opinion("0" * 12)], [answers("u0")], [missed("u1", 6, "x", "waits-forever")])
    parsed = parse_reply(ExplainReply, text)
    assert check_reply(parsed, shown).opinions == {}
    assert strangers(parsed, [shown]) == [
        "finding '000000000000' was not asked about",
        "unit 'u0' was not asked about",
        "unit 'u1' was not asked about",
    ]


@pytest.mark.parametrize(
    ("line", "statement", "failure", "found"),
    [
        (9, "first = rows[0]", "empty-collection", 9),
        (2, "first  =  rows[0]", "empty-collection", 9),
        (9, "rows[0]", "key-missing", 9),
        (7, "except OSError:", "handler-too-narrow", 7),
        (6, "answer = requests.get(url)\nexcept OSError:", "waits-forever", 6),
    ],
)
def test_a_statement_is_found_where_it_stands(
    shown: Section, line: int, statement: str, failure: str, found: int
) -> None:
    (pointed,) = checked(shown, reply(missed=[missed(shown.id, line, statement, failure)])).missed
    assert (pointed.line, pointed.failure.id) == (found, failure)


@pytest.mark.parametrize(
    ("statement", "failure", "why"),
    [
        ("first = rows[1]", "empty-collection", "the quoted statement is not in the unit"),
        ("", "empty-collection", "the quoted statement is not in the unit"),
        ("first = rows[0]", "blocks-event-loop", "blocks-event-loop cannot happen at line 9"),
        ("first = rows[0]", "handler-too-narrow", "handler-too-narrow cannot happen at line 9"),
        ("return None", "waits-forever", "waits-forever cannot happen at line 8"),
    ],
)
def test_what_the_tree_does_not_bear_out_is_dropped(shown: Section, statement: str, failure: str, why: str) -> None:
    answered = checked(shown, reply(missed=[missed(shown.id, 9, statement, failure)]))
    assert answered.missed == ()
    assert why in answered.dropped[0]


def test_a_failure_whose_scenario_speaks_of_something_else_is_dropped(shown: Section) -> None:
    said = missed(
        shown.id, 9, "first = rows[0]", "empty-collection", trigger="`frob_table` is empty.", effect="`frob`."
    )
    assert checked(shown, reply(missed=[said])).missed == ()


@pytest.mark.parametrize("likely", [-1, 101, 10**30])
def test_a_chance_that_is_none_is_dropped_and_takes_no_others_place(shown: Section, likely: int) -> None:
    wild = [missed(shown.id, 9, "first = rows[0]", "empty-collection", likely=likely) for _ in range(3)]
    answered = checked(
        shown, reply(missed=[*wild, missed(shown.id, 9, "first = rows[0]", "empty-collection", likely=60)])
    )
    assert [(item.line, item.likely) for item in answered.missed] == [(9, 60)]
    assert answered.dropped == ("a failure whose chance is no number from 0 to 100 %",)


def test_who_says_both_one_thing_and_another_has_said_nothing(shown: Section) -> None:
    name = finding(shown)
    answered = checked(shown, reply([opinion(name, "doubted", 6), opinion(name, "confirmed", 6)]))
    assert answered.opinions == {}
    assert set(answered.dropped) == {"it says of no-timeout at line 6 both one thing and another"}


def test_the_same_twice_is_said_once(shown: Section) -> None:
    name = finding(shown)
    twice = missed(shown.id, 9, "first = rows[0]", "empty-collection")
    answered = checked(shown, reply([opinion(name, "confirmed", 6)] * 2, missed=[twice, twice]))
    assert [opinion.verdict for opinion in answered.opinions.values()] == ["confirmed"]
    assert [item.line for item in answered.missed] == [9]


@pytest.mark.parametrize("digit", ["\u0661", "\uff11", "\u00b9"], ids=["arabic", "fullwidth", "superscript"])
def test_a_name_that_only_looks_like_one_that_was_asked_about_is_a_stranger(shown: Section, digit: str) -> None:
    name = finding(shown)
    alike = digit + name[1:]
    answer = parse_reply(ExplainReply, reply([opinion(alike, "doubted", 6, reason="Fine.")]))
    assert check_reply(answer, shown).opinions == {}
    assert strangers(answer, [shown]) == [f"finding {alike!a} was not asked about"]
    assert checked(shown, reply([opinion(name, "confirmed", 6, reason="`reque\u0455ts.get` waits.")])).dropped


@pytest.mark.parametrize(
    "text",
    [
        "a" * 390_000,
        "a-" * 190_000,
        "a." * 190_000,
        "a/" * 190_000,
        "`" * 390_000,
        "line " * 70_000,
        "_" * 390_000,
        "(" * 390_000,
    ],
    ids=lambda text: repr(text[:5]),
)
def test_a_long_answer_holds_nobody_up(shown: Section, text: str) -> None:
    name = finding(shown)
    started = time.monotonic()
    answered = checked(shown, reply([opinion(name, "confirmed", 6, reason=text)]))
    assert [opinion.reason for opinion in answered.opinions.values()] == [""]
    parts = [
        opinion(
            name,
            "confirmed",
            6,
            reason=text[:1990],
            trigger=text[:1990],
            effect=text[:1990],
            noticed="",
            advice=text[:1990],
        )
    ]
    checked(shown, reply(parts * 45))
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("As before, `requests.get` waits without a limit.", True),
        ("As before, `pool.borrow` waits without a limit.", False),
        ("As in shop/prices.py, it hangs.", False),
        ("It fails as line 4711 does.", False),
    ],
)
def test_no_name_path_or_line_of_other_code_is_taken_for_one_of_the_unit(text: str, kept: bool, shown: Section) -> None:
    told = "Prices hung. `pool.borrow` at line 4711 of shop/prices.py has no limit."
    reminded = replace(shown, reminders=f"Failed before:\n- {told}")
    name = finding(reminded)
    answered = checked(reminded, reply([opinion(name, "confirmed", 6, reason=text)]))
    (opinioned,) = answered.opinions.values()
    assert bool(opinioned.reason) is kept
