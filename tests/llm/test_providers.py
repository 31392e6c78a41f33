"""What holds for both providers, each asked through its real SDK on loopback."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import anthropic  # noqa: F401 - loaded before any time is measured
import openai  # noqa: F401
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.domain.model import ModelReply, ModelRequest, Stop, Tokens
from reviewer.errors import ModelError
from reviewer.llm.anthropic import AnthropicModel
from reviewer.llm.openai import OpenAIModel
from reviewer.ports import LanguageModel
from tests.llm.asking import PROVIDERS, REQUEST, STREAMED, OpenAt, anthropic_at, ask, failure, openai_at, run
from tests.llm.scripted_server import (
    MESSAGES,
    RESPONSES,
    Answer,
    Cut,
    Drip,
    ErrorEvent,
    Failure,
    Hang,
    Raw,
    Recorded,
    ScriptedServer,
    body_of,
)

BOTH_WAYS = pytest.mark.parametrize(
    "request_", [pytest.param(REQUEST, id="whole"), pytest.param(STREAMED, id="streamed")]
)


@PROVIDERS
@BOTH_WAYS
def test_the_answer_comes_with_what_it_took(server: ScriptedServer, open_at: OpenAt, request_: ModelRequest) -> None:
    server.play(Answer('{"verdict": "naïve"}', input=100, cached=60, written=10, output=7))
    model = open_at(server)
    reply = ask(model, request_)
    assert reply == ModelReply(
        '{"verdict": "naïve"}', model.name, Tokens(input=100, output=7, cached=60, written=10), "end", 1
    )
    assert bool(server.requests[0].json.get("stream")) is (request_ is STREAMED)


@PROVIDERS
@BOTH_WAYS
@pytest.mark.parametrize("stop", ["length", "refusal"])
def test_why_an_answer_ended_is_told(
    server: ScriptedServer, open_at: OpenAt, request_: ModelRequest, stop: Stop
) -> None:
    server.play(Answer('{"verdict": "conf', stop=stop))
    reply = ask(open_at(server), request_)
    assert (reply.stop, reply.text) == (stop, '{"verdict": "conf')
    assert reply.tokens == Tokens(100, 20)


@PROVIDERS
@pytest.mark.parametrize(
    "message",
    [
        "max_tokens: 9000 > 8192, which is the maximum allowed number of output tokens for some-model-20241022",
        "max_output_tokens is too large: 9000. This model supports at most 8,192 completion tokens",
        "This model's maximum context length is 16384 tokens. However, you requested 17192 tokens (8192 in the prompt",
    ],
)
def test_a_model_of_shorter_answers_is_asked_for_as_much_as_it_gives(
    server: ScriptedServer, open_at: OpenAt, message: str
) -> None:
    server.play(Failure(400, message=message, kind="invalid_request_error"), Answer())
    model = open_at(server)
    request = replace(REQUEST, answer_tokens=9000)

    async def twice(_: LanguageModel) -> list[ModelReply]:
        return [await model.ask(request, 10.0), await model.ask(request, 10.0)]

    replies = run(model, twice)
    most = [one.json.get("max_tokens") or one.json["max_output_tokens"] for one in server.requests]
    assert ([reply.calls for reply in replies], most) == ([2, 1], [9000, 8192, 8192])


@PROVIDERS
@pytest.mark.parametrize(
    "message", ["max_tokens: must be a number", "max_tokens: at most 7 of 9000", "there are 300 problems"]
)
def test_a_refusal_that_names_no_smaller_limit_stands(server: ScriptedServer, open_at: OpenAt, message: str) -> None:
    server.play(Failure(400, message=message, kind="invalid_request_error"))
    assert failure(open_at(server), replace(REQUEST, answer_tokens=9000)).calls == 1


@PROVIDERS
@pytest.mark.parametrize(
    "text",
    ['```json\n{"verdict": "confirmed"}\n```', '{"verdict": "conf', '{"other": 1}', "I am sorry", ""],
    ids=["fenced", "truncated", "wrong schema", "prose", "empty"],
)
def test_an_answer_that_breaks_the_schema_is_handed_on_with_its_usage(
    server: ScriptedServer, open_at: OpenAt, text: str
) -> None:
    server.play(Answer(text))
    reply = ask(open_at(server))
    assert (reply.text, reply.tokens) == (text, Tokens(100, 20))


@PROVIDERS
@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
def test_a_failure_that_may_pass_invites_to_ask_again_and_is_not_repeated_here(
    server: ScriptedServer, open_at: OpenAt, status: int
) -> None:
    server.play(Failure(status), Answer())
    error = failure(open_at(server))
    assert (error.again, error.after, error.calls) == (True, None, 1)
    assert f"HTTP {status}: scripted failure; " in error.reason
    assert len(server.requests) == 1


@PROVIDERS
@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (400, "take another model"),
        (401, "_API_KEY to a valid one"),
        (402, "no credit left"),
        (403, "may not use this model"),
        (404, "check the model's name and "),
        (413, "review a smaller change"),
    ],
)
def test_a_failure_that_stays_says_what_to_do(
    server: ScriptedServer, open_at: OpenAt, status: int, advice: str
) -> None:
    server.play(Failure(status, kind="model_not_found" if status == 404 else ""))
    error = failure(open_at(server))
    assert not error.again
    assert advice in error.reason


@PROVIDERS
@pytest.mark.parametrize(
    ("header", "after"), [("9", 9.0), ("300", 300.0), ("0.25", 0.25), ("soon", None), ("-5", None)]
)
def test_what_the_provider_wants_is_reported_and_never_slept(
    server: ScriptedServer, open_at: OpenAt, header: str, after: float | None
) -> None:
    server.play(Failure(429, header))
    start = time.monotonic()
    error = failure(open_at(server), seconds=2)
    assert (error.again, error.after) == (True, after)
    assert time.monotonic() - start < 8


@PROVIDERS
def test_a_moment_to_come_back_is_turned_into_seconds(server: ScriptedServer, open_at: OpenAt) -> None:
    server.play(Failure(503, format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)))
    after = failure(open_at(server)).after
    assert after is not None
    assert 50 < after <= 60


@PROVIDERS
def test_an_account_without_credit_is_not_asked_again(server: ScriptedServer, open_at: OpenAt) -> None:
    server.play(Failure(429, "1", kind="insufficient_quota"))
    error = failure(open_at(server))
    assert (error.again, error.after) == (False, None)
    assert "top it up" in error.reason


@PROVIDERS
def test_the_provider_has_the_last_word_on_asking_again(server: ScriptedServer, open_at: OpenAt) -> None:
    server.play(Failure(500, headers={"x-should-retry": "false"}))
    assert not failure(open_at(server)).again
    server.play(Failure(400, headers={"x-should-retry": "true"}))
    assert failure(open_at(server)).again


@PROVIDERS
@BOTH_WAYS
def test_an_answer_that_breaks_off_is_a_failure_that_may_pass(
    server: ScriptedServer, open_at: OpenAt, request_: ModelRequest
) -> None:
    server.play(Cut())
    error = failure(open_at(server), request_)
    assert error.again
    assert "the answer broke off" in error.reason


@PROVIDERS
def test_a_stream_that_ends_in_order_but_too_early_is_no_answer(server: ScriptedServer, open_at: OpenAt) -> None:
    server.play(Cut(politely=True))
    error = failure(open_at(server), STREAMED)
    assert error.again
    assert "the stream ended without" in error.reason


@pytest.mark.parametrize(
    ("open_at", "kind"),
    [(anthropic_at, "overloaded_error"), (openai_at, "server_error")],
    ids=["anthropic", "openai"],
)
def test_an_error_event_counts_as_the_error_that_it_tells_of(
    server: ScriptedServer, open_at: OpenAt, kind: str
) -> None:
    server.play(ErrorEvent(kind, "Overloaded"))
    error = failure(open_at(server), STREAMED)
    assert error.again
    assert "HTTP 5" in error.reason
    assert "HTTP 200" not in error.reason
    server.play(ErrorEvent("invalid_request_error" if kind == "overloaded_error" else "invalid_prompt", "no"))
    assert not failure(open_at(server), STREAMED).again


@PROVIDERS
@pytest.mark.parametrize("turn", [Hang(), Drip()], ids=["hang", "drip"])
@BOTH_WAYS
def test_a_call_ends_when_its_answer_is_of_no_use_any_more(
    server: ScriptedServer, open_at: OpenAt, turn: Hang | Drip, request_: ModelRequest
) -> None:
    server.play(turn)
    start = time.monotonic()
    error = failure(open_at(server), request_, seconds=0.3)
    assert time.monotonic() - start < 15
    assert (error.again, error.calls) == (True, 1)
    assert "no answer within 0.3 s" in error.reason


@PROVIDERS
def test_without_time_nothing_is_sent(server: ScriptedServer, open_at: OpenAt) -> None:
    assert failure(open_at(server), seconds=0).calls == 0
    assert server.requests == []


@PROVIDERS
def test_a_cancelled_call_stays_cancelled(server: ScriptedServer, open_at: OpenAt) -> None:
    server.play(Hang())

    async def cancel(model: LanguageModel) -> None:
        task = asyncio.create_task(model.ask(REQUEST, 30))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(open_at(server), cancel)


@pytest.mark.parametrize(
    "model",
    [
        AnthropicModel("m", base_url="http://127.0.0.1:1", api_key="k"),
        OpenAIModel("m", base_url="http://127.0.0.1:1/v1", api_key="k"),
    ],
    ids=["anthropic", "openai"],
)
def test_nobody_at_the_address_is_told_with_the_address(model: LanguageModel) -> None:
    error = failure(model)
    assert error.again
    assert "no connection to http://127.0.0.1:1 (" in error.reason
    assert "_BASE_URL" in error.reason


@pytest.mark.parametrize("url", ["ftp://x/v1", "no address", "http://[::1", "http://user:s3cret@127.0.0.1:1/v1"])
@pytest.mark.parametrize("kind", [AnthropicModel, OpenAIModel])
def test_an_address_that_is_none_is_told_with_where_it_comes_from(
    kind: type[AnthropicModel | OpenAIModel], url: str
) -> None:
    error = failure(kind("m", base_url=url, api_key="k"))
    assert "_BASE_URL" in error.reason
    assert "s3cret" not in error.reason


@PROVIDERS
@pytest.mark.parametrize("status", [301, 307, 308])
def test_what_is_asked_goes_nowhere_but_to_the_address_that_was_named(
    server: ScriptedServer, open_at: OpenAt, status: int
) -> None:
    with ScriptedServer() as elsewhere:
        server.play(Failure(status, headers={"location": f"{elsewhere.url}{MESSAGES}"}))
        error = failure(open_at(server))
        assert elsewhere.requests == []
    assert not error.again
    assert "the address has moved; set " in error.reason


@PROVIDERS
def test_certificates_that_cannot_be_read_are_told(
    server: ScriptedServer, open_at: OpenAt, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    error = failure(open_at(server))
    assert (error.again, error.calls) == (False, 0)
    assert "SSL_CERT_FILE" in error.reason


@pytest.mark.parametrize(("kind", "variable"), [(AnthropicModel, "ANTHROPIC_API_KEY"), (OpenAIModel, "OPENAI_API_KEY")])
def test_without_a_key_the_provider_is_not_asked(kind: type[AnthropicModel | OpenAIModel], variable: str) -> None:
    error = failure(kind("m"))
    assert (error.again, error.calls) == (False, 0)
    assert f"no key; set {variable}" in error.reason


@pytest.mark.parametrize(("kind", "variable"), [(AnthropicModel, "ANTHROPIC"), (OpenAIModel, "OPENAI")])
def test_address_and_key_come_from_the_environment(
    server: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[AnthropicModel | OpenAIModel],
    variable: str,
) -> None:
    monkeypatch.setenv(f"{variable}_BASE_URL", server.url if variable == "ANTHROPIC" else f"{server.url}/v1")
    assert ask(kind("m")).text == "{}"
    # A local server needs no key; the SDKs want to send one.
    assert server.requests[0].headers["authorization"] == "Bearer none"
    monkeypatch.setenv(f"{variable}_API_KEY", "sk-of-the-environment\n")
    assert ask(kind("m")).text == "{}"
    assert server.requests[1].headers["authorization"] == "Bearer sk-of-the-environment"


def test_a_gateway_token_is_used_where_there_is_one(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "gateway-token")
    ask(AnthropicModel("m", base_url=server.url))
    assert server.requests[0].headers["authorization"] == "Bearer gateway-token"


@PROVIDERS
def test_the_key_is_never_repeated(server: ScriptedServer, open_at: OpenAt) -> None:
    server.play(Failure(401, message="Incorrect API key provided: sk-test-key"))
    reason = failure(open_at(server)).reason
    assert "sk-test-key" not in reason
    assert "provided: ***" in reason


@pytest.mark.parametrize("kind", [AnthropicModel, OpenAIModel])
@pytest.mark.parametrize("key", ["sk-tëst", "sk-te\nst"])
def test_a_key_that_no_header_can_hold_is_told_without_repeating_it(
    kind: type[AnthropicModel | OpenAIModel], key: str
) -> None:
    error = failure(kind("m", base_url="http://127.0.0.1:1", api_key=key))
    assert (error.again, error.calls) == (False, 0)
    assert "characters that no key has" in error.reason
    assert key not in error.reason


@PROVIDERS
def test_what_a_provider_says_is_shown_on_one_short_line(server: ScriptedServer, open_at: OpenAt) -> None:
    server.play(Failure(500, message="a\x1b[31m\nb\u202e" + "c" * 10_000))
    reason = failure(open_at(server)).reason
    assert reason.isprintable()


@PROVIDERS
@pytest.mark.parametrize(
    ("body", "content_type", "again"),
    [
        (b"<html>Sign in to the network</html>", "text/html", True),
        (b'{"id": "msg_1", "cont', "application/json", True),
        (b"\xff\xfe\xfa", "application/json", True),
        (b"[" * 100_000, "application/json", True),
        (b"[1]", "application/json", True),
        (b'{"status": "fine"}', "application/json", False),
    ],
    ids=["page", "cut JSON", "bytes", "deep", "list", "other interface"],
)
def test_a_successful_answer_that_is_none_names_the_address(
    server: ScriptedServer, open_at: OpenAt, body: bytes, content_type: str, again: bool
) -> None:
    server.play(Raw(body, content_type))
    error = failure(open_at(server))
    assert error.again is again
    assert server.url in error.reason
    assert "_BASE_URL" in error.reason


@PROVIDERS
def test_an_error_inside_a_successful_answer_counts_as_one(server: ScriptedServer, open_at: OpenAt) -> None:
    server.play(Raw(b'{"error": {"code": 429, "message": "slow down"}}'))
    error = failure(open_at(server))
    assert error.again
    assert "HTTP 429: slow down; " in error.reason


@PROVIDERS
def test_half_a_surrogate_pair_neither_goes_out_nor_comes_in(server: ScriptedServer, open_at: OpenAt) -> None:
    server.play(Answer('{"a": "\ud83d"}'))
    reply = ask(open_at(server), replace(REQUEST, text="caf\udce9.py", system="\ud800"))
    assert reply.text == '{"a": "?"}'
    assert "caf?.py" in server.requests[0].body.decode()


@PROVIDERS
def test_questions_at_the_same_time_do_not_mix(server: ScriptedServer, open_at: OpenAt) -> None:
    server.play(Answer(lambda request: "seven" if "question 7" in request.body.decode() else "other"))

    async def ask_many(model: LanguageModel) -> list[ModelReply]:
        return await asyncio.gather(*(model.ask(replace(REQUEST, text=f"question {n}"), 10) for n in range(10)))

    replies = run(open_at(server), ask_many)
    assert [n for n, reply in enumerate(replies) if reply.text == "seven"] == [7]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@PROVIDERS
def test_no_broken_body_becomes_anything_but_a_reply_or_a_model_error(server: ScriptedServer, open_at: OpenAt) -> None:
    path = MESSAGES if open_at is anthropic_at else RESPONSES
    body = body_of(Recorded(path, {}, b"", b""), Answer())
    model = open_at(server)

    def spoil(value: object, data: st.DataObject) -> object:
        if data.draw(st.integers(0, 9)) == 0:
            return data.draw(json_values)
        if isinstance(value, dict):
            return {key: spoil(inner, data) for key, inner in value.items() if data.draw(st.integers(0, 19))}
        if isinstance(value, list):
            return [spoil(inner, data) for inner in value]
        return value

    with asyncio.Runner() as runner:

        @settings(max_examples=80)
        @given(data=st.data())
        def check(data: st.DataObject) -> None:
            server.play(Raw(json.dumps(spoil(body, data)).encode()))
            try:
                reply = runner.run(model.ask(REQUEST, 10))
            except ModelError as error:
                assert "\n" not in str(error)
            else:
                assert isinstance(reply.text, str)
                assert min(reply.tokens.input, reply.tokens.output, reply.tokens.cached, reply.tokens.written) >= 0
                assert reply.stop in ("end", "length", "refusal", "other")

        check()
        runner.run(model.close())


@PROVIDERS
def test_no_broken_stream_becomes_anything_but_a_reply_or_a_model_error(
    server: ScriptedServer, open_at: OpenAt
) -> None:
    names = ["message_start", "content_block_delta", "message_delta", "error", "response.completed", ""]
    model = open_at(server)

    with asyncio.Runner() as runner:

        @settings(max_examples=60)
        @given(events=st.lists(st.tuples(st.sampled_from(names), json_values, st.booleans()), max_size=5))
        def check(events: list[tuple[str, object, bool]]) -> None:
            lines = [
                f"event: {name}\ndata: {json.dumps({'type': name, 'delta': value, 'message': value, 'response': value} if right else value)}\n\n"
                for name, value, right in events
            ]
            server.play(Raw("".join(lines).encode(), "text/event-stream"))
            try:
                reply = runner.run(model.ask(STREAMED, 10))
            except ModelError as error:
                assert "\n" not in str(error)
            else:
                assert isinstance(reply.text, str)

        check()
        runner.run(model.close())
