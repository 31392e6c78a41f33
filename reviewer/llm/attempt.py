"""One question, asked in the best way that the other side understands, within a limit that holds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from reviewer.domain.model import ModelReply
from reviewer.errors import ModelError
from reviewer.llm.failure import Asked, ProviderError, late

Way = TypeVar("Way")
_SCHEMA_WORDS = ("schema", "response_format", "output_config", "text.format", "output_format", "strict")


async def attempt(
    asked: Asked,
    seconds: float,
    way: Way,
    *,
    send: Callable[[Way], Awaitable[ModelReply]],
    milder: Callable[[Way, ProviderError], Way | None],
) -> tuple[ModelReply, Way]:
    """Ask, and ask again at once in a milder way for as long as the refusal names something that can be left out.

    Args:
        asked: who is asked.
        seconds: for all of it; an SDK's own limits hold for each read, and an answer that drips would outlive them.
        way: how to ask first.
        send: asks once.
        milder: the next way to ask; None where there is none.

    Returns:
        The reply, with its number of calls, and the way that led to it.

    Raises:
        ModelError: there is no answer.
    """
    if seconds <= 0:
        raise late(asked, 0, calls=0)
    calls = 0
    try:
        async with asyncio.timeout(seconds):
            while True:
                calls += 1
                try:
                    return replace(await send(way), calls=calls), way
                except ProviderError as error:
                    other = milder(way, error)
                    if other is None:
                        raise
                    way = other
    except TimeoutError as error:
        raise late(asked, seconds, calls=calls) from error
    except ModelError as error:
        # An error that counts no call was found before anything was sent.
        error.calls = calls if error.calls else calls - 1
        raise


def names_schema(error: ProviderError) -> bool:
    """The provider refuses the schema, or the parameter that carries it."""
    said = f"{error.words.text} {error.words.about}".lower()
    return error.status in (400, 422) and any(word in said for word in _SCHEMA_WORDS)
