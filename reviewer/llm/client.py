"""What the clients of both SDKs have in common."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from typing import Any

from reviewer.llm.failure import Asked, unreadable

PLACEHOLDER = "none"
"""Sent as the key to an address of one's own that was given none: the SDKs insist on one, a local server does not."""
CONNECT_SECONDS = 10.0
"""A host that does not even answer the first packet must not take the time that a fall-back needs."""
STREAM_FROM = 16_384
"""Tokens of an answer from which on it is streamed: a connection that stays silent for so long gets cut on its way."""
_DIGITS = 16


def identity(name: str, url: str | None) -> str:
    """Who answers, as `LanguageModel.identity`: many servers have a model of the same name.

    Args:
        name: the model, its provider included.
        url: another address than the provider's; hashed, since it may hold credentials.
    """
    address = (url or "").strip().rstrip("/")
    return f"{name} at {hashlib.sha256(address.encode()).hexdigest()[:_DIGITS]}" if address else name


def is_header(key: str) -> bool:
    """The key can be sent as a part of a header."""
    return key.isascii() and (not key or key.isprintable())


async def events(stream: AsyncIterable[object], asked: Asked) -> AsyncIterator[Mapping[str, Any]]:
    """The events of a stream as plain objects; whatever else comes along is passed over.

    Raises:
        ModelError: an event is not JSON.
    """
    import pydantic

    try:
        async for event in stream:
            if isinstance(event, pydantic.BaseModel):
                yield event.model_dump(mode="json", warnings=False)
    except ValueError as error:
        raise unreadable(asked) from error
