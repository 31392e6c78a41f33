"""A server on loopback that speaks Anthropic's and OpenAI's interfaces, and fails on command.

It plays its script one turn a request; when the script is over it plays its last turn again, and without a script it
answers `{}`. It records every byte it got. `test_scripted_server.py` holds its answers against the SDKs' own types.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal

MESSAGES, RESPONSES, COMPLETIONS = "/v1/messages", "/v1/responses", "/v1/chat/completions"
PATHS = (MESSAGES, RESPONSES, COMPLETIONS)

Stop = Literal["end", "length", "refusal", "other"]


@dataclass(frozen=True)
class Recorded:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    raw: bytes
    """All bytes of it: request line, headers and body."""

    @property
    def json(self) -> dict[str, Any]:
        value = json.loads(self.body)
        assert isinstance(value, dict)
        return value


@dataclass(frozen=True)
class Answer:
    """A proper answer in the form of whichever interface was asked."""

    text: str | Callable[[Recorded], str] = "{}"
    stop: Stop = "end"
    input: int = 100
    output: int = 20
    cached: int = 0
    written: int = 0
    chunk: int = 7
    """Characters of each event of a stream."""


@dataclass(frozen=True)
class Failure:
    """An answer with an error status, in the provider's own form."""

    status: int
    retry_after: str | None = None
    message: str = "scripted failure"
    kind: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Raw:
    """Any body at all."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200


@dataclass(frozen=True)
class Cut:
    """An answer that breaks off in the middle, in the body or in the stream."""

    text: str = '{"findings": []}'
    politely: bool = False
    """A stream only: the connection is closed in order, only that the end is missing."""


@dataclass(frozen=True)
class ErrorEvent:
    """A stream that starts well and then tells of an error, under HTTP status 200."""

    kind: str = "overloaded_error"
    message: str = "Overloaded"


@dataclass(frozen=True)
class Hang:
    """No answer, ever."""


@dataclass(frozen=True)
class Drip:
    """An answer that takes an hour: a byte now and then, each in time for a limit that holds for each read."""

    every: float = 0.02


Turn = Answer | Failure | Raw | Cut | ErrorEvent | Hang | Drip


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    """Whoever does not fit into the queue comes back after a second."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is no fault of the server, and nothing to print."""
        if not isinstance(sys.exception(), ConnectionError | ValueError):
            super().handle_error(request, client_address)


class ScriptedServer:
    """Use it as a context manager. `url` has no path: Anthropic's base address; OpenAI's is `url` + "/v1"."""

    def __init__(self, *script: Turn) -> None:
        self.requests: list[Recorded] = []
        self.missing: set[str] = set()
        """Paths that this server does not have."""
        self.refuses: set[str] = set()
        """Parameters that this server does not take, with status 400."""
        self._script: list[Turn] = list(script)
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def play(self, *script: Turn) -> None:
        """Replace what is left of the script."""
        with self._lock:
            self._script = list(script)

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _next(self, request: Recorded) -> Turn:
        with self._lock:
            self.requests.append(request)
            path = request.path.partition("?")[0]
            if path not in PATHS or path in self.missing:
                return Failure(404, message="no such page")
            for name in self.refuses & set(request.json):
                return Failure(400, message=f"unknown parameter: {name}", kind="invalid_request_error")
            if not self._script:
                return Answer()
            return self._script.pop(0) if len(self._script) > 1 else self._script[0]

    def _handler(server: ScriptedServer) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                head = f"{self.requestline}\r\n".encode("latin-1") + self.headers.as_bytes()
                request = Recorded(
                    self.path, {key.lower(): value for key, value in self.headers.items()}, body, head + body
                )
                try:
                    self._play(request, server._next(request))
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def _play(self, request: Recorded, turn: Turn) -> None:
                streamed = bool(request.json.get("stream")) if request.body else False
                match turn:
                    case Answer() if streamed:
                        self._stream(events_of(request, turn))
                    case Answer():
                        self._whole(200, json.dumps(body_of(request, turn)).encode())
                    case Failure():
                        headers = dict(turn.headers)
                        if turn.retry_after is not None:
                            headers["retry-after"] = turn.retry_after
                        self._whole(turn.status, json.dumps(error_of(request, turn)).encode(), headers=headers)
                    case Raw():
                        self._whole(turn.status, turn.body, content_type=turn.content_type)
                    case Cut() if streamed:
                        events = events_of(request, Answer(turn.text))
                        self._stream(events[: len(events) // 2], end=turn.politely)
                    case Cut():
                        whole = json.dumps(body_of(request, Answer(turn.text))).encode()
                        self._head(200, "application/json", {"content-length": str(len(whole))})
                        self.wfile.write(whole[: len(whole) // 2])
                        self.close_connection = True
                    case ErrorEvent():
                        self._stream([*events_of(request, Answer())[:2], error_event_of(request, turn)])
                    case Hang():
                        server._closing.wait()
                        self.close_connection = True
                    case Drip():
                        self._drip(turn.every, streamed=streamed)

            def _head(self, status: int, content_type: str, headers: Mapping[str, str]) -> None:
                self.send_response(status)
                self.send_header("content-type", content_type)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def _whole(
                self,
                status: int,
                data: bytes,
                *,
                content_type: str = "application/json",
                headers: Mapping[str, str] | None = None,
            ) -> None:
                self._head(status, content_type, {"content-length": str(len(data)), **(headers or {})})
                self.wfile.write(data)

            def _stream(self, events: Sequence[Mapping[str, Any]], *, end: bool = True) -> None:
                self._head(200, "text/event-stream", {"transfer-encoding": "chunked"})
                for event in events:
                    self._chunk(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
                if end:
                    self._chunk(b"")
                self.close_connection = not end

            def _drip(self, every: float, *, streamed: bool) -> None:
                self._head(
                    200, "text/event-stream" if streamed else "application/json", {"transfer-encoding": "chunked"}
                )
                while not server._closing.wait(every):
                    self._chunk(b": still here\n\n" if streamed else b" ")
                self.close_connection = True

            def _chunk(self, data: bytes) -> None:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                self.wfile.flush()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler


def body_of(request: Recorded, answer: Answer) -> dict[str, Any]:
    """The answer as JSON, in the form that the path asks for."""
    text = answer.text if isinstance(answer.text, str) else answer.text(request)
    if request.path.startswith(MESSAGES):
        return message(text, answer)
    if request.path.startswith(RESPONSES):
        return response(text, answer)
    return completion(text, answer)


def error_of(request: Recorded, failure: Failure) -> dict[str, Any]:
    """An error body in the form that the path asks for."""
    if request.path.startswith(MESSAGES):
        kind = failure.kind or _ANTHROPIC_KINDS.get(failure.status, "api_error")
        return {
            "type": "error",
            "error": {"type": kind, "message": failure.message},
            "request_id": "req_1",
        }
    return {
        "error": {"message": failure.message, "type": "scripted_error", "code": failure.kind or None, "param": None}
    }


def error_event_of(request: Recorded, turn: ErrorEvent) -> dict[str, Any]:
    """An error in the midst of a stream."""
    if request.path.startswith(MESSAGES):
        return {"type": "error", "error": {"type": turn.kind, "message": turn.message}}
    return {"type": "error", "code": turn.kind, "message": turn.message, "param": None, "sequence_number": 2}


def events_of(request: Recorded, answer: Answer) -> list[dict[str, Any]]:
    """The answer as the events of a stream; completions are not streamed here."""
    text = answer.text if isinstance(answer.text, str) else answer.text(request)
    if request.path.startswith(MESSAGES):
        return list(_message_events(text, answer))
    return list(_response_events(text, answer))


_ANTHROPIC_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}
_MESSAGE_STOPS = {"end": "end_turn", "length": "max_tokens", "refusal": "refusal", "other": "pause_turn"}
_FINISHES = {"end": "stop", "length": "length", "refusal": "content_filter", "other": "tool_calls"}


def message(text: str, answer: Answer) -> dict[str, Any]:
    """A `Message` of Anthropic's interface."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "scripted",
        "content": [{"type": "text", "text": text}],
        "stop_reason": _MESSAGE_STOPS[answer.stop],
        "stop_sequence": None,
        "usage": {
            "input_tokens": answer.input - answer.cached - answer.written,
            "cache_read_input_tokens": answer.cached,
            "cache_creation_input_tokens": answer.written,
            "output_tokens": answer.output,
        },
    }


def _message_events(text: str, answer: Answer) -> Iterator[dict[str, Any]]:
    whole = message(text, answer)
    usage = whole["usage"]
    yield {
        "type": "message_start",
        "message": {**whole, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}},
    }
    yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    for start in range(0, len(text), answer.chunk):
        delta = {"type": "text_delta", "text": text[start : start + answer.chunk]}
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": whole["stop_reason"], "stop_sequence": None},
        "usage": {"output_tokens": usage["output_tokens"]},
    }
    yield {"type": "message_stop"}


def response(text: str, answer: Answer) -> dict[str, Any]:
    """A `Response` of OpenAI's interface."""
    part: dict[str, Any] = {"type": "output_text", "text": text, "annotations": []}
    if answer.stop == "refusal":
        part = {"type": "refusal", "refusal": text}
    status = {"length": "incomplete", "other": "cancelled"}.get(answer.stop, "completed")
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1.0,
        "status": status,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if answer.stop == "length" else None,
        "instructions": None,
        "metadata": {},
        "model": "scripted",
        "output": [
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {
                "type": "message",
                "id": "msg_1",
                "role": "assistant",
                "status": "incomplete" if answer.stop == "length" else "completed",
                "content": [part],
            },
        ],
        "parallel_tool_calls": False,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": answer.input,
            "input_tokens_details": {"cached_tokens": answer.cached, "cache_write_tokens": answer.written},
            "output_tokens": answer.output,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": answer.input + answer.output,
        },
    }


def _response_events(text: str, answer: Answer) -> Iterator[dict[str, Any]]:
    whole = response(text, answer)
    numbers = iter(range(1_000_000))
    begun = {**whole, "status": "in_progress", "output": [], "usage": None, "incomplete_details": None}
    yield {"type": "response.created", "sequence_number": next(numbers), "response": begun}
    yield {"type": "response.in_progress", "sequence_number": next(numbers), "response": begun}
    for start in range(0, len(text), answer.chunk):
        yield {
            "type": "response.output_text.delta",
            "sequence_number": next(numbers),
            "item_id": "msg_1",
            "output_index": 1,
            "content_index": 0,
            "delta": text[start : start + answer.chunk],
            "logprobs": [],
        }
    last = "response.incomplete" if answer.stop == "length" else "response.completed"
    yield {"type": last, "sequence_number": next(numbers), "response": whole}


def completion(text: str, answer: Answer) -> dict[str, Any]:
    """A `ChatCompletion` of OpenAI's interface."""
    refused = answer.stop == "refusal"
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop" if refused else _FINISHES[answer.stop],
                "logprobs": None,
                "message": {
                    "role": "assistant",
                    "content": None if refused else text,
                    "refusal": text if refused else None,
                },
            }
        ],
        "usage": {
            "prompt_tokens": answer.input,
            "completion_tokens": answer.output,
            "total_tokens": answer.input + answer.output,
            "prompt_tokens_details": {"cached_tokens": answer.cached, "cache_write_tokens": answer.written},
        },
    }
