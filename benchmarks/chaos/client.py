"""A pipeline that asks for reviews and does not give up: the same request, under the same key, until it is accepted."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

_AWAY = (OSError, http.client.HTTPException, json.JSONDecodeError)


class Client:
    """Asks one service.

    Args:
        place: gives its address; it may change when the service is started again.
    """

    def __init__(self, place: Callable[[], str]) -> None:
        self._place = place
        self.refused = 0

    def ask(self, body: dict[str, Any], key: str, seconds: float = 120) -> str:
        """Ask for a review until it is accepted; its id."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return str(self._call("POST", "/v1/reviews", body, {"Idempotency-Key": key})["id"])
            except _AWAY as error:
                status = error.code if isinstance(error, urllib.error.HTTPError) else 503
                if status < 500 or time.monotonic() > deadline:
                    raise
                self.refused += 1
                time.sleep(0.3)

    def review(self, identity: str) -> dict[str, Any] | None:
        """A review; None where the service does not answer now."""
        try:
            return self._call("GET", f"/v1/reviews/{identity}")
        except urllib.error.HTTPError as error:
            if error.code < 500:
                raise
            return None
        except _AWAY:
            return None

    def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self._place() + path, data, {"Content-Type": "application/json", **(headers or {})}, method=method
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


def is_over(review: dict[str, Any] | None) -> bool:
    """Whether nothing is left to be done for a review, the posting included."""
    return review is not None and review["state"] not in ("queued", "running") and review["posted"] is not None
