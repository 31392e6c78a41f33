"""Whatever comes over the wire, a review ends in time, keeps its findings, and says of each word whose it is."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewer.explain.claim import Claims
from reviewer.explain.spending import Allowance
from reviewer.explain.stage import Explanation, ModelUse, explain_findings
from reviewer.llm.patient import Patience, Patient
from tests.explain.test_hostile import _BEFORE, _REVIEWED, _SECTION, _words, broken
from tests.llm.asking import PROVIDERS, OpenAt, warm_up
from tests.llm.scripted_server import Answer, Cut, Failure, Raw, Recorded, ScriptedServer, Stop, Turn, body_of

SECONDS = 5.0
SLACK = 15.0
_EXAMPLES = 50 if settings.default is None or settings.default.max_examples <= 200 else 500
"""For each interface; the profile `fuzz` tries a thousand together."""
_HASTE = Patience(attempts=2, first_pause=0.0)
_STOPS: tuple[Stop, ...] = ("end", "end", "length", "refusal", "other")
_STATUSES = (400, 401, 403, 404, 408, 413, 418, 422, 429, 500, 503, 529)
_NOT_AGAIN = "suspicions not looked at again: "
_LATIN = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20)


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


@st.composite
def turns(draw: st.DrawFn) -> Turn:
    """An answer that is broken inside, in its wrapping, or before there is one."""
    how = draw(st.sampled_from(["answer", "answer", "answer", "bytes", "body", "failure", "cut"]))
    match how:
        case "answer":
            return Answer(draw(broken()), draw(st.sampled_from(_STOPS)), input=draw(st.integers(-5, 10**20)))
        case "bytes":
            return Raw(draw(st.binary(max_size=200)), draw(st.sampled_from(["application/json", "text/html"])))
        case "body":
            return Raw(_damaged(draw, draw(broken())))
        case "failure":
            return Failure(
                draw(st.sampled_from(_STATUSES)),
                retry_after=draw(st.none() | st.sampled_from(["0", "300", "-1", "soon", "1e9", "9" * 40])),
                message=draw(st.text(max_size=60)),
                kind=draw(_LATIN),
            )
        case _:
            return Cut(draw(broken()))


def _damaged(draw: st.DrawFn, text: str) -> bytes:
    """A proper body with one of its values replaced by anything."""
    path = draw(st.sampled_from(["/v1/messages", "/v1/responses"]))
    body = body_of(Recorded(path, {}, b"", b""), Answer(text))
    junk: st.SearchStrategy[object] = (
        st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just([]) | st.just({})
    )
    for _ in range(draw(st.integers(1, 3))):
        place: object = body
        while isinstance(place, dict | list) and place:
            key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
            inner = place[key]
            if not isinstance(inner, dict | list) or not inner or draw(st.booleans()):
                place[key] = draw(junk)
                break
            place = inner
    return json.dumps(body).encode()


@PROVIDERS
def test_no_broken_answer_gets_into_a_report_unmarked(open_at: OpenAt) -> None:
    with ScriptedServer() as server:

        @settings(max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(st.lists(turns(), min_size=1, max_size=3))
        def held(script: list[Turn]) -> None:
            server.play(*script)
            asked = len(server.requests)
            model = Patient([open_at(server)], patience=_HASTE)
            started = time.monotonic()
            explained = explain_findings(
                [_REVIEWED], _BEFORE, ModelUse(model, "findings", allowance=Allowance(seconds=SECONDS, tokens=10**30))
            )
            assert time.monotonic() - started < SECONDS + SLACK
            assert explained.usage.model_calls == len(server.requests) - asked >= 1
            check(explained)

        held()


def check(explained: Explanation) -> None:
    """Nothing is lost, nothing is made up, and what is the model's says so."""
    claims = Claims(_SECTION)
    assert explained.explained + explained.unexplained == 1
    told = [item.reason for item in explained.not_checked]
    # A unit may be explained while the second look at what was pointed at there is not to be had: that is told too.
    assert bool([reason for reason in told if not reason.startswith(_NOT_AGAIN)]) == bool(explained.unexplained)
    assert [(item.id, item.rule, item.line, item.message) for item in explained.items] == [
        (item.id, item.rule, item.line, item.message) for item in _BEFORE
    ]
    for new, old in zip(explained.items, _BEFORE, strict=True):
        if new.judgement is None:
            assert new == old
        else:
            assert all(claims.fault(text, advice=True) is None for text in _words(new, old))
    for answer, own in zip(explained.answers, _REVIEWED.answers, strict=True):
        if answer.by is None:
            assert answer == own
    for found in explained.suspected.values():
        for finding in (one.finding for one in found):
            assert finding.rule.startswith("suspected-")
            assert finding.severity.value != "high"
            assert claims.fault(finding.explanation, advice=True) is None
    for line in [*explained.notes, *(item.reason for item in explained.not_checked)]:
        assert line.isprintable()
        assert len(line) < 600
        assert "this is a bug" not in line


@pytest.mark.parametrize("size", [399_000, 401_000])
@PROVIDERS
def test_an_answer_of_any_length_is_dealt_with_in_time(open_at: OpenAt, size: int) -> None:
    said = dict.fromkeys(("reason", "trigger", "effect", "noticed", "advice"), "a-" * (size // 10))
    name = next(iter(_SECTION.findings))
    text = json.dumps(
        {"findings": [{"id": name, "verdict": "confirmed", "line": 6, **said}], "units": [], "missed": []}
    )
    with ScriptedServer(Answer(text)) as server:
        started = time.monotonic()
        explained = explain_findings([_REVIEWED], _BEFORE, ModelUse(open_at(server), "findings"))
        assert time.monotonic() - started < SECONDS + SLACK
    check(explained)
