"""Asks models in tests: each question in a loop of its own, with everything closed afterwards."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from reviewer.domain.model import ModelReply, ModelRequest
from reviewer.errors import ModelError
from reviewer.llm.anthropic import AnthropicModel
from reviewer.llm.openai import OpenAIModel
from reviewer.ports import LanguageModel
from tests.llm.scripted_server import ScriptedServer

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "verdict": {"enum": ["confirmed", "doubted"]},
        "line": {"type": "integer", "minimum": 1},
        "words": {"type": "string", "maxLength": 80},
    },
    "required": ["verdict"],
    "additionalProperties": False,
}
REQUEST = ModelRequest(
    prompt="explain",
    version="3",
    system="You judge findings.",
    text="Is the finding in `f()` right? It says: « naïve »",
    schema=SCHEMA,
    answer_tokens=200,
)
STREAMED = replace(REQUEST, answer_tokens=20_000)
"""A question whose answer may be so long that it is streamed."""

OpenAt = Callable[[ScriptedServer], LanguageModel]


def anthropic_at(server: ScriptedServer) -> AnthropicModel:
    return AnthropicModel("scripted", base_url=server.url, api_key="sk-test-key")


def openai_at(server: ScriptedServer) -> OpenAIModel:
    return OpenAIModel("scripted", base_url=f"{server.url}/v1", api_key="sk-test-key")


PROVIDERS = pytest.mark.parametrize(
    "open_at", [pytest.param(anthropic_at, id="anthropic"), pytest.param(openai_at, id="openai")]
)


def run(model: LanguageModel, work: Callable[[LanguageModel], Awaitable[Any]]) -> Any:
    """Do some work with a model in a loop, and close it there."""

    async def whole() -> Any:
        try:
            return await work(model)
        finally:
            await model.close()

    return asyncio.run(whole())


def ask(model: LanguageModel, request: ModelRequest = REQUEST, seconds: float = 10.0) -> ModelReply:
    """The reply to one question."""
    reply = run(model, lambda model: model.ask(request, seconds))
    assert isinstance(reply, ModelReply)
    return reply


def failure(model: LanguageModel, request: ModelRequest = REQUEST, seconds: float = 10.0) -> ModelError:
    """Why there is no reply; whatever the reason, it is one line that a person can read."""
    with pytest.raises(ModelError) as caught:
        ask(model, request, seconds)
    error = caught.value
    assert str(error) == f"{error.model}: {error.reason}"
    assert "\n" not in str(error)
    assert len(str(error)) < 600
    return error


def warm_up() -> None:
    """Load both SDKs and all that they load late: it takes seconds, which are no part of a time that is measured."""
    with ScriptedServer() as server:
        for open_at in (anthropic_at, openai_at):
            for request in (REQUEST, STREAMED):
                # Whoever runs the tests may have a proxy that keeps this from arriving; all is loaded then, too.
                with contextlib.suppress(ModelError):
                    run(open_at(server), partial(_asked, request))


async def _asked(request: ModelRequest, model: LanguageModel) -> ModelReply:
    return await model.ask(request, 120)
