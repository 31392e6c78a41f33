"""Requests from several clients at once, each over a connection of its own."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

HEADERS = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Call:
    """A request."""

    method: str
    path: str
    body: dict[str, object] | None = None


@dataclass(frozen=True)
class Burst:
    """What came of many requests.

    Attributes:
        per_second: requests that were answered.
        p99: milliseconds within which 99 of 100 were.
    """

    per_second: float
    p99: float


def send(port: int, calls: Sequence[Call], clients: int) -> Burst:
    """Send requests, shared out among clients that do not wait for each other.

    Raises:
        SystemExit: one was not answered with success.
    """
    waited: list[float] = []
    wrong: list[int] = []

    def work(mine: Sequence[Call]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for call in mine:
            began = time.perf_counter()
            data = None if call.body is None else json.dumps(call.body)
            connection.request(call.method, call.path, data, HEADERS)
            answer = connection.getresponse()
            answer.read()
            waited.append(time.perf_counter() - began)
            if answer.status >= 300:
                wrong.append(answer.status)
        connection.close()

    threads = [threading.Thread(target=work, args=(calls[one::clients],)) for one in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if wrong or len(waited) != len(calls):
        raise SystemExit(f"{len(wrong)} of {len(calls)} requests failed: {sorted(set(wrong))}")
    return Burst(len(calls) / seconds, 1000 * sorted(waited)[int(len(waited) * 0.99)])
