"""The summary of a review, from the program's first question to what a person reads, through both SDKs and a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reviewer.explain.prompt import load_prompt
from tests.explain.scripted_model import answers, opinion, reply, summary
from tests.llm.scripted_server import Answer, Failure, ScriptedServer
from tests.surfaces.model_shop import (
    findings_in,
    good,
    good_throughout,
    question,
    shop_at,
    sums_up,
    units_in,
)
from tests.surfaces.test_cli_model import MODELS, _warm, ids, reviewing, run, server

__all__ = ["_warm", "run", "server"]

SENTENCE = "When the server never answers, `fetch` waits for ever (app.py:6)."
DROPPED = (
    "1 of 2 sentences of the model's summary were dropped, for example: "
    "it judges the change as a whole, or may do so in letters of another script"
)


@MODELS
def test_a_review_is_summed_up_once_at_its_head(run: Any, tmp_path: Path, model: str, server: ScriptedServer) -> None:
    shop = shop_at(tmp_path / "shop", summary=True)
    server.play(Answer(good_throughout, input=1000, output=200))
    report = run(*reviewing(shop, model)).report
    assert report.summary is not None
    assert (report.summary.text, report.summary.by) == (SENTENCE, model)
    assert report.summary.findings == [one.id for one in report.findings if one.rule == "no-timeout"]
    assert (report.status, report.coverage.notes) == ("complete", [DROPPED])
    assert (report.usage.model_calls, report.usage.input_tokens) == (2, 2000)
    assert [sums_up(question(request)) for request in server.requests] == [False, True]
    assert load_prompt("summary").system.split("\n")[0] in server.requests[1].body.decode()

    again = run(*reviewing(shop, model)).report
    assert (again.summary, again.usage.model_calls, len(server.requests)) == (report.summary, 0, 2)

    text = reviewing(shop, model)
    text[text.index("json")] = "text"
    out = " ".join(run(*text).out.split())
    assert out.startswith(f"In short in the words of {model} - {SENTENCE} The four questions")


@MODELS
def test_a_summary_that_fails_costs_itself_and_is_asked_for_again(
    run: Any, tmp_path: Path, model: str, server: ScriptedServer
) -> None:
    shop = shop_at(tmp_path / "shop", summary=True)
    server.play(Answer(good), Failure(400))
    ended = run(*reviewing(shop, model))
    report = ended.report
    assert (ended.code, report.status, report.summary) == (3, "partial", None)
    ((path, reason),) = [(one.path, one.reason) for one in report.coverage.not_checked]
    assert path == "."
    assert reason.startswith(f"not summed up: {model}: HTTP 400: scripted failure")
    assert (report.coverage.units_explained, report.coverage.units_unexplained) == (2, 0)
    server.play(Answer(good_throughout))
    whole = run(*reviewing(shop, model))
    assert (whole.code, whole.report.usage.model_calls, ids(whole.report)) == (0, 1, ids(report))
    assert whole.report.summary is not None


def test_a_model_that_does_not_answer_at_all_is_not_asked_for_a_summary(
    run: Any, tmp_path: Path, server: ScriptedServer
) -> None:
    server.play(Failure(400))
    report = run(*reviewing(shop_at(tmp_path / "shop", summary=True), "openai:scripted")).report
    assert len(server.requests) == 1
    assert [one.path for one in report.coverage.not_checked] == ["app.py"]


def test_a_folder_is_asked_for_a_summary_when_all_else_is_answered(
    run: Any, tmp_path: Path, server: ScriptedServer
) -> None:
    shop, folder = shop_at(tmp_path / "shop", summary=True), tmp_path / "asked"
    waiting = f"files:{folder}: not answered yet; put HASH.answer.json beside each question"

    def review() -> Any:
        return run(*reviewing(shop, f"files:{folder}")).report

    assert review().coverage.notes == [f"2 of 2 units are not explained: {waiting}"]
    (asked,) = folder.glob("*.request.md")
    text = asked.read_text(encoding="utf-8")
    said = [opinion(name, "confirmed", line) for name, line, _ in findings_in(text)]
    _answer(asked, reply(said, [answers(unit, calls="It calls `requests`.") for unit in units_in(text)]))

    report = review()
    assert (report.status, report.summary) == ("complete", None)
    assert report.coverage.notes == [f"the review is not summed up: {waiting}"]
    (question,) = set(folder.glob("*.request.md")) - {asked}
    text = question.read_text(encoding="utf-8")
    assert text.startswith("<!-- prompt summary, version ")
    assert "\n- F1 app.py:6 in fetch [no-timeout, medium, confirmed] requests.get() waits without limit" in text
    _answer(question, summary(("When the server never answers, `fetch` waits for ever.", ["F1"])))

    report = review()
    assert report.coverage.notes == []
    assert report.summary is not None
    assert (report.summary.text, report.summary.by) == (SENTENCE, f"files:{folder}")
    assert (report.usage.model_calls, server.requests) == (0, [])
    assert len(list(folder.iterdir())) == 4


def _answer(asked: Path, text: str) -> None:
    asked.with_name(asked.name.replace(".request.md", ".answer.json")).write_text(text, encoding="utf-8")
