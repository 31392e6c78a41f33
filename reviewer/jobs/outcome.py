"""What a step says to the next one, and which failures are worth another try."""

from __future__ import annotations

from typing import Any

from reviewer.errors import CatalogUnavailableError, ReviewerError, TimeLimitError
from reviewer.jobs.apart import RemoteError

Outcome = dict[str, Any]
"""JSON, with "failure" or "ended" where there is no next, and "again" where the same is to be tried again."""
_PASSING = (429, 502, 503, 504)
_USUAL, LONGEST = 2.0, 3600.0
"""Seconds to wait where the other side does not say how long, and at most."""


def passes(error: ReviewerError) -> bool:
    """Whether an error is one of the other side that may be over in a while."""
    if isinstance(error, RemoteError):
        return error.kind == CatalogUnavailableError.code
    return error.http_status in _PASSING and not isinstance(error, TimeLimitError)


def wait_of(error: ReviewerError | None = None) -> float:
    """Seconds until the next try: what the other side wants, within reason."""
    wanted = getattr(error, "after", None)
    return min(max(float(wanted), 1.0), LONGEST) if isinstance(wanted, int | float) else _USUAL
