"""Spans reach a real collector's endpoint where one is named, in the caller's trace."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from reviewer.telemetry.span import ENDPOINT, Silent, open_tracer
from reviewer.telemetry.trace import begin


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv(ENDPOINT, f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    yield bodies
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_span_arrives_in_the_callers_trace_with_what_is_known_of_it(collector: list[bytes]) -> None:
    trace = begin()
    tracer = open_tracer("reviewer", "1")
    with pytest.raises(ValueError, match="no such head"), tracer.span("fetch", trace, review="r1"):
        raise ValueError("no such head")
    tracer.close()
    (body,) = collector
    (span,) = ExportTraceServiceRequest.FromString(body).resource_spans[0].scope_spans[0].spans
    assert span.name == "fetch"
    assert span.trace_id.hex() == trace.trace_id
    assert span.parent_span_id.hex() == trace.span_id
    assert [(one.key, one.value.string_value) for one in span.attributes] == [("review", "r1")]
    assert span.status.code == 2


def test_nothing_is_recorded_where_no_collector_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENDPOINT, raising=False)
    assert isinstance(open_tracer("reviewer", "1"), Silent)
