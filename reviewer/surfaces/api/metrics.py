"""What the service tells of itself to Prometheus."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reviewer.service_wiring import Service
from reviewer.stores.database.reviews import backlog


class Metrics:
    """The measures of one process.

    Args:
        service: whose.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "reviewer_http_requests", "Requests by route and status.", ["route", "status"], registry=self.registry
        )
        self.durations = Histogram(
            "reviewer_http_request_seconds", "Time until the answer began.", ["route"], registry=self.registry
        )
        self._backlog = Gauge(
            "reviewer_reviews_unfinished", "Reviews that are not finished.", ["state"], registry=self.registry
        )
        self._age = Gauge(
            "reviewer_oldest_unfinished_seconds", "Age of the oldest review not finished.", registry=self.registry
        )
        self._workers = Gauge("reviewer_workers_alive", "Processes that give signs of life.", registry=self.registry)

    def text(self) -> bytes:
        """All measures, in the text format of Prometheus.

        Raises:
            StoreError: the database failed.
        """
        waiting = backlog(self._service.database.engine)
        for state, count in waiting.counts.items():
            self._backlog.labels(state).set(count)
        age = 0.0 if waiting.oldest is None else (datetime.now(UTC) - waiting.oldest).total_seconds()
        self._age.set(max(age, 0.0))
        silence = timedelta(seconds=self._service.settings.silence_seconds)
        self._workers.set(len(self._service.database.executors.alive(silence)))
        return generate_latest(self.registry)


class Measured:
    """Counts the requests of an application and times them.

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
                self._metrics.requests.labels(route, str(message["status"])).inc()
                self._metrics.durations.labels(route).observe(time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, noted)
