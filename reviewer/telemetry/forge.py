"""A forge whose requests are counted, timed and logged."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Sequence
from typing import TypeVar

from reviewer.domain.check import Check
from reviewer.domain.comment import Comment, Draft, Note, Standing, Target, Thread
from reviewer.domain.posting import ForgeLimits
from reviewer.errors import ForgeError, ForgeForbiddenError, RateLimitError
from reviewer.ports import Forge
from reviewer.telemetry.log import logger
from reviewer.telemetry.metric import Metrics

T = TypeVar("T")


class ObservedForge:
    """The same forge, observed; a `ports.Forge`.

    Args:
        forge: who is asked.
        metrics: where it is counted.
    """

    def __init__(self, forge: Forge, metrics: Metrics) -> None:
        self._forge = forge
        self._metrics = metrics

    @property
    def name(self) -> str:
        """As a person names it."""
        return self._forge.name

    @property
    def limits(self) -> ForgeLimits:
        """What it takes."""
        return self._forge.limits

    async def look(self, target: Target) -> Standing:
        """As `Forge.look`."""
        return await self._told("look", self._forge.look(target))

    async def comment(self, target: Target, comments: Sequence[Comment]) -> bool:
        """As `Forge.comment`."""
        shown = await self._told("comment", self._forge.comment(target, comments))
        self._metrics.comments.labels(self.name).inc(len(comments))
        return shown

    async def comment_on_file(self, target: Target, comment: Comment) -> None:
        """As `Forge.comment_on_file`."""
        await self._told("comment_on_file", self._forge.comment_on_file(target, comment))
        self._metrics.comments.labels(self.name).inc()

    async def publish(self, target: Target, draft: Draft) -> None:
        """As `Forge.publish`."""
        await self._told("publish", self._forge.publish(target, draft))

    async def discard(self, target: Target, draft: Draft) -> None:
        """As `Forge.discard`."""
        await self._told("discard", self._forge.discard(target, draft))

    async def resolve(self, target: Target, thread: Thread, body: str | None) -> None:
        """As `Forge.resolve`."""
        await self._told("resolve", self._forge.resolve(target, thread, body))

    async def remove(self, target: Target, thread: Thread) -> None:
        """As `Forge.remove`."""
        await self._told("remove", self._forge.remove(target, thread))

    async def summarise(self, target: Target, body: str, note: Note | None) -> None:
        """As `Forge.summarise`."""
        await self._told("summarise", self._forge.summarise(target, body, note))

    async def remove_note(self, target: Target, note: Note) -> None:
        """As `Forge.remove_note`."""
        await self._told("remove_note", self._forge.remove_note(target, note))

    async def conclude(self, target: Target, check: Check) -> None:
        """As `Forge.conclude`."""
        await self._told("conclude", self._forge.conclude(target, check))

    async def may_write(self, target: Target, login: str) -> bool:
        """As `Forge.may_write`."""
        return await self._told("may_write", self._forge.may_write(target, login))

    async def close(self) -> None:
        """Let go of connections."""
        await self._forge.close()

    async def _told(self, operation: str, request: Awaitable[T]) -> T:
        began = time.perf_counter()
        outcome = "failed"
        try:
            answer = await request
            outcome = "done"
        except RateLimitError:
            outcome = "limited"
            raise
        except ForgeForbiddenError:
            outcome = "refused"
            raise
        except ForgeError:
            raise
        else:
            return answer
        finally:
            seconds = time.perf_counter() - began
            self._metrics.forge_calls.labels(self.name, operation, outcome).inc()
            self._metrics.forge_seconds.labels(self.name, operation).observe(seconds)
            logger("reviewer.forges").info(
                "forge_asked", forge=self.name, operation=operation, outcome=outcome, seconds=round(seconds, 3)
            )
