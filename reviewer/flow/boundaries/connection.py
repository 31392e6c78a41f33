"""Handlers of plain servers: http.server, socketserver, and the streams and protocols of asyncio.

`socketserver` prints the traceback to stderr, closes the connection and goes on with the next: a caller of an
`http.server` handler gets no answer at all. asyncio logs what a connection's callback or protocol method raises and
closes the connection.

Source: https://docs.python.org/3/library/socketserver.html#socketserver.BaseServer.handle_error,
https://docs.python.org/3/library/asyncio-stream.html#asyncio.start_server; asyncio/streams.py
StreamReaderProtocol.connection_made, asyncio/selector_events.py _fatal_error
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.domain.boundary import Boundary, Ending
from reviewer.flow.boundaries.entry import Candidate, Example

_HTTP = ("http.server.BaseHTTPRequestHandler", "http.server.SimpleHTTPRequestHandler")
_REQUEST = (
    "socketserver.BaseRequestHandler", "socketserver.StreamRequestHandler", "socketserver.DatagramRequestHandler",
)  # fmt: skip
_PROTOCOL = ("asyncio.Protocol", "asyncio.BufferedProtocol", "asyncio.DatagramProtocol", "asyncio.BaseProtocol")
_NO_ANSWER = Ending("a traceback on stderr; the connection is closed without an answer", "answered")
_LOGGED = Ending("the loop logs it and the connection is closed", "answered")

EXAMPLES = (
    Example(
        """
from http.server import BaseHTTPRequestHandler

class Status(BaseHTTPRequestHandler):
    def do_GET(self):
        self.wfile.write(read())
""",
        "Status.do_GET",
        "connection",
        "GET Status",
        {"OSError": ("a traceback on stderr; the connection is closed without an answer", "answered")},
    ),
    Example(
        """
import asyncio

async def serve(reader, writer):
    writer.write(await reader.readline())

async def main():
    await asyncio.start_server(serve, "127.0.0.1", 80)
""",
        "serve",
        "connection",
        "connection serve",
        {"OSError": ("the loop logs it and the connection is closed", "answered")},
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The handler of connections that a function is."""
    if candidate.inherits(*_HTTP) and candidate.method.startswith("do_"):
        name = f"{candidate.method.removeprefix('do_')} {candidate.owner}"
        yield Boundary("connection", "http.server", name, candidate.line, _NO_ANSWER)
    elif candidate.inherits(*_REQUEST) and candidate.method in ("handle", "setup", "finish"):
        name = f"connection {candidate.owner}.{candidate.method}"
        yield Boundary("connection", "socketserver", name, candidate.line, _NO_ANSWER)
    elif candidate.inherits(*_PROTOCOL) and candidate.method in ("data_received", "buffer_updated", "eof_received"):
        name = f"connection {candidate.owner}.{candidate.method}"
        yield Boundary("connection", "asyncio", name, candidate.line, _LOGGED)
    for handed in candidate.handed:
        if handed.site.callee in ("asyncio.start_server", "asyncio.start_unix_server") and handed.for_parameter(
            "client_connected_cb", 0
        ):
            yield Boundary("connection", "asyncio", f"connection {candidate.method}", handed.site.line, _LOGGED)
