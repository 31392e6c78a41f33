"""Anthropic's Messages interface, and whoever else speaks it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reviewer.domain.model import ModelReply, ModelRequest, Stop, Tokens
from reviewer.llm.attempt import names_schema
from reviewer.llm.body import count, mapping, objects, read_object, sendable, text
from reviewer.llm.client import CONNECT_SECONDS, PLACEHOLDER, STREAM_FROM, events
from reviewer.llm.failure import Asked, ProviderError, SdkErrors, broken_off, no_key, unlike
from reviewer.llm.remote import RemoteModel, errors_of
from reviewer.llm.schema import in_words

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from anthropic.types import MessageParam, OutputConfigParam, TextBlockParam

_TOKEN = "ANTHROPIC_AUTH_TOKEN"  # noqa: S105 - the name of a variable
_STOPS: Mapping[str, Stop] = {
    "end_turn": "end",
    "stop_sequence": "end",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}


class AnthropicModel(RemoteModel["AsyncAnthropic", bool]):
    """A model behind Anthropic's interface; it may refuse the schema, which is then told in words."""

    PROVIDER = "anthropic"
    KEY = "ANTHROPIC_API_KEY"
    URL = "ANTHROPIC_BASE_URL"
    PATH = "without /v1"

    def _first_way(self) -> bool:
        return True

    def _milder(self, way: bool, error: ProviderError) -> bool | None:
        return False if way and names_schema(error) else None

    def _errors(self) -> SdkErrors:
        import anthropic

        return errors_of(anthropic, "AnthropicError")

    async def _exchange(
        self, client: AsyncAnthropic, request: ModelRequest, seconds: float, way: bool
    ) -> Mapping[str, Any]:
        import anthropic

        system = request.system if way else f"{request.system}\n\n{in_words(request.schema)}"
        # What comes before the mark is the same for every question of the prompt, so it is paid for once.
        block: TextBlockParam = {"type": "text", "text": sendable(system), "cache_control": {"type": "ephemeral"}}
        message: MessageParam = {"role": "user", "content": sendable(request.text)}
        timeout = anthropic.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
        output: OutputConfigParam | anthropic.Omit = anthropic.omit
        if way:
            output = {"format": {"type": "json_schema", "schema": anthropic.transform_schema(dict(request.schema))}}
        if request.answer_tokens < STREAM_FROM:
            raw = await client.messages.with_raw_response.create(
                model=self._model,
                max_tokens=request.answer_tokens,
                system=[block],
                messages=[message],
                output_config=output,
                timeout=timeout,
            )
            return read_object(raw.http_response.content, self._asked)
        stream = await client.messages.create(
            model=self._model,
            max_tokens=request.answer_tokens,
            system=[block],
            messages=[message],
            output_config=output,
            timeout=timeout,
            stream=True,
        )
        async with stream:
            return _join([event async for event in events(stream, self._asked)], self._asked)

    def _open(self, key: str) -> tuple[AsyncAnthropic, str | None]:
        import anthropic

        if not key and self._own_address() and not os.environ.get(_TOKEN):
            key = PLACEHOLDER
        # What is reviewed goes to the address that was named, not to where that one points.
        http = anthropic.DefaultAsyncHttpxClient(follow_redirects=False)
        client = anthropic.AsyncAnthropic(api_key=key or None, base_url=self._base_url, max_retries=0, http_client=http)
        if not (client.api_key or client.auth_token or client.credentials):
            raise no_key(self._asked)
        return client, None if key == PLACEHOLDER else client.api_key or client.auth_token

    def _read(self, body: Mapping[str, Any], request: ModelRequest, way: bool) -> ModelReply:
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
