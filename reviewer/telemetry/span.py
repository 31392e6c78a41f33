"""Spans for OpenTelemetry, where it is installed and told where to send them; nothing otherwise.

The extra `otel` brings it; `OTEL_EXPORTER_OTLP_ENDPOINT` names the collector and turns it on.
Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from reviewer.domain.distribution import install_extra
from reviewer.errors import SettingsError
from reviewer.telemetry.trace import Trace

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


class Tracer(Protocol):
    """Records how long parts of the work took."""

    def span(self, name: str, trace: Trace, **attributes: str | int | float) -> AbstractContextManager[None]:
        """Record what happens inside of a `with` as a part of a trace; an error inside marks it as failed."""

    def close(self) -> None:
        """Send what is not sent yet."""


class Silent:
    """Records nothing."""

    @contextmanager
    def span(self, name: str, trace: Trace, **attributes: str | int | float) -> Iterator[None]:
        """Do nothing more than what stands inside."""
        del name, trace, attributes
        yield

    def close(self) -> None:
        """There is nothing to send."""


class OpenTelemetry:
    """Sends spans to a collector.

    Args:
        service: name to appear under.
        version: of the service.

    Raises:
        SettingsError: an endpoint is named and the extra is not installed.
    """

    def __init__(self, service: str, version: str) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ModuleNotFoundError as error:
            raise SettingsError(f"{ENDPOINT} is set and {error.name} is missing: {install_extra('otel')}") from error
        resource = Resource.create({"service.name": service, "service.version": version})
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer(service, version)

    @contextmanager
    def span(self, name: str, trace: Trace, **attributes: str | int | float) -> Iterator[None]:
        """Record what happens inside of a `with`."""
        from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

        flags = TraceFlags(TraceFlags.SAMPLED if trace.sampled else TraceFlags.DEFAULT)
        parent = SpanContext(int(trace.trace_id, 16), int(trace.span_id, 16), is_remote=True, trace_flags=flags)
        context = set_span_in_context(NonRecordingSpan(parent))
        with self._tracer.start_as_current_span(name, context=context, attributes=dict(attributes)):
            yield

    def close(self) -> None:
        """Send what is not sent yet."""
        self._provider.shutdown()


def open_tracer(service: str, version: str) -> Tracer:
    """The tracer that the environment asks for.

    Args:
        service: name to appear under.
        version: of the service.

    Raises:
        SettingsError: as `OpenTelemetry`.
    """
    return OpenTelemetry(service, version) if os.environ.get(ENDPOINT) else Silent()
