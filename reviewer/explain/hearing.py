"""A model is heard: in an event loop of its own, with what it has said before; then its connections are let go of."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from reviewer.ports import LanguageModel, Memory, OpenMemory

T = TypeVar("T")

_CLOSING = 2.0
"""Seconds that a model may take to let go of its connections."""


def hear(ask: Callable[[Memory | None], Awaitable[T]], model: LanguageModel, open_memory: OpenMemory | None) -> T:
    """What comes of asking a model.

    Args:
        ask: asks it, given what was answered before; None where nothing is remembered.
        model: who is asked.
        open_memory: opens the memory; None for none.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_heard(ask, model, open_memory))
    # One thread cannot run a loop inside a loop.
    with ThreadPoolExecutor(1, thread_name_prefix="explain") as pool:
        return pool.submit(asyncio.run, _heard(ask, model, open_memory)).result()


async def _heard(
    ask: Callable[[Memory | None], Awaitable[T]], model: LanguageModel, open_memory: OpenMemory | None
) -> T:
    memory = open_memory() if open_memory is not None else None
    try:
        return await ask(memory)
    finally:
        # The answers are there: that a connection does not close, or not in order, takes nothing from them.
        closing = asyncio.ensure_future(model.close())
        await asyncio.wait([closing], timeout=_CLOSING)
        if closing.done() and not closing.cancelled():
            closing.exception()
        if memory is not None:
            memory.close()
