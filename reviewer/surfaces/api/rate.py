"""How often one key may ask: a bucket of tokens for each.

Headers as draft-ietf-httpapi-ratelimit-headers names them.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reviewer.domain.access import Level
from reviewer.errors import TooManyRequestsError

_MINUTE = 60.0
_MOST_KEYS = 10_000
_ROUNDING = 1e-3
"""Seconds by which sums of times since 1970 may be off."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a minute.

    Attributes:
        limit: requests a minute.
        left: requests that are taken at once.
        full_after: seconds until all of them are there again.
    """

    limit: int
    left: int
    full_after: int

    def headers(self) -> dict[str, str]:
        """As a client is told."""
        return {
            "RateLimit-Policy": f'"key";q={self.limit};w={_MINUTE:.0f}',
            "RateLimit": f'"key";r={self.left};t={self.full_after}',
        }


class Buckets(Protocol):
    """Where the buckets are."""

    def take(self, key: str, cost: float, most: float) -> Level:
        """Take what one request costs, where there is as much.

        Args:
            key: whose bucket.
            cost: seconds in which as much flows in.
            most: seconds in which an empty bucket fills.
        """


class OwnBuckets:
    """The buckets of this process.

    Args:
        clock: seconds, only ever growing.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._full_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, key: str, cost: float, most: float) -> Level:
        """As `Buckets.take`."""
        now = self._clock()
        with self._lock:
            before = self._full_at.pop(key, now)
            after = max(before, now) + cost
            taken = after <= now + most
            self._full_at[key] = after if taken else before
            while len(self._full_at) > _MOST_KEYS:  # the one that was asked for longest ago is full, or nearly
                del self._full_at[next(iter(self._full_at))]
            return Level(taken, self._full_at[key] - now)


class RateLimiter:
    """Counts what each key asks.

    Args:
        limit: requests a minute of one key.
        buckets: where is counted.
    """

    def __init__(self, limit: int, buckets: Buckets) -> None:
        self._limit = limit
        self._buckets = buckets

    def take(self, key: str) -> Allowance:
        """Take a token.

        Raises:
            TooManyRequestsError: there is none.
            StoreError: the database that counts failed.
        """
        cost = _MINUTE / self._limit
        level = self._buckets.take(key, cost, _MINUTE + _ROUNDING)
        if not level.taken:
            raise TooManyRequestsError(max(1, math.ceil(level.seconds + cost - _MINUTE - _ROUNDING)))
        left = max(0, math.floor((_MINUTE - level.seconds + _ROUNDING) / cost))
        return Allowance(self._limit, left, math.ceil(level.seconds - _ROUNDING))


class RateHeaders:
    """Tells every client what is left to it.

    Args:
        app: what is behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def noted(message: Message) -> None:
            allowance = state.get("allowance")
            if message["type"] == "http.response.start" and isinstance(allowance, Allowance):
                headers = MutableHeaders(scope=message)
                for name, value in allowance.headers().items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, noted)
