"""What is particular to OpenAI's interfaces, on the wire."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from reviewer.domain.model import ModelReply, Tokens
from reviewer.ports import LanguageModel
from tests.llm.asking import REQUEST, STREAMED, ask, failure, openai_at, run
from tests.llm.scripted_server import COMPLETIONS, RESPONSES, Answer, Failure, Raw, ScriptedServer

STRICT = {
    "type": "object",
    "properties": {
        "verdict": {"enum": ["confirmed", "doubted"]},
        "line": {"type": "integer", "minimum": 1},
        "words": {"type": "string", "maxLength": 80},
    },
    "required": ["verdict", "line", "words"],
    "additionalProperties": False,
}


def paths(server: ScriptedServer) -> list[str]:
    return [request.path for request in server.requests]


def test_the_question_goes_out_with_a_strict_schema_and_is_not_to_be_stored(server: ScriptedServer) -> None:
    ask(openai_at(server))
    sent = server.requests[0]
    assert sent.path == RESPONSES
    assert sent.headers["authorization"] == "Bearer sk-test-key"
    assert sent.json == {
        "model": "scripted",
        "instructions": REQUEST.system,
        "input": REQUEST.text,
        "max_output_tokens": 200,
        "store": False,
        "text": {"format": {"type": "json_schema", "name": "explain", "schema": STRICT, "strict": True}},
    }


@pytest.mark.parametrize("status", [404, 405, 501])
@pytest.mark.parametrize("request_", [REQUEST, STREAMED], ids=["whole", "streamed"])
def test_a_server_without_responses_is_asked_for_a_completion_from_then_on(
    server: ScriptedServer, status: int, request_: object
) -> None:
    server.play(Failure(status, message="Not Found"), Answer('{"verdict": "doubted"}', cached=9, written=1))

    async def ask_twice(model: LanguageModel) -> list[ModelReply]:
        request = STREAMED if request_ is STREAMED else REQUEST
        return [await model.ask(request, 10) for _ in range(2)]

    first, second = run(openai_at(server), ask_twice)
    reply = ModelReply('{"verdict": "doubted"}', "openai:scripted", Tokens(100, 20, 9, 1), "end", 2)
    assert (first, second) == (reply, replace(reply, calls=1))
    assert paths(server) == [RESPONSES, COMPLETIONS, COMPLETIONS]
    sent = server.requests[1].json
    assert sent["messages"] == [
        {"role": "system", "content": REQUEST.system},
        {"role": "user", "content": REQUEST.text},
    ]
    assert sent["response_format"]["json_schema"] == {"name": "explain", "schema": STRICT, "strict": True}


def test_a_model_that_is_not_there_is_no_missing_interface(server: ScriptedServer) -> None:
    server.play(Failure(404, message="no such model", kind="model_not_found"))
    error = failure(openai_at(server))
    assert paths(server) == [RESPONSES]
    assert "check the model's name and OPENAI_BASE_URL" in error.reason


def test_an_address_where_nothing_is_answers_neither_way(server: ScriptedServer) -> None:
    server.missing = {RESPONSES, COMPLETIONS}
    error = failure(openai_at(server))
    assert (error.calls, error.again) == (2, False)
    assert "check the model's name and OPENAI_BASE_URL" in error.reason


@pytest.mark.parametrize(
    ("missing", "parameter"), [(set(), "text"), ({RESPONSES}, "response_format")], ids=["responses", "completions"]
)
def test_a_server_that_refuses_the_schema_gets_it_in_words_from_then_on(
    server: ScriptedServer, missing: set[str], parameter: str
) -> None:
    server.missing = missing
    server.play(Failure(400, message="'json_schema' is not supported by this model"), Answer())

    async def ask_twice(model: LanguageModel) -> list[int]:
        return [(await model.ask(REQUEST, 10)).calls for _ in range(2)]

    calls = 2 + len(missing)
    assert run(openai_at(server), ask_twice) == [calls, 1]
    for request in server.requests[-2:]:
        assert parameter not in request.json
        assert '"maxLength": 80' in request.body.decode().replace("\\", "")


def test_another_bad_request_is_not_asked_again(server: ScriptedServer) -> None:
    server.play(Failure(400, message="maximum context length is 8192 tokens"))
    assert failure(openai_at(server)).calls == 1


def test_what_was_learned_from_a_failure_is_forgotten(server: ScriptedServer) -> None:
    server.play(Failure(404, message="deploying"), Failure(503), Answer())

    async def ask_twice(model: LanguageModel) -> None:
        with pytest.raises(Exception, match="HTTP 503"):
            await model.ask(REQUEST, 10)
        await model.ask(REQUEST, 10)

    run(openai_at(server), ask_twice)
    assert paths(server) == [RESPONSES, COMPLETIONS, RESPONSES]


def test_an_answer_of_all_the_tokens_that_were_allowed_is_a_cut_one(server: ScriptedServer) -> None:
    server.play(Answer('{"verdict": "conf', output=REQUEST.answer_tokens))
    assert ask(openai_at(server)).stop == "length"


@pytest.mark.parametrize(
    ("reason", "stop"), [("max_output_tokens", "length"), ("content_filter", "refusal"), ("steered", "other")]
)
def test_why_a_response_is_incomplete_is_told(server: ScriptedServer, reason: str, stop: str) -> None:
    body: dict[str, object] = {
        "status": "incomplete",
        "incomplete_details": {"reason": reason},
        "output": [],
        "error": None,
    }
    server.play(Raw(json.dumps(body).encode()))
    assert ask(openai_at(server)).stop == stop


def test_a_response_that_failed_is_an_error(server: ScriptedServer) -> None:
    server.play(Raw(b'{"status": "failed", "error": {"code": "server_error", "message": "oh"}, "output": []}'))
    error = failure(openai_at(server))
    assert error.again
    assert "HTTP 500: oh; " in error.reason


@pytest.mark.parametrize(
    ("choice", "reply"),
    [
        ({"message": {"content": "a"}, "finish_reason": "stop"}, ("a", "end")),
        ({"message": {"content": "a"}, "finish_reason": "length"}, ("a", "length")),
        ({"message": {"content": None, "refusal": "no"}, "finish_reason": "stop"}, ("no", "refusal")),
        ({"message": {"content": ""}, "finish_reason": "content_filter"}, ("", "refusal")),
        ({"message": {"content": None, "tool_calls": [{}]}, "finish_reason": "tool_calls"}, ("", "other")),
        ({"message": None, "finish_reason": None}, ("", "other")),
        ({}, ("", "other")),
    ],
)
def test_why_a_completion_ended_is_told(server: ScriptedServer, choice: object, reply: tuple[str, str]) -> None:
    server.missing = {RESPONSES}
    server.play(Raw(json.dumps({"choices": [choice]}).encode()))
    got = ask(openai_at(server))
    assert (got.text, got.stop) == reply


@pytest.mark.parametrize("body", [b'{"choices": []}', b'{"choices": null}', b'{"choices": [1]}', b"{}"])
def test_a_completion_without_a_choice_is_no_answer(server: ScriptedServer, body: bytes) -> None:
    server.missing = {RESPONSES}
    server.play(Raw(body))
    assert "does not answer as this interface does" in failure(openai_at(server)).reason


def test_the_name_of_the_schema_is_one_that_the_interface_takes(server: ScriptedServer) -> None:
    ask(openai_at(server), replace(REQUEST, prompt="explain/ünit " + "x" * 100))
    name = server.requests[0].json["text"]["format"]["name"]
    assert name.startswith("explain__nit_")
    assert len(name) == 64
