"""Counts the requests of the application, and what waits, for Prometheus."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reviewer.service_wiring import Service
from reviewer.stores.database.reviews import backlog
from reviewer.telemetry.metric import Metrics


def measure_queue(metrics: Metrics, service: Service) -> None:
    """Bring the gauges up to date that tell of the whole service, and not of this process alone.

    Raises:
        StoreError: the database failed.
    """
    waiting = backlog(service.database.engine)
    metrics.waiting.set(waiting.queued)
    age = 0.0 if waiting.oldest is None else (datetime.now(UTC) - waiting.oldest).total_seconds()
    metrics.oldest_waiting_seconds.set(max(age, 0.0))
    silence = timedelta(seconds=service.settings.silence_seconds)
    metrics.workers.set(len(service.database.executors.alive(silence)))


class Measured:
    """Counts the requests of an application and times them until their answer begins.

    Args:
        app: what is behind it.
        metrics: where it is counted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                # The route as it was declared: what stands in its place is for clients to choose, and without end.
                route = getattr(scope.get("route"), "path", "none")
                method = scope["method"] if scope["method"] in _METHODS else "other"
                self._metrics.requests.labels(route, method, str(message["status"])).inc()
                self._metrics.request_seconds.labels(route, method).observe(time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, noted)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
