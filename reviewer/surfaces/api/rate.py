"""How often one key may ask: a bucket of tokens for each, in this process.

Headers as draft-ietf-httpapi-ratelimit-headers names them.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reviewer.errors import TooManyRequestsError

_MINUTE = 60.0
_MOST_KEYS = 10_000


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


class RateLimiter:
    """Buckets of tokens; each fills within a minute.

    Args:
        limit: requests a minute of one key.
        clock: seconds, only ever growing.
    """

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, key: str) -> Allowance:
        """Take a token.

        Raises:
            TooManyRequestsError: there is none.
        """
        now = self._clock()
        fill = self._limit / _MINUTE
        with self._lock:
            tokens, then = self._buckets.pop(key, (float(self._limit), now))
            tokens = min(self._limit, tokens + (now - then) * fill)
            if tokens < 1:
                self._buckets[key] = (tokens, now)
                raise TooManyRequestsError(max(1, math.ceil((1 - tokens) / fill)))
            self._buckets[key] = (tokens - 1, now)
            while len(self._buckets) > _MOST_KEYS:  # the one that was asked for longest ago is full, or nearly
                del self._buckets[next(iter(self._buckets))]
        return Allowance(self._limit, int(tokens - 1), math.ceil((self._limit - tokens + 1) / fill))


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
