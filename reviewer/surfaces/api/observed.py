"""Every request is counted, timed and logged, and everything that it causes belongs to its trace."""

from __future__ import annotations

import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reviewer.telemetry.log import belonging_to, logger
from reviewer.telemetry.observation import Observation
from reviewer.telemetry.trace import continue_from

TRACE = "traceparent"
"""https://www.w3.org/TR/trace-context/#traceparent-header"""
_UNTOLD = ("/healthz", "/readyz", "/metrics")
"""Asked every few seconds by machines: counted, not logged."""


class Observed:
    """Observes the requests of an application.

    Args:
        app: what is behind it.
        observation: where it is told.
    """

    def __init__(self, app: ASGIApp, observation: Observation) -> None:
        self._app = app
        self._observation = observation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = continue_from(Headers(scope=scope).get(TRACE))
        scope.setdefault("state", {})["trace"] = trace.header
        began = time.perf_counter()
        seconds: float | None = None
        status = 500  # what is answered where the application itself fails

        async def noted(message: Message) -> None:
            nonlocal status, seconds
            if message["type"] == "http.response.start":
                # Until the answer begins: events are sent for as long as the client stays.
                status, seconds = message["status"], time.perf_counter() - began
                MutableHeaders(scope=message).append("X-Trace-Id", trace.trace_id)
            await send(message)

        with belonging_to(trace), self._observation.tracer.span(scope["method"], trace):
            try:
                await self._app(scope, receive, noted)
            finally:
                # The route as it was declared: what stands in its place is for clients to choose, and without end.
                route = getattr(scope.get("route"), "path", "none")
                taken = time.perf_counter() - began if seconds is None else seconds
                metrics = self._observation.metrics
                method = scope["method"] if scope["method"] in _METHODS else "other"
                metrics.requests.labels(route, method, str(status)).inc()
                metrics.request_seconds.labels(route, method).observe(taken)
                if route not in _UNTOLD:
                    logger("reviewer.api").info(
                        "request_answered", method=method, route=route, status=status, seconds=round(taken, 3)
                    )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
