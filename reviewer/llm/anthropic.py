"""Anthropic's Messages interface, and whoever else speaks it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
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
from reviewer.llm.schema import in_words

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from anthropic.types import MessageParam, OutputConfigParam, TextBlockParam

_KEY, _TOKEN, _URL = "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"
_STOPS: Mapping[str, Stop] = {
    "end_turn": "end",
    "stop_sequence": "end",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}


class AnthropicModel:
    """A model behind Anthropic's interface. One event loop may use it.

    Args:
        name: the model's name there.
        base_url: another address, without `/v1`; else that of `ANTHROPIC_BASE_URL`, else Anthropic's.
        api_key: else what the SDK finds. An address of one's own is asked without a key too.
    """

    def __init__(self, name: str, *, base_url: str | None = None, api_key: str | None = None) -> None:
        self._model = name
        self._base_url = base_url
        self._api_key = api_key
        self._client: AsyncAnthropic | None = None
        self._asked = Asked(f"anthropic:{name}", _KEY, f"{_URL} (without /v1)")
        self._schema = True

    @property
    def name(self) -> str:
        """As a person names it."""
        return self._asked.name

    async def ask(self, request: ModelRequest, seconds: float) -> ModelReply:
        """Ask once; a server that refuses the schema is asked at once again, with the schema in words.

        Raises:
            ModelError: there is no answer.
        """

        async def send(schema: bool) -> ModelReply:
            return await self._send(request, seconds, schema=schema)

        reply, self._schema = await attempt(self._asked, seconds, self._schema, send=send, milder=_milder)
        return reply

    async def close(self) -> None:
        """Let go of connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _send(self, request: ModelRequest, seconds: float, *, schema: bool) -> ModelReply:
        import anthropic

        errors = SdkErrors(
            any=anthropic.AnthropicError,
            api=anthropic.APIError,
            status=anthropic.APIStatusError,
            connection=anthropic.APIConnectionError,
            timeout=anthropic.APITimeoutError,
        )
        system = request.system if schema else f"{request.system}\n\n{in_words(request.schema)}"
        # What comes before the mark is the same for every question of the prompt, so it is paid for once.
        block: TextBlockParam = {"type": "text", "text": sendable(system), "cache_control": {"type": "ephemeral"}}
        message: MessageParam = {"role": "user", "content": sendable(request.text)}
        timeout = anthropic.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
        output: OutputConfigParam | anthropic.Omit = anthropic.omit
        if schema:
            output = {"format": {"type": "json_schema", "schema": anthropic.transform_schema(dict(request.schema))}}
        with translated(self._asked, errors, seconds):
            messages = self._open().messages
        # Only now it is known which address and key are in use.
        with translated(self._asked, errors, seconds):
            if request.answer_tokens < STREAM_FROM:
                raw = await messages.with_raw_response.create(
                    model=self._model,
                    max_tokens=request.answer_tokens,
                    system=[block],
                    messages=[message],
                    output_config=output,
                    timeout=timeout,
                )
                body = read_object(raw.http_response.content, self._asked)
            else:
                stream = await messages.create(
                    model=self._model,
                    max_tokens=request.answer_tokens,
                    system=[block],
                    messages=[message],
                    output_config=output,
                    timeout=timeout,
                    stream=True,
                )
                async with stream:
                    body = _join([event async for event in events(stream, self._asked)], self._asked)
        return self._read(body)

    def _open(self) -> AsyncAnthropic:
        if self._client is not None:
            return self._client
        import anthropic

        key = (self._api_key or os.environ.get(_KEY) or "").strip()
        local = self._base_url or os.environ.get(_URL)
        if not key and local and not os.environ.get(_TOKEN):
            key = PLACEHOLDER
        if not is_header(key):
            raise bad_key(self._asked)
        # What is reviewed goes to the address that was named, not to where that one points.
        http = anthropic.DefaultAsyncHttpxClient(follow_redirects=False)
        client = anthropic.AsyncAnthropic(api_key=key or None, base_url=self._base_url, max_retries=0, http_client=http)
        if not (client.api_key or client.auth_token or client.credentials):
            raise no_key(self._asked)
        secret = None if key == PLACEHOLDER else client.api_key or client.auth_token
        self._asked = replace(self._asked, url=str(client.base_url), secret=secret)
        self._client = client
        return client

    def _read(self, body: Mapping[str, Any]) -> ModelReply:
        failed = inner_error(self._asked, body)
        if failed is not None:
            raise failed
        if not isinstance(body.get("content"), list):
            raise unlike(self._asked)
        usage = mapping(body.get("usage"))
        cached, written = count(usage.get("cache_read_input_tokens")), count(usage.get("cache_creation_input_tokens"))
        return ModelReply(
            text="".join(text(block.get("text")) for block in objects(body["content"]) if block.get("type") == "text"),
            model=self.name,
            tokens=Tokens(
                input=count(usage.get("input_tokens")) + cached + written,
                output=count(usage.get("output_tokens")),
                cached=cached,
                written=written,
            ),
            stop=_STOPS.get(text(body.get("stop_reason")), "other"),
        )


def _milder(schema: bool, error: ProviderError) -> bool | None:
    return False if schema and names_schema(error) else None


def _join(events: list[Mapping[str, Any]], asked: Asked) -> Mapping[str, Any]:
    """The message that a stream spelled out.

    Raises:
        ModelError: it ended before the message did.
    """
    words: list[str] = []
    usage: dict[str, Any] = {}
    stop: object = None
    for event in events:
        match event.get("type"):
            case "message_start":
                usage |= mapping(mapping(event.get("message")).get("usage"))
            case "content_block_delta":
                words.append(text(mapping(event.get("delta")).get("text")))
            case "message_delta":
                stop = mapping(event.get("delta")).get("stop_reason") or stop
                # Its usage is cumulative, and leaves out or nulls what message_start said already.
                usage |= {name: value for name, value in mapping(event.get("usage")).items() if value is not None}
    if stop is None:
        raise broken_off(asked, "the stream ended without a stop reason")
    return {"content": [{"type": "text", "text": "".join(words)}], "stop_reason": stop, "usage": usage}
