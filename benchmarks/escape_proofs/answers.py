"""Answers of hosts, for projects that ask through requests or urllib."""

from __future__ import annotations

import http.client
import urllib.error
from collections.abc import Callable
from typing import Any
from unittest import mock

from benchmarks.escape_proofs.proving import load

CLOSED = "http://127.0.0.1:1"
"""An address where nobody listens."""
NAMES = "socket.getaddrinfo"
"""What asks for the address of a host."""


def response(status: int = 200, body: bytes | BaseException = b"", **attributes: object) -> Any:
    """A response of requests whose body is this, or whose reading fails like this."""
    made = load("requests.models").Response()
    made.status_code, made.url = status, "http://host/"
    made.raw = mock.Mock()
    if isinstance(body, bytes):
        made._content, made._content_consumed = body, True
    else:
        made.raw.stream.side_effect = body
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def asked(run: Callable[[], object], status: int, body: bytes) -> object:
    """Run with an answer of this status and body to every request."""
    with (
        mock.patch("requests.adapters.HTTPAdapter.send", return_value=response(status, body)),
        mock.patch("requests.sessions.extract_cookies_to_jar"),
    ):
        return run()


def http_error(status: int) -> BaseException:
    """The answer of a host with an error, as urllib tells it."""
    return urllib.error.HTTPError("http://host/", status, "broken", http.client.HTTPMessage(), None)
