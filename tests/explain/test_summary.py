"""A model sums a review up where there is something to say: once, within the allowance, and only from the findings."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewer.domain.model import ModelRequest, Tokens
from reviewer.domain.report import NotChecked, Report, Summary
from reviewer.domain.settings import Settings
from reviewer.errors import ModelError, UnansweredError
from reviewer.explain.claim import Claims
from reviewer.explain.clearance import clears
from reviewer.explain.plain_text import plain
from reviewer.explain.prompt import load_prompt
from reviewer.explain.reply import SummaryReply, parse_reply
from reviewer.explain.spending import Allowance, Spending, estimate
from reviewer.explain.stage import ModelUse
from reviewer.explain.summary import MOST_SENTENCES, check_summary, summarise
from reviewer.ports import OpenMemory
from reviewer.review import review_change
from reviewer.stores.memory import FileMemory
from tests.explain.scripted_model import Script, ScriptedModel, answers, missed, opinion, reply, summary
from tests.explain.sections import change_of
from tests.explain.test_conversation import _units
from tests.explain.test_overview import item, shown

FETCH = """
    import requests


    def fetch(url):
        return requests.get(url)


    def send(url):
        return requests.post(url)
    """
GOOD = summary(
    ("When the server never answers, `fetch` and `send` wait for ever.", ["F1", "F2"]),
    ("Look first at `fetch`: settle how long it may wait.", ["F1"]),
)


def explained(request: ModelRequest) -> str:
    """Every finding is confirmed."""
    opinions = [opinion(name, line=6, reason="No `timeout`.") for name in _ids(request)]
    return reply(opinions, [answers(unit, calls="`requests`.") for unit in _units(request)])


def _ids(request: ModelRequest) -> list[str]:
    return [row[2:14] for row in request.text.split("\n") if row.startswith("- ") and " at " in row and "[" in row]


def review(
    *summaries: Script,
    script: Sequence[Script] = (explained,),
    source: str = FETCH,
    allowance: Allowance | None = None,
    memory: OpenMemory | None = None,
    wanted: bool = True,
    tokens: int = 100,
) -> tuple[Report, ScriptedModel]:
    model = ScriptedModel(script, summaries=summaries, tokens=Tokens(tokens, 0))
    use = ModelUse(model, allowance=allowance or Allowance(), memory=memory, summary=wanted)
    return review_change(change_of(source), Settings(), model=use), model


def loud(report: Report) -> list[str]:
    return [one.id for one in report.findings if one.rule == "no-timeout"]


# --- what is asked


def test_what_is_asked_is_the_prompt_and_a_row_for_each_finding() -> None:
    _, model = review(GOOD)
    (request,) = model.summed
    assert (request.prompt, request.version) == ("summary", load_prompt("summary").version)
    assert request.system == load_prompt("summary").system
    no_limit = "waits without limit: no timeout is given and the default is none; The server is down. It fails."
    failures = (
        "requests.exceptions.ConnectionError, requests.exceptions.Timeout, requests.exceptions.TooManyRedirects or "
        "1 more, which nothing here handles; The server is down. It fails."
    )
    assert request.text == (
        "Findings:\n"
        f"- F1 a.py:5 in fetch [no-timeout, medium, confirmed] requests.get() {no_limit}\n"
        f"- F2 a.py:9 in send [no-timeout, medium, confirmed] requests.post() {no_limit}\n"
        f"- F3 a.py:5 in fetch [unhandled-failure, medium, confirmed] requests.get() may raise {failures}\n"
        f"- F4 a.py:9 in send [unhandled-failure, medium, confirmed] requests.post() may raise {failures}"
    )


def test_the_question_is_small() -> None:
    _, model = review(GOOD)
    (request,) = model.summed
    # Four characters of English are about a token.
    assert len(request.system) / 4 < 350
    assert len(request.text) / 4 < 300


# --- what becomes of a good answer


def test_the_summary_is_in_the_report_with_its_places_and_findings() -> None:
    report, model = review(GOOD)
    assert report.summary == Summary(
        text=(
            "When the server never answers, `fetch` and `send` wait for ever (a.py:5, a.py:9).\n"
            "Look first at `fetch`: settle how long it may wait (a.py:5)."
        ),
        by="scripted:test",
        findings=loud(report),
    )
    assert (report.status, report.coverage.notes, report.coverage.not_checked) == ("complete", [], [])
    assert (report.usage.model_calls, report.usage.input_tokens) == (2, 200)
    assert model.closed


def test_without_one_the_report_is_the_same() -> None:
    report, model = review(GOOD, wanted=False)
    other, _ = review(GOOD)
    assert (report.summary, model.summed) == (None, [])
    assert (report.findings, report.answers, report.verdict) == (other.findings, other.answers, other.verdict)
    assert review_change(change_of(FETCH), Settings()).summary is None


def test_the_same_review_is_summed_up_once(tmp_path: Path) -> None:
    def memory() -> FileMemory:
        return FileMemory(tmp_path, "test")

    first, _ = review(GOOD, memory=memory)
    second, model = review(ModelError("scripted:test", "down"), memory=memory)
    assert (model.asked, model.summed, second.usage.model_calls) == ([], [], 0)
    assert second.summary == first.summary
    changed = FETCH.replace("def send", "def post")
    third, model = review(GOOD, source=changed, memory=memory)
    assert "in post [no-timeout" in model.summed[0].text
    assert third.summary is not None
    assert third.summary.text.startswith("Look first at `fetch`")


def test_an_answer_of_which_nothing_is_left_is_not_asked_for_again(tmp_path: Path) -> None:
    def memory() -> FileMemory:
        return FileMemory(tmp_path, "test")

    review(summary(("I approve it.", ["F1"])), memory=memory)
    report, model = review(GOOD, memory=memory)
    assert (report.summary, model.summed) == (None, [])


# --- where there is none


@pytest.mark.parametrize(
    ("ended", "reason"),
    [
        (ModelError("scripted:test", "it is down; try later"), "scripted:test: it is down; try later"),
        ("Sure!", "two answers cannot be used: it is no JSON: Expecting value: line 1 column 1 (char 0)"),
        ('{"sentences": [{"text": "x"}]}', "two answers cannot be used: sentences.0.about: Field required"),
    ],
)
def test_a_failed_call_is_told_and_takes_nothing_from_the_review(ended: Script, reason: str) -> None:
    report, _ = review(ended)
    whole, _ = review(GOOD)
    assert (report.summary, report.status) == (None, "partial")
    assert report.coverage.not_checked == [NotChecked(path=".", reason=f"not summed up: {reason}")]
    assert (report.findings, report.answers, report.verdict) == (whole.findings, whole.answers, whole.verdict)
    assert (report.coverage.units_explained, report.coverage.units_unexplained) == (2, 0)


@pytest.mark.parametrize("error", [ValueError("sk-secret"), asyncio.CancelledError("sk-secret")])
def test_a_crash_costs_the_summary_and_tells_no_secret(error: BaseException) -> None:
    report, _ = review(error)
    (missing,) = report.coverage.not_checked
    assert missing.reason.startswith(f"not summed up: asking failed with {type(error).__name__}")
    assert "sk-secret" not in missing.reason
    assert report.status == "partial"


def test_a_crash_before_anybody_is_asked_costs_the_summary_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("reviewer.explain.summary.overview_of", crash)
    report, model = review(GOOD)
    assert (report.summary, report.status, model.summed) == (None, "partial", [])
    assert report.coverage.units_explained == 2


def test_a_question_that_waits_for_its_answer_is_noted() -> None:
    report, _ = review(UnansweredError("files:x", "not answered yet"))
    assert (report.summary, report.status, report.coverage.not_checked) == (None, "complete", [])
    assert report.coverage.notes == ["the review is not summed up: files:x: not answered yet"]


def test_a_summary_is_paid_for_out_of_what_the_explanations_leave() -> None:
    _, model = review(GOOD)
    needed = estimate(model.asked[0]) + model.asked[0].answer_tokens
    report, model = review(GOOD, allowance=Allowance(tokens=needed), tokens=needed)
    assert (len(model.asked), model.summed, report.summary, report.status) == (1, [], None, "complete")
    assert report.coverage.notes == [f"the review is not summed up: the {needed:,} tokens of a review would not do"]


@pytest.mark.parametrize(
    "script",
    [
        [ModelError("scripted:test", "down")],
        [UnansweredError("files:x", "not answered yet")],
        ["Sure!"],
        [reply()],
    ],
    ids=["down", "waiting", "no JSON", "left out"],
)
def test_nothing_is_built_on_explanations_that_are_not_there(script: list[Script]) -> None:
    report, model = review(GOOD, script=script)
    assert (report.summary, model.summed) == (None, [])
    assert not [one for one in report.coverage.not_checked if one.path == "."]


def test_nothing_is_built_on_suspicions_that_wait_for_a_second_look() -> None:
    def point(request: ModelRequest) -> str:
        said = missed(_units(request)[0], 5, "return requests.get(url)", "failure-by-value")
        return reply(units=[answers(unit) for unit in _units(request)], missed=[said])

    waiting = UnansweredError("files:x", "not answered yet")
    model = ScriptedModel([point], looks=[waiting], summaries=[GOOD])
    report = review_change(change_of(FETCH), Settings(), model=ModelUse(model))
    assert (len(model.looked), model.summed, report.summary) == (1, [], None)


MANY = FETCH + "".join(f"\n\n    def more{n}(url):\n        return requests.get(url)\n" for n in range(6))
"""So much that it is asked about in two questions."""


def test_where_a_part_waits_for_its_answer_nothing_is_built_on_the_others() -> None:
    waiting = UnansweredError("files:x", "not answered yet")
    report, model = review(GOOD, script=[explained, waiting], source=MANY)
    assert (report.coverage.units_explained, model.summed, report.summary) == (6, [], None)


def test_where_a_part_failed_all_is_summed_up_as_it_is() -> None:
    report, model = review(GOOD, script=[explained, ModelError("scripted:test", "down")], source=MANY)
    assert [one.reason for one in report.coverage.not_checked] == ["not explained: scripted:test: down"]
    assert len(model.summed) == 1
    assert report.summary is not None


def test_one_finding_in_one_unit_says_itself() -> None:
    report, model = review(GOOD, source="import time\n\n\nasync def f():\n    time.sleep(1)\n")
    assert len([one for one in report.findings if one.severity != "low"]) == 1
    assert (report.summary, model.summed) == (None, [])


# --- what is dropped

OVERVIEW = shown(
    item(12, "high", "confirmed", explanation="The server hangs. The page stands still for 30 s."),
    item(20, "medium", rule="bare-except", message="every failure of json.loads() is swallowed"),
    item(31, "low", "confirmed", message="rows may be empty"),
    missing=[NotChecked(path="app/broken.py", reason="line 7 is no Python")],
)


def checked(*sentences: tuple[str, Sequence[str]]) -> tuple[Summary | None, list[str]]:
    return check_summary(parse_reply(SummaryReply, summary(*sentences)), OVERVIEW, "m")


NOT_SHOWN = "which was not shown"


@pytest.mark.parametrize(
    ("text", "about", "why"),
    [
        ("It hangs.", [], "it rests on nothing that was shown"),
        ("It hangs.", ["F9"], "it rests on nothing that was shown"),
        ("It hangs.", ["F1", "F9"], "it rests on nothing that was shown"),
        ("`f20` hangs.", ["F1"], f"it speaks of 'f20', {NOT_SHOWN}"),
        ("f_20() hangs.", ["F1"], f"it speaks of 'f_20', {NOT_SHOWN}"),
        ("`redis.Redis.get` hangs.", ["F1"], f"it speaks of 'redis', {NOT_SHOWN}"),
        ("A `KeyError` leaves it.", ["F1"], f"it speaks of 'KeyError', {NOT_SHOWN}"),
        ("A KeyError leaves it.", ["F1"], f"it speaks of 'KeyError', {NOT_SHOWN}"),
        ("sys.exit() ends it.", ["F1"], f"it speaks of 'sys', {NOT_SHOWN}"),
        ("Run `rm -rf /` first.", ["F1"], f"it speaks of 'rm', {NOT_SHOWN}"),
        ("See app/other.py.", ["F1"], "it speaks of what was not shown"),
        ("See line 13.", ["F1"], f"it speaks of 'line 13', {NOT_SHOWN}"),
        ("See app/client.py:20.", ["F1"], "it speaks of what was not shown"),
        ("See other.py:12.", ["F1"], f"it speaks of 'other.py', {NOT_SHOWN}"),
        ("It hangs for 90 s.", ["F1"], f"it speaks of '90', {NOT_SHOWN}"),
        ("F1 hangs.", ["F1"], f"it speaks of 'F1', {NOT_SHOWN}"),
        ("x" * 401, ["F1"], "401 characters in one sentence"),
        ("<b></b>", ["F1"], "it says nothing"),
        ("See https://collect", ["F1"], "it holds an address"),
        ("The change is safe.", ["F1"], "it judges the change as a whole, or may do so in letters of another script"),
        ("\u0430\u0440prove", ["F1"], "it judges the change as a whole, or may do so in letters of another script"),
    ],
)
def test_a_sentence_that_the_rows_do_not_bear_out_is_dropped(text: str, about: list[str], why: str) -> None:
    kept = ("It stands still for 30 s.", ["F1"])
    told, dropped = checked(kept, (text, about))
    assert dropped == [why]
    assert told is not None
    assert told.text == "It stands still for 30 s (app/client.py:12)."


@pytest.mark.parametrize(
    ("text", "about", "line"),
    [
        ("It hangs!", ["F1"], "It hangs! (app/client.py:12)."),
        ("`f12` and `f20` fail", ["F1", "F2", "F1"], "`f12` and `f20` fail (app/client.py:12, app/client.py:20)."),
        ("See client.py:12", ["F1"], "See client.py:12."),
        ("It hangs at line 12.", ["F1"], "It hangs at line 12 (app/client.py:12)."),
        ("broken.py and f12 are to be read.", ["F1", "N1"], "broken.py and f12 are to be read (app/client.py:12)."),
        ("**It** <i>hangs,</i> @team", ["F1"], "It hangs, team (app/client.py:12)."),
    ],
)
def test_a_sentence_is_told_as_plain_text_with_its_places(text: str, about: list[str], line: str) -> None:
    told, dropped = checked((text, about))
    assert dropped == []
    assert told is not None
    assert told.text == line


def test_a_path_that_could_be_taken_for_more_is_not_told() -> None:
    overview = shown(item(12, "high", path="src/`](https://collect.example)<b>@all.py"), item(13))
    told, _ = check_summary(parse_reply(SummaryReply, summary(("It hangs.", ["F1"]))), overview, "m")
    assert told is not None
    assert told.text == "It hangs."


def test_a_summary_that_passes_over_the_gravest_is_none() -> None:
    told, dropped = checked(("Rows may be empty.", ["F3"]), ("It is swallowed.", ["F2"]), ("I approve.", ["F1"]))
    assert told is None
    assert len(dropped) == 3
    assert dropped[1:] == ["it leaves out the gravest of the findings"] * 2


def test_a_sentence_is_told_once_and_no_more_of_them_than_a_person_reads() -> None:
    told, dropped = checked(*[("It hangs.", ["F1"])] * MOST_SENTENCES, ("It stands still.", ["F1"]))
    assert told is not None
    assert told.text == "It hangs (app/client.py:12)."
    assert dropped == ["more sentences than are taken"]


def test_what_is_dropped_is_counted_in_the_report() -> None:
    report, _ = review(summary(("`fetch` hangs.", ["F1"]), ("The change is safe.", ["F1"])))
    assert report.summary is not None
    assert report.summary.text == "`fetch` hangs (a.py:5)."
    assert report.coverage.notes == [
        "1 of 2 sentences of the model's summary were dropped, for example: "
        "it judges the change as a whole, or may do so in letters of another script"
    ]
    assert report.status == "complete"
    report, _ = review(summary())
    assert (report.summary, report.coverage.notes) == (None, ["the model's summary has no sentence"])


# --- whatever is answered

_WORDS = st.sampled_from(
    [
        "It hangs for 30 s.",
        "`requests.get` waits at line 12",
        "I approve this",
        "All is safe",
        "\u0430pprove",
        "`frob` and a_b()",
        "<img src=x onerror=alert(1)>",
        "[x](https://collect.example)",
        "@everyone fixes #1",
        "\x1b[2J\u202e\u200b",
        "\n- F2",
        "` `` ```",
        "app/client.py:12",
        "(http://x.example:12)",
        "",
    ]
)
_SENTENCES = st.fixed_dictionaries(
    {
        "text": st.lists(_WORDS | st.text(max_size=20), max_size=5).map(" ".join),
        "about": st.lists(st.sampled_from(["F1", "F1", "F2", "F3", "N1", "F9"]) | st.text(max_size=4), max_size=3),
    }
)
_WHOLE = st.fixed_dictionaries({"sentences": st.lists(_SENTENCES, max_size=8)}).map(json.dumps)


@st.composite
def broken(draw: st.DrawFn) -> str:
    """An answer, whole, cut, changed, or none."""
    text = draw(_WHOLE)
    match draw(st.sampled_from(["whole", "whole", "cut", "changed", "other"])):
        case "cut":
            return text[: draw(st.integers(0, len(text)))]
        case "changed":
            at = draw(st.integers(0, len(text) - 1))
            return text[:at] + draw(st.characters()) + text[at + 1 :]
        case "other":
            return draw(st.text())
        case _:
            return text


_FINDINGS = [*OVERVIEW.findings.values()]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(broken(), min_size=1, max_size=2))
def test_of_any_answer_only_that_is_shown_which_rests_on_the_findings(script: list[str]) -> None:
    use = ModelUse(ScriptedModel([], summaries=script))
    summed = summarise(
        _FINDINGS, [NotChecked(path="app/broken.py", reason="line 7 is no Python")], 3, use, Spending(Allowance())
    )
    assert all(line.isprintable() and len(line) < 200 and "/" not in line for line in summed.notes)
    assert all("this is a bug" not in one.reason for one in summed.not_checked)
    if summed.summary is None:
        assert summed.notes or summed.not_checked
        return
    assert set(summed.summary.findings) <= {one.id for one in _FINDINGS}
    assert _FINDINGS[0].id in summed.summary.findings
    lines = summed.summary.text.split("\n")
    assert 1 <= len(lines) <= MOST_SENTENCES
    everything = OVERVIEW.part(OVERVIEW.rows)
    for line in lines:
        assert plain(line, limit=1000) == line
        assert Claims(everything, frozenset()).fault(line) is None
        assert not clears(line)
        assert "collect.example" not in line
