"""OpenAI's Responses interface, and the many servers that speak it or its elder, chat completions."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reviewer.domain.model import ModelReply, ModelRequest, Stop, Tokens
from reviewer.llm.attempt import attempt, names_schema
from reviewer.llm.body import count, mapping, objects, read_object, sendable, text
from reviewer.llm.client import CONNECT_SECONDS, PLACEHOLDER, STREAM_FROM, events, is_header
from reviewer.llm.failure import (
    Asked,
    ProviderError,
    SdkErrors,
    bad_key,
    broken_off,
    inner_error,
    no_key,
    translated,
    unlike,
)
from reviewer.llm.schema import in_words, strict

if TYPE_CHECKING:
    import openai
    from openai import AsyncOpenAI
    from openai.types.chat.completion_create_params import ResponseFormat
    from openai.types.responses import ResponseTextConfigParam

_KEY, _URL = "OPENAI_API_KEY", "OPENAI_BASE_URL"
_INCOMPLETE: Mapping[str, Stop] = {"max_output_tokens": "length", "content_filter": "refusal"}
_FINISHED: Mapping[str, Stop] = {"stop": "end", "length": "length", "content_filter": "refusal"}
_LAST_EVENTS = ("response.completed", "response.incomplete", "response.failed")
_NOT_THERE = (404, 405, 501)


@dataclass(frozen=True, slots=True)
class Way:
    """How a server wants to be asked.

    Attributes:
        chat: it has chat completions only.
        schema: it takes a schema as a parameter.
    """

    chat: bool = False
    schema: bool = True


class OpenAIModel:
    """A model behind OpenAI's interface. One event loop may use it.

    What the server does not understand is found out with the first question and remembered for the others.

    Args:
        name: the model's name there.
        base_url: another address, with `/v1`; else that of `OPENAI_BASE_URL`, else OpenAI's.
        api_key: else that of `OPENAI_API_KEY`. An address of one's own is asked without a key too.
    """

    def __init__(self, name: str, *, base_url: str | None = None, api_key: str | None = None) -> None:
        self._model = name
        self._base_url = base_url
        self._api_key = api_key
        self._client: AsyncOpenAI | None = None
        self._asked = Asked(f"openai:{name}", _KEY, f"{_URL} (with /v1)")
        self._way = Way()

    @property
    def name(self) -> str:
        """As a person names it."""
        return self._asked.name

    async def ask(self, request: ModelRequest, seconds: float) -> ModelReply:
        """Ask once; a server that lacks the interface or refuses the schema is asked at once again without.

        Raises:
            ModelError: there is no answer.
        """

        async def send(way: Way) -> ModelReply:
            return await self._send(request, seconds, way)

        reply, self._way = await attempt(self._asked, seconds, self._way, send=send, milder=_milder)
        return reply

    async def close(self) -> None:
        """Let go of connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _send(self, request: ModelRequest, seconds: float, way: Way) -> ModelReply:
        import openai

        errors = SdkErrors(
            any=openai.OpenAIError,
            api=openai.APIError,
            status=openai.APIStatusError,
            connection=openai.APIConnectionError,
            timeout=openai.APITimeoutError,
        )
        limit = openai.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
        with translated(self._asked, errors, seconds):
            client = self._open()
        # Only now it is known which address and key are in use.
        with translated(self._asked, errors, seconds):
            if way.chat:
                body = await self._complete(client, request, limit, schema=way.schema)
            else:
                body = await self._respond(client, request, limit, schema=way.schema)
        failed = inner_error(self._asked, body)
        if failed is not None:
            raise failed
        return self._read_completion(body) if way.chat else self._read_response(body, request.answer_tokens)

    async def _respond(
        self, client: AsyncOpenAI, request: ModelRequest, limit: openai.Timeout, *, schema: bool
    ) -> Mapping[str, Any]:
        import openai

        config: ResponseTextConfigParam | openai.Omit = openai.omit
        if schema:
            config = {
                "format": {
                    "type": "json_schema",
                    "name": _schema_name(request.prompt),
                    "schema": strict(request.schema),
                    "strict": True,
                }
            }
        instructions = _system(request, schema=schema)
        # What is reviewed is nobody's to keep: `store` is true where it is not given.
        if request.answer_tokens < STREAM_FROM:
            raw = await client.responses.with_raw_response.create(
                model=self._model,
                instructions=instructions,
                input=sendable(request.text),
                max_output_tokens=request.answer_tokens,
                text=config,
                store=False,
                timeout=limit,
            )
            return read_object(raw.http_response.content, self._asked)
        stream = await client.responses.create(
            model=self._model,
            instructions=instructions,
            input=sendable(request.text),
            max_output_tokens=request.answer_tokens,
            text=config,
            store=False,
            timeout=limit,
            stream=True,
        )
        async with stream:
            async for event in events(stream, self._asked):
                if event.get("type") in _LAST_EVENTS:
                    return mapping(event.get("response"))
                if event.get("type") == "error":
                    return {"error": event}
        raise broken_off(self._asked, "the stream ended without the response")

    async def _complete(
        self, client: AsyncOpenAI, request: ModelRequest, limit: openai.Timeout, *, schema: bool
    ) -> Mapping[str, Any]:
        import openai

        form: ResponseFormat | openai.Omit = openai.omit
        if schema:
            form = {
                "type": "json_schema",
                "json_schema": {
                    "name": _schema_name(request.prompt),
                    "schema": strict(request.schema),
                    "strict": True,
                },
            }
        raw = await client.chat.completions.with_raw_response.create(
            model=self._model,
            messages=[
                {"role": "system", "content": _system(request, schema=schema)},
                {"role": "user", "content": sendable(request.text)},
            ],
            # Its successor is unknown to many of the servers that have nothing but this interface.
            max_tokens=request.answer_tokens,
            response_format=form,
            timeout=limit,
        )
        return read_object(raw.http_response.content, self._asked)

    def _open(self) -> AsyncOpenAI:
        if self._client is not None:
            return self._client
        import openai

        key = (self._api_key or os.environ.get(_KEY) or "").strip()
        if not key and (self._base_url or os.environ.get(_URL)):
            key = PLACEHOLDER
        if not is_header(key):
            raise bad_key(self._asked)
        if not key:
            raise no_key(self._asked)
        # What is reviewed goes to the address that was named, not to where that one points.
        http = openai.DefaultAsyncHttpxClient(follow_redirects=False)
        client = openai.AsyncOpenAI(api_key=key, base_url=self._base_url, max_retries=0, http_client=http)
        self._asked = replace(self._asked, url=str(client.base_url), secret=None if key == PLACEHOLDER else key)
        self._client = client
        return client

    def _read_response(self, body: Mapping[str, Any], answer_tokens: int) -> ModelReply:
        if not isinstance(body.get("output"), list):
            raise unlike(self._asked)
        parts = [
            part
            for item in objects(body["output"])
            if item.get("type") == "message"
            for part in objects(item.get("content"))
        ]
        refusals = [text(part.get("refusal")) for part in parts if part.get("type") == "refusal"]
        answer = "".join(text(part.get("text")) for part in parts if part.get("type") == "output_text")
        usage = mapping(body.get("usage"))
        details = mapping(usage.get("input_tokens_details"))
        tokens = Tokens(
            input=count(usage.get("input_tokens")),
            output=count(usage.get("output_tokens")),
            cached=count(details.get("cached_tokens")),
            written=count(details.get("cache_write_tokens")),
        )
        stop: Stop = "other"
        if refusals:
            stop = "refusal"
        elif body.get("status") == "incomplete":
            stop = _INCOMPLETE.get(text(mapping(body.get("incomplete_details")).get("reason")), "other")
        elif body.get("status") == "completed":
            # llama.cpp calls an answer complete that its limit has cut.
            stop = "length" if tokens.output >= answer_tokens else "end"
        return ModelReply(answer or "".join(refusals), self.name, tokens, stop)

    def _read_completion(self, body: Mapping[str, Any]) -> ModelReply:
        choice = next(objects(body.get("choices")), None)
        if choice is None:
            raise unlike(self._asked)
        message = mapping(choice.get("message"))
        refusal = text(message.get("refusal"))
        usage = mapping(body.get("usage"))
        details = mapping(usage.get("prompt_tokens_details"))
        return ModelReply(
            text=text(message.get("content")) or refusal,
            model=self.name,
            tokens=Tokens(
                input=count(usage.get("prompt_tokens")),
                output=count(usage.get("completion_tokens")),
                cached=count(details.get("cached_tokens")),
                written=count(details.get("cache_write_tokens")),
            ),
            stop="refusal" if refusal else _FINISHED.get(text(choice.get("finish_reason")), "other"),
        )


def _milder(way: Way, error: ProviderError) -> Way | None:
    """What to leave out after a refusal. That a model is unknown is said with the status of an unknown address."""
    if way.schema and names_schema(error):
        return replace(way, schema=False)
    if not way.chat and error.status in _NOT_THERE and error.words.kind != "model_not_found":
        return replace(way, chat=True)
    return None


def _system(request: ModelRequest, *, schema: bool) -> str:
    return sendable(request.system if schema else f"{request.system}\n\n{in_words(request.schema)}")


def _schema_name(prompt: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", prompt)[:64] or "answer"
