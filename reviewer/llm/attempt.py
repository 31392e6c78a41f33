"""One question, asked in the best way that the other side understands, within a limit that holds."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from reviewer.domain.model import ModelReply
from reviewer.errors import ModelError
from reviewer.llm.failure import Asked, ProviderError, late

Way = TypeVar("Way")
_LIMIT_WORDS = ("max_tokens", "max_output_tokens", "max_completion_tokens", "context length", "maximum context")
_NUMBER = re.compile(r"(?<![\w.-])\d[\d,]{2,8}(?![\w-])")
_LEAST_TOKENS = 256
"""An answer of fewer tokens says nothing."""
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


def fewer_tokens(error: ProviderError, asked: int) -> int | None:
    """The most tokens that an answer may have, where the provider refuses more and says how many; else None.

    Args:
        error: the refusal.
        asked: tokens that the answer was allowed.
    """
    said = f"{error.words.text} {error.words.about}".lower()
    if error.status not in (400, 413, 422) or not any(word in said for word in _LIMIT_WORDS):
        return None
    named = (int(number.replace(",", "")) for number in _NUMBER.findall(said))
    return max((number for number in named if _LEAST_TOKENS <= number < asked), default=None)
