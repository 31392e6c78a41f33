"""What a model points at is looked at once more; what is closed then is left out, and counted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from reviewer.domain.model import ModelRequest
from reviewer.domain.report import FindingItem, Report
from reviewer.domain.settings import Settings
from reviewer.errors import ModelError, UnansweredError
from reviewer.explain.stage import ModelUse
from reviewer.ports import OpenMemory
from reviewer.review import review_change
from reviewer.stores.memory import FileMemory
from tests.explain.scripted_model import Script, ScriptedModel, answers, missed, reply
from tests.explain.sections import change_of

FETCH = """
    import requests


    def fetch(url, rows):
        answer = requests.get(url, timeout=3)
        first = rows.newest
        return answer, first
    """
"""The attribute is read at line 6."""


def units(request: ModelRequest) -> list[str]:
    return re.findall(r"^## Unit (\w+)$", request.text, re.M)


def point(likely: int = 50) -> Script:
    def script(request: ModelRequest) -> str:
        (unit,) = units(request)
        said = missed(unit, 6, "first = rows.newest", "key-missing")
        return reply(units=[answers(unit)], missed=[{**said, "likely": likely}])

    return script


def decide(
    verdict: str, line: int = 6, reason: str = "`rows` always has it.", name: str = "", against: str = ""
) -> Script:
    def script(request: ModelRequest) -> str:
        (unit,) = units(request)
        said = {"id": name or f"{unit}-1", "against": against, "verdict": verdict, "reason": reason, "line": line}
        return json.dumps({"suspicions": [said]})

    return script


def review(
    look: Sequence[Script], likely: int = 50, memory: OpenMemory | None = None, *, second_look: bool = True
) -> tuple[Report, ScriptedModel]:
    model = ScriptedModel([point(likely)], looks=look)
    use = ModelUse(model, second_look=second_look, memory=memory)
    return review_change(change_of(FETCH), Settings(), model=use), model


def suspected(report: Report) -> list[FindingItem]:
    return [item for item in report.findings if item.rule.startswith("suspected-")]


@pytest.mark.parametrize(("verdict", "judged"), [("fix", "confirmed"), ("later", "unsure")])
def test_a_suspicion_stands_with_what_came_of_looking_again(verdict: str, judged: str) -> None:
    report, _ = review([decide(verdict)], likely=29)
    (item,) = suspected(report)
    assert item.judgement is not None
    assert (item.judgement.verdict, item.judgement.reason) == (judged, "line 6: `rows` always has it.")
    assert item.severity == "low"
    assert report.status == "complete"


def test_what_is_closed_is_left_out_and_counted() -> None:
    report, _ = review([decide("close")], likely=29)
    assert suspected(report) == []
    assert "suspicions of the model's own that it closed when it looked again: 1" in report.coverage.notes


def test_of_two_looks_that_differ_widely_neither_wins() -> None:
    (item,) = suspected(review([decide("close")], likely=30)[0])
    assert item.judgement is not None
    assert item.judgement.verdict == "unsure"
    assert item.judgement.reason == "a second look would close it: line 6: `rows` always has it."


def test_what_is_to_be_fixed_is_told_with_the_reason_for_it_and_never_with_the_one_against_it() -> None:
    look = decide("fix", reason="An empty page is ordinary.", against="`rows` mostly has it.")
    (item,) = suspected(review([look])[0])
    assert item.judgement is not None
    assert item.judgement.reason == "line 6: An empty page is ordinary."
    (item,) = suspected(review([decide("fix", reason="", against="`rows` mostly has it.")])[0])
    assert item.judgement is not None
    assert (item.judgement.verdict, item.judgement.reason) == ("confirmed", "")


def test_who_looks_again_sees_the_unit_and_the_suspicion_and_no_findings() -> None:
    _, model = review([decide("fix")])
    (request,) = model.looked
    (unit,) = units(request)
    assert request.text.endswith(
        f"Suspicions:\n- {unit}-1 at 6 [key-missing] The server is down. It fails. Nobody. Handle it."
    )
    assert "Findings:" not in request.text


@pytest.mark.parametrize(
    "look", [decide("close", line=99), decide("close", reason="`frob` has it."), decide("close", reason="")]
)
def test_what_is_closed_without_a_reason_that_was_shown_is_left_for_people(look: Script) -> None:
    (item,) = suspected(review([look], likely=29)[0])
    assert item.judgement is not None
    assert item.judgement.verdict == "unsure"


def down(_: ModelRequest) -> str:
    raise ModelError("scripted:test", "it is down")


def waiting(_: ModelRequest) -> str:
    raise UnansweredError("scripted:test", "not answered yet")


@pytest.mark.parametrize(
    ("look", "status"),
    [(down, "partial"), (waiting, "complete"), ("no JSON", "partial"), (decide("fix", name="x-1"), "complete")],
)
def test_without_a_second_look_only_the_likely_stand(look: str | Callable[[ModelRequest], str], status: str) -> None:
    for likely, stands in ((14, 0), (15, 1)):
        report, _ = review([look], likely)
        assert len(suspected(report)) == stands
        assert report.status == status


def test_it_can_be_turned_off() -> None:
    report, model = review([decide("close")], second_look=False)
    assert model.looked == []
    assert [item.judgement for item in suspected(report)] == [None]


def test_what_was_looked_at_once_is_not_looked_at_again(tmp_path: Path) -> None:
    def memory() -> FileMemory:
        return FileMemory(tmp_path, "test")

    first, _ = review([decide("close")], memory=memory)
    second, model = review([down], memory=memory)
    assert (model.asked, model.looked) == ([], [])
    assert suspected(second) == suspected(first)
