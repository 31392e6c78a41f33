"""OpenAI's Responses interface, and the many servers that speak it or its elder, chat completions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reviewer.domain.model import ModelReply, ModelRequest, Stop, Tokens
from reviewer.llm.attempt import names_schema
from reviewer.llm.body import count, mapping, objects, read_object, sendable, text
from reviewer.llm.client import CONNECT_SECONDS, PLACEHOLDER, STREAM_FROM, events
from reviewer.llm.failure import ProviderError, SdkErrors, broken_off, no_key, unlike
from reviewer.llm.remote import RemoteModel, errors_of
from reviewer.llm.schema import in_words, strict

if TYPE_CHECKING:
    import openai
    from openai import AsyncOpenAI
    from openai.types.chat.completion_create_params import ResponseFormat
    from openai.types.responses import ResponseTextConfigParam

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


class OpenAIModel(RemoteModel["AsyncOpenAI", Way]):
    """A model behind OpenAI's interface; the server may have chat completions only, and may refuse the schema."""

    PROVIDER = "openai"
    KEY = "OPENAI_API_KEY"
    URL = "OPENAI_BASE_URL"
    PATH = "with /v1"

    def _first_way(self) -> Way:
        return Way()

    def _milder(self, way: Way, error: ProviderError) -> Way | None:
        """What to leave out after a refusal. That a model is unknown is said with the status of an unknown address."""
        if way.schema and names_schema(error):
            return replace(way, schema=False)
        if not way.chat and error.status in _NOT_THERE and error.words.kind != "model_not_found":
            return replace(way, chat=True)
        return None

    def _errors(self) -> SdkErrors:
        import openai

        return errors_of(openai, "OpenAIError")

    def _open(self, key: str) -> tuple[AsyncOpenAI, str | None]:
        import openai

        if not key and self._own_address():
            key = PLACEHOLDER
        if not key:
            raise no_key(self._asked)
        # What is reviewed goes to the address that was named, not to where that one points.
        http = openai.DefaultAsyncHttpxClient(follow_redirects=False)
        client = openai.AsyncOpenAI(api_key=key, base_url=self._base_url, max_retries=0, http_client=http)
        return client, None if key == PLACEHOLDER else key

    async def _exchange(
        self, client: AsyncOpenAI, request: ModelRequest, seconds: float, way: Way
    ) -> Mapping[str, Any]:
        import openai

        limit = openai.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
        send = self._complete if way.chat else self._respond
        return await send(client, request, limit, schema=way.schema)

    def _read(self, body: Mapping[str, Any], request: ModelRequest, way: Way) -> ModelReply:
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


def _system(request: ModelRequest, *, schema: bool) -> str:
    return sendable(request.system if schema else f"{request.system}\n\n{in_words(request.schema)}")


def _schema_name(prompt: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", prompt)[:64] or "answer"
