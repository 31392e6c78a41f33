"""Webhooks as the forge that sends them keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MissedDelivery:
    """A webhook that did not get through.

    Attributes:
        id: of the attempt, by which the forge can be asked for another.
        guid: names what was told; all attempts at it share the name.
        at: when it was tried.
    """

    id: int
    guid: str
    at: datetime
