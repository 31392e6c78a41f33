"""A small HTTP server on loopback for stand-ins of forges: JSON in and out, and failures on command."""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Reply:
    """An answer: a status, JSON (None for an empty body) and headers."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Fault:
    """What goes wrong with the next requests that fit.

    Attributes:
        method, path: which ones, the path as a regular expression to be found in it.
        status: of the answer.
        when: before the request is carried out, or after it: then it was stored all the same.
        times: how often.
        headers, body: of the answer.
        skip: how many that fit are left alone first.
    """

    method: str
    path: str
    status: int = 502
    when: Literal["before", "after"] = "before"
    times: int = 1
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    skip: int = 0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class LoopbackForge:
    """Base of the stand-ins. Use it as a context manager."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.delays: Iterator[float] = iter(())
        """Seconds before each request is taken up and after it was: another order of what comes at the same time."""
        self.crashes: list[str] = []
        """What our own code did wrong while it answered; the end of a test looks at it."""
        self.lock = threading.RLock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def answer(self, request: Request) -> Reply:
        """Carry a request out; called by one thread at a time."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def count(self, method: str, path: str) -> int:
        """How many requests of a kind have come."""
        return sum(one.method == method and re.search(path, one.path) is not None for one in self.requests)

    def writes(self) -> int:
        """How many requests have come that change something."""
        return sum(one.method != "GET" and not one.path.endswith("graphql") for one in self.requests)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if kind is None:
            assert self.crashes == [], self.crashes

    def serve(self, request: Request) -> Reply:
        time.sleep(next(self.delays, 0))
        reply = self._serve(request)
        time.sleep(next(self.delays, 0))
        return reply

    def _serve(self, request: Request) -> Reply:
        with self.lock:
            self.requests.append(request)
            fault = self._fault(request)
            if fault is not None and fault.when == "before":
                return Reply(fault.status, fault.body, fault.headers)
            reply = self.answer(request)
            return Reply(fault.status, fault.body, fault.headers) if fault is not None else reply

    def _fault(self, request: Request) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and fault.method == request.method and re.search(fault.path, request.path):
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault
        return None


def _handler(forge: LoopbackForge) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _handle(self) -> None:
            length = int(self.headers.get("content-length", 0))
            raw = self.rfile.read(length)
            if len(raw) < length:  # whoever sent it was killed in the middle of it, and no server acts on a part
                self.close_connection = True
                return
            parts = urlsplit(self.path)
            request = Request(
                self.command,
                unquote(parts.path),
                {key: values[-1] for key, values in parse_qs(parts.query).items()},
                {key.lower(): value for key, value in self.headers.items()},
                json.loads(raw) if raw else None,
            )
            try:
                reply = forge.serve(request)
            except Exception as error:  # noqa: BLE001 - told at the end of the test
                forge.crashes.append(f"{request.method} {request.path}: {error!r}")
                reply = Reply(500, {"message": repr(error)})
            data = b"" if reply.body is None else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _handle

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


Route = Callable[..., Reply]
