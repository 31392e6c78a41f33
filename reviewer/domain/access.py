"""Who asks the service, and what they may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Scope = Literal[
    "reviews:read",
    "reviews:write",
    "patterns:read",
    "patterns:write",
    "feedback:write",
    "audit:read",
    "gate:override",
]
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        tenant: on whose behalf.
        actor: as the audit log names them: "key:ID", "local".
        scopes: what they may.
    """

    tenant: str
    actor: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Level:
    """How a bucket of tokens stands after a request.

    Attributes:
        taken: there was enough for the request.
        seconds: until the bucket is full.
    """

    taken: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key as it is listed, without what is secret.

    Attributes:
        id: the part of the key that is no secret.
        tenant: on whose behalf it is used.
        name: what a person calls it.
        scopes: what it is good for.
        created_at, expires_at, revoked_at, used_at: when; None for never.
    """

    id: str
    tenant: str
    name: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None
