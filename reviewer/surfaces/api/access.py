"""Who may call a route."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from reviewer.domain.access import SCOPES, Caller, Scope
from reviewer.errors import ForbiddenError, UnauthorisedError
from reviewer.service_wiring import Service
from reviewer.stores.database.database import DEFAULT_TENANT
from reviewer.stores.database.keys import ApiKeys
from reviewer.surfaces.api.rate import Allowance, RateLimiter

_HOW = "make one with 'reviewer keys create' and send it as 'Authorization: Bearer KEY'"
_bearer = HTTPBearer(auto_error=False, description="A key that `reviewer keys create` made.")
_LOCAL = Caller(DEFAULT_TENANT, "local", frozenset(SCOPES))


def service_of(request: Request) -> Service:
    """The service that a request came to."""
    service: Service = request.app.state.service
    return service


ServiceParts = Annotated[Service, Depends(service_of)]


def caller(scope: Scope) -> Callable[..., Awaitable[Caller]]:
    """A dependency that lets in only who may do something.

    Args:
        scope: what their key must be good for.
    """

    async def check(
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)] = None,
    ) -> Caller:
        if request.app.state.open_to_all:
            return _LOCAL
        if credentials is None:
            raise UnauthorisedError(f"this route requires an API key; {_HOW}")
        keys, limiter = service_of(request).database.keys, request.app.state.limiter
        found, request.state.allowance = await run_in_threadpool(_admit, keys, limiter, credentials.credentials)
        if scope not in found.scopes:
            raise ForbiddenError(f"this API key lacks the scope {scope}; make one with --scope {scope}")
        return found

    return check


def _admit(keys: ApiKeys, limiter: RateLimiter, key: str) -> tuple[Caller, Allowance]:
    """Who a key stands for, and what is left to it.

    Raises:
        UnauthorisedError: it is not good.
        TooManyRequestsError: it was used too often.
    """
    found = keys.check(key)
    if found is None:
        raise UnauthorisedError(f"this API key is unknown, expired or revoked; {_HOW}")
    return found, limiter.take(found.actor)


ReadsReviews = Annotated[Caller, Depends(caller("reviews:read"))]
WritesReviews = Annotated[Caller, Depends(caller("reviews:write"))]
ReadsPatterns = Annotated[Caller, Depends(caller("patterns:read"))]
WritesPatterns = Annotated[Caller, Depends(caller("patterns:write"))]
ReadsAudit = Annotated[Caller, Depends(caller("audit:read"))]
OverridesGate = Annotated[Caller, Depends(caller("gate:override"))]
WritesFeedback = Annotated[Caller, Depends(caller("feedback:write"))]
