"""How patient an adapter is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """How patient requests are.

    Attributes:
        request: seconds that one request may take.
        limit: seconds spent on rate limits in one call at most.
        backoff: seconds before a read is repeated; doubled each time.
    """

    request: float = 30.0
    limit: float = 90.0
    backoff: float = 0.5
