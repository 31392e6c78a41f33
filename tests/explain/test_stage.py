"""What a model says is laid over the findings: it can doubt, explain and point, and can take nothing away."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from reviewer.domain.model import ModelRequest, Price
from reviewer.domain.report import FindingItem, Report
from reviewer.domain.settings import Settings
from reviewer.errors import ModelError, UnansweredError
from reviewer.explain.section import Section, section_of
from reviewer.explain.spending import Allowance
from reviewer.explain.stage import ModelUse
from reviewer.llm.patient import Patient
from reviewer.review import review_change
from tests.explain.scripted_model import Script, ScriptedModel, answers, missed, opinion, reply
from tests.explain.sections import change_of

FETCH = """
    import requests


    def fetch(url, rows):
        try:
            answer = requests.get(url)
        except OSError:
            return None
        first = rows.newest
        return answer.json()["id"], first


    def add(a, b):
        return a + b
    """


def review(script: Sequence[Script], source: str = FETCH, settings: Settings | None = None, **use: object) -> Report:
    model = ScriptedModel(script)
    options = ModelUse(model, **{"summary": False, **use})  # type: ignore[arg-type]
    report = review_change(change_of(source), settings or Settings(), model=options)
    assert model.closed or not model.asked
    return report


def offline(source: str = FETCH) -> Report:
    return review_change(change_of(source), Settings())


def names(request: ModelRequest) -> dict[str, str]:
    """rule -> the name under which its finding is shown."""
    return {rule: name for name, rule in re.findall(r"^- ([0-9a-f]{12}) at \d+ \[([a-z-]+),", request.text, re.M)}


def unit(request: ModelRequest) -> str:
    return str(re.findall(r"^## Unit (\w+)$", request.text, re.M)[0])


def judge(rule: str, verdict: str, line: int, **parts: str) -> Script:
    return lambda request: reply([opinion(names(request)[rule], verdict, line, **parts)])


def point(line: int, statement: str, failure: str, **parts: str) -> Script:
    return lambda request: reply(missed=[missed(unit(request), line, statement, failure, **parts)])


def one(report: Report, rule: str) -> FindingItem:
    (item,) = [item for item in report.findings if item.rule == rule]
    return item


def test_a_confirmed_finding_is_told_in_the_models_words() -> None:
    before = one(offline(), "no-timeout")
    item = one(
        review([judge("no-timeout", "confirmed", 6, reason="No `timeout` is given... to `requests.get`.")]),
        "no-timeout",
    )
    assert item.judgement is not None
    assert (item.judgement.by, item.judgement.verdict) == ("scripted:test", "confirmed")
    assert item.explanation == "The server is down. It fails. Nobody. Handle it."
    assert dataclasses.replace(item, judgement=None, explanation=before.explanation) == before


def test_a_doubted_finding_becomes_quiet_and_stays_with_the_reason() -> None:
    before = next(item for item in offline().findings if item.confidence != "high" and item.severity != "low")
    report = review([judge(before.rule, "doubted", 7, reason="`OSError` ends it at line 7.")])
    item = one(report, before.rule)
    assert (item.severity, item.id) == ("low", before.id)
    assert item.judgement is not None
    assert (item.judgement.verdict, item.judgement.reason) == ("doubted", "line 7: `OSError` ends it at line 7.")
    assert item.explanation == before.explanation


def test_a_model_can_take_no_finding_away() -> None:
    before = {item.id for item in offline().findings}
    assert {item.id for item in review([reply()]).findings} == before


def test_what_the_model_points_at_becomes_a_finding_of_its_own() -> None:
    item = one(review([point(9, "first = rows.newest", "key-missing")]), "suspected-key-missing")
    assert (item.line, item.severity, item.status, item.question) == (9, "low", "new", "inputs")
    assert item.message == "It fails"
    assert "leave it open" in item.grounds[0]


def test_what_the_facts_show_too_is_medium() -> None:
    source = 'import json\n\n\ndef f(path):\n    with open(path) as file:\n        rates = json.load(file)\n    return rates.a["b"]\n'
    report = review(
        [point(6, "rates = json.load(file)", "malformed-text")],
        source,
        Settings(rules_off=frozenset({"unguarded-conversion"})),
    )
    assert one(report, "suspected-malformed-text").severity == "medium"


def test_what_a_rule_says_too_is_one_finding() -> None:
    before = one(offline(), "no-timeout")
    report = review([point(6, "answer = requests.get(url)", "waits-forever")])
    assert not [item for item in report.findings if item.rule.startswith("suspected-")]
    item = one(report, "no-timeout")
    assert item.severity == before.severity
    assert item.judgement is not None
    assert item.judgement.verdict == "confirmed"


def test_a_suspicion_has_one_identity_whatever_words_it_comes_in() -> None:
    first, second = (
        one(review([point(9, "first = rows.newest", "key-missing", effect=said)]), "suspected-key-missing")
        for said in ("It fails.", "An `IndexError` leaves it.")
    )
    assert first.id == second.id


def test_a_suspicion_can_be_waived_and_turned_off() -> None:
    waived = FETCH.replace("rows.newest", "rows.newest  # reviewer: waive[suspected-key-missing] never empty")
    report = review([point(9, "first = rows.newest", "key-missing")], waived)
    assert one(report, "suspected-key-missing").status == "waived"
    off = Settings(rules_off=frozenset({"suspected-key-missing"}))
    report = review([point(9, "first = rows.newest", "key-missing")], FETCH, off)
    assert not [item for item in report.findings if item.rule == "suspected-key-missing"]


def test_the_four_answers_are_the_models_where_it_gave_them() -> None:
    before = next(answer for answer in offline().answers if answer.function == "fetch")
    report = review(
        [lambda r: reply(units=[answers(unit(r), calls="It calls `requests.get`.", throws="`frob` throws.")])]
    )
    said = next(answer for answer in report.answers if answer.function == "fetch")
    assert said == dataclasses.replace(before, calls="It calls `requests.get`.", by="scripted:test")
    assert "1 parts of the model's answers were dropped" in report.coverage.notes[-1]


@pytest.mark.parametrize(
    ("scope", "asked"), [("all", {"fetch", "add", "<module>"}), ("risky", {"fetch"}), ("findings", {"fetch"})]
)
def test_only_units_in_scope_are_sent(scope: str, asked: set[str]) -> None:
    seen: list[str] = []

    def note(request: ModelRequest) -> str:
        seen.extend(re.findall(r'"(\S+)", lines', request.text))
        return reply()

    review([note], scope=scope)
    assert set(seen) == asked


def test_nothing_is_sent_where_nothing_is_risky() -> None:
    report = review([reply()], "def add(a, b):\n    return a + b\n")
    assert (report.usage.model_calls, report.usage.cost_usd, report.status) == (0, 0.0, "complete")


def test_what_it_cost_is_in_the_report() -> None:
    usage = review([reply()]).usage
    assert (usage.model_calls, usage.input_tokens, usage.output_tokens, usage.cached_tokens) == (1, 100, 10, 40)
    assert usage.cost_usd is None
    assert set(usage.elapsed_ms) == {"analyse", "explain", "report"}


def test_a_model_that_fails_makes_the_review_partial_and_takes_nothing_from_it() -> None:
    report = review([ModelError("scripted:test", "it is down; try later")])
    assert report.status == "partial"
    assert [(item.path, item.reason) for item in report.coverage.not_checked] == [
        ("a.py", "not explained: scripted:test: it is down; try later")
    ]
    assert {item.id for item in report.findings} == {item.id for item in offline().findings}


def test_what_waits_for_an_answer_or_is_beyond_the_allowance_is_noted() -> None:
    report = review([UnansweredError("files:x", "not answered yet")])
    assert report.status == "complete"
    assert "1 of 1 units are not explained: files:x: not answered yet" in report.coverage.notes
    report = review([reply()], allowance=Allowance(tokens=1))
    assert "1 of 1 units are not explained: the 1 tokens of a review would not do" in report.coverage.notes


def test_a_verdict_follows_from_what_is_left() -> None:
    source = (
        "import requests\n\n\ndef f(url):\n    answer = requests.get(url, timeout=3)\n    answer.raise_for_status()\n"
    )
    source += "    return answer.json()['id']\n"
    loud = [item for item in offline(source).findings if item.severity != "low"]
    assert loud
    assert all(item.confidence != "high" for item in loud)
    assert offline(source).verdict != "pass"

    def doubt(request: ModelRequest) -> str:
        return reply(
            [
                opinion(name, "doubted", 7, reason="Fine.")
                for name in re.findall(r"^- ([0-9a-f]{12}) at", request.text, re.M)
            ]
        )

    assert review([doubt], source).verdict == "pass"


def test_what_a_unit_is_left_out_of_is_partial() -> None:
    report = review([reply()])
    assert report.status == "partial"
    assert [item.reason for item in report.coverage.not_checked] == [
        "not explained: the answer of scripted:test leaves it out"
    ]
    assert (report.coverage.units_explained, report.coverage.units_unexplained) == (0, 1)


def everything(request: ModelRequest) -> str:
    return reply(
        [opinion(name, line=6) for name in names(request).values()],
        [answers(unit(request), calls="It calls `requests`.")],
    )


def test_a_crash_of_the_stage_costs_the_explanation_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError("secret")

    before = offline()
    for place in ("_sections", "_judged", "_notes", "Conversation"):
        with monkeypatch.context() as patch:
            patch.setattr(f"reviewer.explain.stage.{place}", crash)
            report = review([everything])
        assert report.status == "partial"
        (missing,) = report.coverage.not_checked
        assert missing.reason.startswith(
            "not explained: asking failed with ZeroDivisionError at tests.explain.test_stage:"
        )
        assert "secret" not in missing.reason
        assert (report.findings, report.answers) == (before.findings, before.answers)
        # What was spent before is counted all the same.
        assert report.usage.model_calls == (1 if place in ("_judged", "_notes") else 0)


def test_a_prompt_that_is_not_there_costs_the_explanation_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewer.explain.prompt.prompts_folder", lambda: Path("/nowhere"))
    (missing,) = review([everything]).coverage.not_checked
    assert missing.reason == "not explained: prompt explain: No such file or directory; install the reviewer again"


def test_a_review_inside_an_event_loop_is_no_different() -> None:
    async def serve() -> Report:
        return review([everything])

    report = asyncio.run(serve())
    assert (report.status, report.usage.model_calls, report.coverage.units_explained) == ("complete", 1, 1)
    assert report.findings == review([everything]).findings


def test_one_model_may_serve_one_review_after_the_other() -> None:
    use = ModelUse(Patient([ScriptedModel([everything])]))
    for _ in range(3):
        assert review_change(change_of(FETCH), Settings(), model=use).status == "complete"


@pytest.mark.parametrize("how", ["raises", "hangs"])
def test_connections_that_do_not_close_take_nothing_from_the_answers(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewer.explain.hearing._CLOSING", 0.05)

    class Stuck(ScriptedModel):
        async def close(self) -> None:
            if how == "raises":
                raise OSError("the other side is gone")
            await asyncio.sleep(3600)

    report = review_change(change_of(FETCH), Settings(), model=ModelUse(Stuck([everything])))
    assert (report.status, report.coverage.units_explained) == ("complete", 1)


def test_units_of_one_name_are_told_apart_or_told(monkeypatch: pytest.MonkeyPatch) -> None:
    source = FETCH + "\n\n    def other(url):\n        return requests.get(url)\n"

    def named(*given: Any) -> Section:
        return dataclasses.replace(section_of(*given), id="u00000000")

    monkeypatch.setattr("reviewer.explain.stage.section_of", named)
    report = review([lambda request: reply(units=[answers("u00000000", calls="It calls `requests`.")])], source)
    assert (report.status, report.coverage.units_explained, report.coverage.units_unexplained) == ("partial", 1, 1)
    (missing,) = report.coverage.not_checked
    assert missing.reason == "not explained: other cannot be told from another unit by its name"
    assert [answer.function for answer in report.answers if answer.by] == ["fetch"]


def test_who_of_a_chain_has_answered_is_told() -> None:
    use = ModelUse(Patient([ScriptedModel([ModelError("a", "down")], name="a"), ScriptedModel([everything], name="b")]))
    report = review_change(change_of(FETCH), Settings(), model=use)
    assert report.model == "a, b"
    assert {item.judgement.by for item in report.findings if item.judgement} == {"b"}
    assert {answer.by for answer in report.answers} == {None, "b"}


def test_a_bound_on_money_without_a_price_is_told() -> None:
    price = Price(input=1.0, output=1.0)
    told = "the 0.5 USD of a review bound nothing: what has answered has no price in tool.reviewer.model.prices"
    assert told in review([reply()], allowance=Allowance(usd=0.5)).coverage.notes
    assert told not in review([reply()], allowance=Allowance(usd=0.5, prices={"scripted:test": price})).coverage.notes
    assert told not in review([reply()]).coverage.notes


def test_of_two_functions_of_one_name_each_is_shown_its_own_findings() -> None:
    source = """
        import requests


        class Shop:
            @property
            def price(self):
                return requests.get(self.url)

            @price.setter
            def price(self, value):
                other = self.url + "x"
                requests.post(other, value)
        """
    asked: list[str] = []

    def keep(request: ModelRequest) -> str:
        asked.append(request.text)
        return reply()

    review([keep], source)
    lines = [
        sorted(set(re.findall(r"^- [0-9a-f]{12} at (\d+) \[no-timeout", part, re.M)))
        for part in "".join(asked).split("## Unit ")
        if "Shop.price" in part
    ]
    assert lines == [["7"], ["12"]]
