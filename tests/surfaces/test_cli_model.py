"""`reviewer review --model` and `reviewer explain --model`: what the program makes of a model, good or broken.

The program is the real one, and so are both SDKs; only the model is scripted, and keeps every byte that it got.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reviewer.domain.report import Report, parse_report
from reviewer.surfaces.cli.main import main
from tests.explain.scripted_model import answers, opinion, reply
from tests.explain.test_redaction import TOKENS
from tests.git_builder import GitBuilder
from tests.llm.asking import warm_up
from tests.llm.conftest import isolate_environment
from tests.llm.scripted_server import Answer, Cut, Drip, ErrorEvent, Failure, Hang, Raw, ScriptedServer, Turn
from tests.surfaces.model_shop import (
    APP,
    FETCH,
    about_another,
    findings_in,
    functions_in,
    good,
    question,
    shop_at,
    units_in,
)

ROOT = Path(__file__).parents[2]
TOO_LATE = r"no answer in the time that the review has|no answer within [\d.]+ s|s for answers are over"
"""What is told instead where the machine is so busy that the second is over first."""
SLACK = 15.0
"""Seconds that a review may take beside its answers, on a busy machine."""
MODELS = pytest.mark.parametrize("model", ["anthropic:scripted", "openai:scripted"])


@dataclass(frozen=True)
class Ended:
    """How the program ended."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def report(self) -> Report:
        return parse_report(self.out)


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The only model that can be reached, whoever is asked."""
    isolate_environment(monkeypatch, tmp_path)
    with ScriptedServer(Answer(good, input=1000, output=200, cached=400)) as running:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", running.url)
        monkeypatch.setenv("OPENAI_BASE_URL", f"{running.url}/v1")
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-scripted")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-scripted")
        yield running


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run one command in this process."""

    def run(*arguments: str) -> Ended:
        capsys.readouterr()
        started = time.monotonic()
        code = main(arguments)
        seconds = time.monotonic() - started
        output = capsys.readouterr()
        assert "Traceback" not in output.err
        return Ended(code, output.out, output.err, seconds)

    return run


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The review of the same change without a model."""
    folder = tmp_path_factory.mktemp("offline")
    shop = shop_at(folder / "shop")
    target = folder / "report.json"
    assert main([*reviewing(shop, "offline"), "--output", str(target)]) == 0
    return parse_report(target.read_bytes())


def reviewing(shop: GitBuilder, model: str, *more: str) -> list[str]:
    return ["review", "--repo", str(shop.root), "--base", "main", "--format", "json", "--model", model, *more]


def ids(report: Report) -> list[tuple[str, str, int]]:
    return [(item.id, item.severity, item.line) for item in report.findings]


# --- a good answer


@MODELS
def test_a_good_answer_is_laid_over_the_review(
    run: Any, tmp_path: Path, model: str, server: ScriptedServer, offline: Report
) -> None:
    shop = shop_at(tmp_path / "shop")
    ended = run(*reviewing(shop, model))
    report = ended.report
    assert (ended.code, report.status, report.model) == (0, "complete", model)
    assert report.coverage.not_checked == []
    assert ids(report) == ids(offline)
    told = next(item for item in report.findings if item.rule == "no-timeout")
    assert told.judgement is not None
    assert (told.judgement.by, told.judgement.verdict) == (model, "confirmed")
    assert told.judgement.reason == "line 6: No `timeout` is given."
    assert told.explanation == "The server is down. It fails. Nobody. Handle it."
    said = {answer.function: answer.calls for answer in report.answers}
    assert said["fetch"] == said["send"] == "It calls `requests`."
    assert len(server.requests) == 1
    usage = report.usage
    assert (usage.model_calls, usage.input_tokens, usage.output_tokens, usage.cached_tokens) == (1, 1000, 200, 400)
    assert usage.cost_usd == pytest.approx((600 * 10 + 400 * 1 + 200 * 100) / 1e6)
    assert usage.elapsed_ms["explain"] > 0


def test_a_model_without_a_price_costs_nobody_knows_what(run: Any, tmp_path: Path) -> None:
    usage = run(*reviewing(shop_at(tmp_path / "shop"), "anthropic:dearer")).report.usage
    assert (usage.model_calls, usage.cost_usd) == (1, None)


def test_prices_are_those_of_the_base(run: Any, tmp_path: Path) -> None:
    shop = shop_at(tmp_path / "shop")
    settings = (shop.root / "pyproject.toml").read_text(encoding="utf-8")
    shop.commit({"pyproject.toml": settings.replace("input = 10.0", "input = 0.0")})
    report = run(*reviewing(shop, "anthropic:scripted")).report
    assert report.usage.cost_usd == pytest.approx((600 * 10 + 400 * 1 + 200 * 100) / 1e6)


def test_the_program_as_a_process_of_its_own(tmp_path: Path, server: ScriptedServer) -> None:
    shop = shop_at(tmp_path / "shop", seconds=30)
    command = [sys.executable, "-P", "-m", "reviewer", *reviewing(shop, "anthropic:scripted")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=shop.root, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert parse_report(done.stdout).status == "complete"
    server.play(Failure(401, message="invalid x-api-key"))
    done = subprocess.run(
        [*command[:-1], "openai:scripted"],
        cwd=shop.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (3, "")
    assert [item.reason for item in parse_report(done.stdout).coverage.not_checked] == [
        "not explained: openai:scripted: HTTP 401: invalid x-api-key; "
        "the key is not accepted; set OPENAI_API_KEY to a valid one"
    ]


# --- broken answers

WRONG = json.dumps({"findings": [{"id": 3}], "units": [], "missed": []})
BROKEN: dict[str, tuple[Turn, str]] = {
    "429": (Failure(429), "HTTP 429: scripted failure; too many requests"),
    "429 with a wait": (Failure(429, retry_after="2"), "HTTP 429: scripted failure; too many requests"),
    "429 with a long wait": (Failure(429, retry_after="300"), "HTTP 429: scripted failure; too many requests"),
    # Asked again; on a busy machine the time may be over in the midst of that.
    "500": (Failure(500), "HTTP 500: scripted failure; the provider has trouble|no answer within"),
    "529": (Failure(529), "HTTP 529: scripted failure; the provider has trouble|no answer within"),
    "400": (Failure(400), "HTTP 400: scripted failure; the request is not accepted"),
    "a cut body": (Cut(), "the answer broke off|is not JSON"),
    "a page for people": (Raw(b"<html>Sign in</html>", "text/html"), "is not JSON"),
    "truncated JSON": (Answer('{"findings": [{"id": "'), "two answers cannot be used: it is no JSON"),
    "prose": (Answer("Sure! Here is what I think."), "two answers cannot be used: it is no JSON"),
    "words around a fence": (Answer('Here:\n```json\n{"findings": []}\n```'), "two answers cannot be used"),
    "wrong JSON": (Answer(WRONG), "two answers cannot be used: findings.0"),
    "other JSON": (Answer("[1, 2]"), "two answers cannot be used: the whole"),
    "a refusal": (Answer("I cannot help with that.", stop="refusal"), "the model declines to answer"),
    "an answer at its limit": (Answer('{"findings": [', stop="length"), "two answers cannot be used: it is no JSON"),
    "an hour-long answer": (Drip(), "no answer within|no answer in the time"),
    "a hang": (Hang(), "no answer within|no answer in the time"),
}


@MODELS
@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_answer_costs_the_explanation_and_nothing_else(
    run: Any, tmp_path: Path, *, model: str, kind: str, server: ScriptedServer, offline: Report
) -> None:
    turn, words = BROKEN[kind]
    shop = shop_at(tmp_path / "shop", seconds=1)
    server.play(turn)
    ended = run(*reviewing(shop, model))
    report = ended.report
    assert (ended.code, report.status, report.verdict) == (3, "partial", offline.verdict)
    assert ended.err == ""
    assert ended.seconds < 1 + SLACK
    assert ids(report) == ids(offline)
    assert all(item.judgement is None for item in report.findings)
    assert report.answers == offline.answers
    (missing,) = report.coverage.not_checked
    assert missing.path == "app.py"
    assert missing.reason.startswith("not explained: ")
    assert re.search(f"{words}|{TOO_LATE}", missing.reason), missing.reason
    assert "\n" not in missing.reason
    assert report.usage.model_calls == len(server.requests) >= 1


def test_a_finding_that_blocks_blocks_whatever_the_model_does(run: Any, tmp_path: Path, server: ScriptedServer) -> None:
    server.play(Failure(400))
    ended = run(*reviewing(shop_at(tmp_path / "shop"), "openai:scripted", "--fail-on", "medium"))
    assert (ended.code, ended.report.status, ended.report.verdict) == (1, "partial", "block")


@MODELS
@pytest.mark.parametrize(
    "first",
    [Failure(429, retry_after="0.05"), Failure(500), Failure(529), Cut(), Answer("Sure!"), Answer('{"findings": [')],
    ids=["429", "500", "529", "cut", "prose", "truncated"],
)
def test_one_broken_answer_is_made_good(
    run: Any, tmp_path: Path, model: str, first: Turn, server: ScriptedServer
) -> None:
    server.play(first, Answer(good))
    ended = run(*reviewing(shop_at(tmp_path / "shop"), model))
    assert (ended.code, ended.report.status, ended.report.usage.model_calls) == (0, "complete", 2)


@MODELS
def test_an_answer_in_a_fence_is_as_good(run: Any, tmp_path: Path, model: str, server: ScriptedServer) -> None:
    server.play(Answer(lambda request: f"```json\n{good(request)}\n```"))
    ended = run(*reviewing(shop_at(tmp_path / "shop"), model))
    assert (ended.code, ended.report.status, len(server.requests)) == (0, "complete", 1)


BIG = "import requests\n" + "".join(f"\n\n{FETCH.replace('fetch', f'fetch_{n}')}" for n in range(6))
"""So much that the answer is streamed."""


@MODELS
@pytest.mark.parametrize("turn", [Cut(), Cut(politely=True), ErrorEvent(), Hang(), Drip()], ids=repr)
def test_a_broken_stream_is_no_different(
    run: Any, tmp_path: Path, model: str, turn: Turn, server: ScriptedServer
) -> None:
    shop = shop_at(tmp_path / "shop", seconds=1, app=BIG)
    server.play(turn)
    ended = run(*reviewing(shop, model))
    assert server.requests[0].json["stream"] is True
    assert (ended.code, ended.report.status) == (3, "partial")
    assert ended.seconds < 1 + SLACK
    assert len(ended.report.coverage.not_checked) == 1


@MODELS
def test_a_long_answer_is_streamed(run: Any, tmp_path: Path, model: str, server: ScriptedServer) -> None:
    ended = run(*reviewing(shop_at(tmp_path / "shop", app=BIG), model))
    assert server.requests[0].json["stream"] is True
    assert (ended.code, ended.report.status, ended.report.usage.output_tokens) == (0, "complete", 200)


def test_who_wants_to_be_left_alone_for_long_is_left_for_the_next(
    run: Any, tmp_path: Path, server: ScriptedServer
) -> None:
    shop = shop_at(tmp_path / "shop", seconds=20, fallbacks=["openai:scripted"])
    server.play(Failure(429, retry_after="300"), Answer(good))
    ended = run(*reviewing(shop, "anthropic:scripted"))
    assert ended.report.status == "complete"
    assert ended.seconds < SLACK
    assert [request.path for request in server.requests] == ["/v1/messages", "/v1/responses"]
    server.play(Failure(429, retry_after="300"))
    shop.commit({"app.py": APP.replace("rows.newest", "rows.oldest")})
    ended = run(*reviewing(shop, "anthropic:scripted"))
    assert (ended.code, ended.report.status) == (3, "partial")
    assert ended.seconds < SLACK
    assert next(a for a in ended.report.answers if a.function == "fetch").calls.startswith("HTTP server: requests.get")


# --- what is not asked


@MODELS
def test_the_same_head_again_asks_nobody_and_a_changed_unit_is_asked_about_alone(
    run: Any, tmp_path: Path, model: str, server: ScriptedServer
) -> None:
    shop = shop_at(tmp_path / "shop")
    first = run(*reviewing(shop, model)).report
    again = run(*reviewing(shop, model)).report
    assert (len(server.requests), again.usage.model_calls, again.usage.cost_usd) == (1, 0, 0.0)
    assert (again.findings, again.answers) == (first.findings, first.answers)
    shop.commit({"app.py": APP.replace("timeout=5", "timeout=50")})
    report = run(*reviewing(shop, model)).report
    assert [functions_in(question(request)) for request in server.requests[1:]] == [["send"]]
    assert report.status == "complete"


@MODELS
def test_another_server_with_a_model_of_the_same_name_is_asked_for_itself(
    run: Any, tmp_path: Path, *, model: str, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = shop_at(tmp_path / "shop")
    run(*reviewing(shop, model))
    with ScriptedServer(Answer(good)) as other:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", other.url)
        monkeypatch.setenv("OPENAI_BASE_URL", f"{other.url}/v1")
        for _ in range(2):
            assert run(*reviewing(shop, model)).report.status == "complete"
        assert (len(server.requests), len(other.requests)) == (1, 1)


def test_what_failed_is_asked_again(run: Any, tmp_path: Path, server: ScriptedServer) -> None:
    shop = shop_at(tmp_path / "shop")
    server.play(Failure(400))
    assert run(*reviewing(shop, "openai:scripted")).code == 3
    server.play(Answer(good))
    assert run(*reviewing(shop, "openai:scripted")).code == 0


def test_nothing_is_sent_offline_or_where_nothing_is_risky(run: Any, tmp_path: Path, server: ScriptedServer) -> None:
    assert run(*reviewing(shop_at(tmp_path / "shop"), "offline")).report.usage.model_calls == 0
    harmless = shop_at(tmp_path / "harmless", app="def add(a, b):\n    return a + b\n")
    ended = run(*reviewing(harmless, "anthropic:scripted"))
    assert (ended.code, ended.report.status, ended.report.usage.cost_usd) == (0, "complete", 0.0)
    assert server.requests == []


@pytest.mark.parametrize(
    ("model", "key"), [("anthropic:scripted", "ANTHROPIC_API_KEY"), ("openai:scripted", "OPENAI_API_KEY")]
)
def test_a_missing_key_is_told_with_what_to_do(
    run: Any, tmp_path: Path, *, model: str, key: str, monkeypatch: pytest.MonkeyPatch, server: ScriptedServer
) -> None:
    for name in ("ANTHROPIC_BASE_URL", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name)
    ended = run(*reviewing(shop_at(tmp_path / "shop"), model))
    assert (ended.code, ended.report.usage.model_calls) == (3, 0)
    assert [item.reason for item in ended.report.coverage.not_checked] == [
        f"not explained: {model}: no key; set {key}, or review offline"
    ]
    assert server.requests == []


def test_a_folder_is_asked_and_answers(run: Any, tmp_path: Path, server: ScriptedServer) -> None:
    shop, folder = shop_at(tmp_path / "shop"), tmp_path / "asked"
    ended = run(*reviewing(shop, f"files:{folder}"))
    # Nothing failed: somebody has yet to answer.
    assert (ended.code, ended.report.status) == (0, "complete")
    assert ended.report.coverage.notes == [
        f"2 of 2 units are not explained: files:{folder}: not answered yet; put HASH.answer.json beside each question"
    ]
    (asked,) = folder.glob("*.request.md")
    text = asked.read_text(encoding="utf-8")
    said = [opinion(name, "confirmed", line) for name, line, _ in findings_in(text)]
    answer = reply(said, [answers(unit, calls="It calls `requests`.") for unit in units_in(text)])
    asked.with_name(asked.name.replace(".request.md", ".answer.json")).write_text(answer, encoding="utf-8")
    report = run(*reviewing(shop, f"files:{folder}")).report
    assert report.coverage.notes == []
    assert {item.judgement.verdict for item in report.findings if item.judgement} == {"confirmed"}
    assert (report.usage.model_calls, report.usage.cost_usd) == (0, 0.0)
    assert server.requests == []


# --- an answer that says less than was asked, or something else


@MODELS
def test_an_answer_about_another_finding_explains_nothing(
    run: Any, tmp_path: Path, model: str, server: ScriptedServer, offline: Report
) -> None:
    server.play(Answer(about_another))
    report = run(*reviewing(shop_at(tmp_path / "shop"), model)).report
    assert (report.status, report.coverage.units_explained, report.coverage.units_unexplained) == ("partial", 0, 2)
    assert [item.reason for item in report.coverage.not_checked] == [
        f"not explained: the answer of {model} leaves it out"
    ]
    assert report.coverage.notes == [
        "2 parts of the model's answers were dropped, for example: finding '000000000000' was not asked about"
    ]
    assert (report.findings, report.answers) == (offline.findings, offline.answers)


def test_a_person_sees_who_was_asked_and_what_it_cost(run: Any, tmp_path: Path, server: ScriptedServer) -> None:
    shop = shop_at(tmp_path / "shop")
    text = reviewing(shop, "anthropic:scripted")
    text[text.index("json")] = "text"
    footer = "Model anthropic:scripted: 2 units explained; 1 call, 1,000 tokens in (400 of them cached), 200 out, 0.0264 USD."
    assert footer in " ".join(run(*text).out.split())
    server.play(Failure(400))
    shop.commit({"app.py": APP.replace("timeout=5", "timeout=50")})
    out = " ".join(run(*text).out.split())
    assert "NOT CHECKED app.py: not explained: anthropic:scripted: HTTP 400: scripted failure" in out
    assert "Model anthropic:scripted: 1 of 2 units NOT explained; 1 call, 0 tokens in, 0 out, no cost." in out
    assert "Not complete: " in out


# --- explain


def explaining(shop: GitBuilder, model: str, *more: str) -> list[str]:
    return ["explain", "app.py::fetch", "--repo", str(shop.root), "--model", model, *more]


@MODELS
def test_explain_tells_in_the_models_words(run: Any, tmp_path: Path, model: str, server: ScriptedServer) -> None:
    shop = shop_at(tmp_path / "shop")
    ended = run(*explaining(shop, model))
    assert (ended.code, ended.err) == (0, "")
    told = " ".join(ended.out.split())
    assert f"fetch app.py:4 in the words of {model} What it calls It calls `requests`." in told
    assert f"Model {model}: 1 unit explained; 1 call, 1,000 tokens in (400 of them cached), 200 out" in told
    assert functions_in(question(server.requests[0])) == ["fetch"]
    ended = run(*explaining(shop, model, "--format", "json"))
    (answer,) = json.loads(ended.out)
    assert (answer["calls"], answer["by"]) == ("It calls `requests`.", model)
    assert ended.err == f"reviewer: Model {model}: 1 unit explained; 0 calls, 0 tokens in, 0 out, no cost.\n"
    assert len(server.requests) == 1


@MODELS
@pytest.mark.parametrize("kind", ["429", "500", "a cut body", "prose", "a refusal", "a hang"])
def test_explain_falls_back_to_its_own_words_and_says_so(
    run: Any, tmp_path: Path, *, model: str, kind: str, server: ScriptedServer
) -> None:
    turn, words = BROKEN[kind]
    server.play(turn)
    shop = shop_at(tmp_path / "shop", seconds=1)
    ended = run(*explaining(shop, model))
    assert ended.code == 3
    assert ended.seconds < 1 + SLACK
    assert ended.err.startswith("reviewer: not explained: ")
    assert re.search(f"{words}|{TOO_LATE}", ended.err)
    assert ended.err.count("\n") == 1
    offline = run(*explaining(shop, "offline"))
    assert (offline.code, offline.err) == (0, "")
    assert ended.out.startswith(offline.out)
    assert f"Model {model}: 1 of 1 unit NOT explained" in " ".join(ended.out.split())


def test_explain_asks_a_folder_and_takes_its_answer(run: Any, tmp_path: Path, server: ScriptedServer) -> None:
    shop, folder = shop_at(tmp_path / "shop"), tmp_path / "asked"
    ended = run(*explaining(shop, f"files:{folder}"))
    assert ended.code == 0
    assert ended.err == (
        f"reviewer: 1 of 1 units are not explained: files:{folder}: not answered yet; "
        "put HASH.answer.json beside each question\n"
    )
    assert ended.out.startswith(run(*explaining(shop, "offline")).out)
    (asked,) = folder.glob("*.request.md")
    (unit,) = units_in(asked.read_text(encoding="utf-8"))
    answer = reply(units=[answers(unit, calls="It calls `requests`.", throws="`frob` throws.")])
    asked.with_name(asked.name.replace(".request.md", ".answer.json")).write_text(answer, encoding="utf-8")
    ended = run(*explaining(shop, f"files:{folder}", "--format", "json"))
    (answered,) = json.loads(ended.out)
    assert (answered["calls"], answered["by"]) == ("It calls `requests`.", f"files:{folder}")
    assert "frob" not in answered["throws"]
    assert ended.code == 0
    assert server.requests == []


def test_explain_without_a_key_says_what_to_do(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: ScriptedServer
) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name)
    ended = run(*explaining(shop_at(tmp_path / "shop"), "openai:scripted"))
    assert ended.code == 3
    assert ended.err == "reviewer: not explained: openai:scripted: no key; set OPENAI_API_KEY, or review offline\n"
    assert server.requests == []


# --- secrets


@MODELS
def test_no_secret_is_among_the_bytes_that_are_sent(
    run: Any, tmp_path: Path, model: str, server: ScriptedServer
) -> None:
    units = [
        f"\n\ndef call_{number}(log):\n"
        f"    # the old key was {token}\n"
        f'    log(f"used {token} for it")\n'
        f'    return requests.get("https://api.example/?key={token}", headers={{"authorization": "{token}"}})\n'
        for number, token in enumerate(TOKENS.values())
    ]
    shop = shop_at(tmp_path / "shop", app="import requests\n" + "".join(units))
    named = {
        f"keys/{token}{end}.py": "import requests\n\n\n"
        f"def {token if token.isidentifier() else 'fetch'}(url):\n    return requests.get(url){'.text' * twice}\n"
        for twice, end in enumerate(("", "/a"))
        for token in TOKENS.values()
        if "//" not in token
    }
    shop.commit(named)
    shop.git("commit", "-q", "--allow-empty", "-m", "Rotate " + TOKENS["GitHub classic token"])
    report = run(*reviewing(shop, model)).report
    assert len(TOKENS) >= 40
    assert sum(len(units_in(question(request))) for request in server.requests) == len(TOKENS) + len(named)
    sent = b"".join(request.raw for request in server.requests)
    assert [kind for kind, token in TOKENS.items() if token.encode() in sent] == []
    assert report.status == "complete"
    assert {item.path for item in report.findings if item.judgement is not None} == {"app.py", *named}
