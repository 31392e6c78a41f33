"""What is particular to Anthropic's interface, on the wire."""

from __future__ import annotations

from dataclasses import replace

import anthropic
import pytest

from reviewer.ports import LanguageModel
from tests.llm.asking import REQUEST, STREAMED, anthropic_at, ask, failure, run
from tests.llm.scripted_server import MESSAGES, Answer, Failure, Raw, ScriptedServer


def test_the_question_goes_out_with_its_schema_and_a_mark_for_the_cache(server: ScriptedServer) -> None:
    ask(anthropic_at(server))
    sent = server.requests[0]
    assert sent.path == MESSAGES
    assert sent.headers["authorization"] == "Bearer sk-test-key"
    assert sent.json == {
        "model": "scripted",
        "max_tokens": 200,
        "system": [{"type": "text", "text": REQUEST.system, "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": REQUEST.text}],
        "output_config": {
            "format": {
                "type": "json_schema",
                "schema": {
                    "type": "object",
                    "properties": {
                        "verdict": {"enum": ["confirmed", "doubted"]},
                        # The interface knows no bounds; the SDK tells of them in words.
                        "line": {"type": "integer", "description": "{minimum: 1}"},
                        "words": {"type": "string", "description": "{maxLength: 80}"},
                    },
                    "required": ["verdict"],
                    "additionalProperties": False,
                },
            }
        },
    }


def test_the_schema_of_the_question_is_left_as_it_was(server: ScriptedServer) -> None:
    before = repr(REQUEST.schema)
    ask(anthropic_at(server))
    assert repr(REQUEST.schema) == before


def test_a_long_answer_is_streamed_and_not_refused_before_it_is_sent(server: ScriptedServer) -> None:
    with pytest.raises(ValueError, match="Streaming is required"):
        anthropic.Anthropic(api_key="k", base_url=server.url, max_retries=0).messages.create(
            model="m", max_tokens=30_000, messages=[{"role": "user", "content": "x"}]
        )
    server.play(Answer("x" * 1000))
    assert ask(anthropic_at(server), replace(REQUEST, answer_tokens=30_000)).text == "x" * 1000
    assert server.requests[0].json["stream"] is True


@pytest.mark.parametrize("request_", [REQUEST, STREAMED], ids=["whole", "streamed"])
def test_a_server_that_refuses_the_schema_gets_it_in_words_from_then_on(
    server: ScriptedServer, request_: object
) -> None:
    server.refuses = {"output_config"}

    async def ask_twice(model: LanguageModel) -> list[int]:
        request = STREAMED if request_ is STREAMED else REQUEST
        return [(await model.ask(request, 10)).calls for _ in range(2)]

    assert run(anthropic_at(server), ask_twice) == [2, 1]
    first, *others = (request.json for request in server.requests)
    assert "output_config" in first
    for sent in others:
        assert "output_config" not in sent
        assert '"maxLength": 80' in sent["system"][0]["text"]


def test_another_bad_request_is_not_asked_again(server: ScriptedServer) -> None:
    server.play(Failure(400, message="prompt is too long"))
    error = failure(anthropic_at(server))
    assert (error.calls, error.again) == (1, False)


def test_thinking_and_unknown_blocks_are_no_part_of_the_answer(server: ScriptedServer) -> None:
    server.play(
        Raw(
            b'{"content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "a"}, {"type": "new"}, 7,'
            b' {"type": "text", "text": "b"}], "stop_reason": "end_turn"}'
        )
    )
    assert ask(anthropic_at(server)).text == "ab"


@pytest.mark.parametrize("reason", ['"pause_turn"', '"tool_use"', '"from the future"', "null", "[]"])
def test_a_stop_that_is_not_known_is_neither_success_nor_failure(server: ScriptedServer, reason: str) -> None:
    server.play(Raw(b'{"content": [], "stop_reason": %s}' % reason.encode()))
    assert ask(anthropic_at(server)).stop == "other"


def test_usage_that_is_no_number_counts_as_none(server: ScriptedServer) -> None:
    server.play(
        Raw(b'{"content": [], "usage": {"input_tokens": "9", "output_tokens": -3, "cache_read_input_tokens": 4}}')
    )
    tokens = ask(anthropic_at(server)).tokens
    assert (tokens.input, tokens.output, tokens.cached) == (4, 0, 4)
