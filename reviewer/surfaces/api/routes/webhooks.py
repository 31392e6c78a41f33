"""What forges tell: taken in within a moment, acted on by the workers."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from reviewer.domain.event import DeploymentWanted, Event, PullRequestChanged
from reviewer.errors import SignatureError, WebhookError, WebhookSizeError
from reviewer.forges.github_events import read_github_event
from reviewer.forges.gitlab_events import read_gitlab_event
from reviewer.forges.signature import LARGEST, check_github, check_gitlab
from reviewer.service_wiring import Service
from reviewer.stores.database.inbox import Delivery
from reviewer.surfaces.api.access import ServiceParts
from reviewer.surfaces.api.problem import responses
from reviewer.surfaces.api.routes.shared import is_kept
from reviewer.telemetry.metric import Metrics

router = APIRouter(prefix="/webhooks", tags=["webhooks"])
_WINDOW = 300.0
"""Seconds by which the clock of a signed delivery may differ (standardwebhooks.com, "Verifying timestamps")."""
_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
}


class Heard(BaseModel):
    """What was done with a webhook."""

    model_config = ConfigDict(json_schema_extra={"example": {"result": "accepted", "id": "0b54c8f0a1f54e3f"}})

    result: Literal["accepted", "ignored", "repeated"] = Field(
        description="It will be acted on; it means nothing here; it came before."
    )
    id: str | None = Field(default=None, description="Names it in the audit log; null where nothing is to be done.")


@dataclass(frozen=True, slots=True)
class _Sender:
    """How one forge sends webhooks.

    Attributes:
        forge: its name.
        check: lets a body pass, or raises.
        read: what a body means.
        event: the header that names the event.
        delivery: headers that name a delivery, the first that is there counts.
    """

    forge: str
    check: Callable[[bytes, Mapping[str, str], Sequence[str]], None]
    read: Callable[[str, bytes], Event | None]
    event: str
    delivery: tuple[str, ...]


_GITHUB = _Sender("github", check_github, read_github_event, "x-github-event", ("x-github-delivery",))
_GITLAB = _Sender(
    "gitlab",
    check_gitlab,
    read_gitlab_event,
    "x-gitlab-event",
    ("webhook-id", "idempotency-key", "x-gitlab-event-uuid"),
)


@router.post(
    "/github",
    status_code=202,
    summary="Webhooks of GitHub",
    responses=responses(413),
    openapi_extra=_BODY,
)
async def github(request: Request, service: ServiceParts) -> Heard:
    """Signed with one of the secrets that are set; nothing of an unsigned body is read."""
    return await _hear(_GITHUB, request, service, service.access.github_webhook)


@router.post(
    "/gitlab",
    status_code=202,
    summary="Webhooks of GitLab",
    responses=responses(413),
    openapi_extra=_BODY,
)
async def gitlab(request: Request, service: ServiceParts) -> Heard:
    """Signed with a signing token, or with a secret token that is set; nothing of another body is read."""
    return await _hear(_GITLAB, request, service, service.access.gitlab_webhook)


async def _hear(sender: _Sender, request: Request, service: Service, secrets: Sequence[str]) -> Heard:
    metrics = service.observation.metrics
    with _refusing(metrics, sender, "size"):
        body = await _body(request)
    headers = {name.lower(): value for name, value in request.headers.items()}
    with _refusing(metrics, sender, "signature"):
        sender.check(body, headers, secrets)
    with _refusing(metrics, sender, "time"):
        _check_clock(headers)
    name = headers.get(sender.event, "")
    with _refusing(metrics, sender, "body"):
        event = sender.read(name, body)
        identities = () if event is None else _identities(sender, headers, body, event)
    heard = await run_in_threadpool(_keep, service, Delivery(sender.forge, identities, name[:64]), event)
    # The name stands in no signature: only one that was understood is known to be one of few.
    metrics.webhooks.labels(sender.forge, "other" if event is None else name, heard.result).inc()
    return heard


@contextmanager
def _refusing(metrics: Metrics, sender: _Sender, reason: str) -> Iterator[None]:
    """Count a delivery that is refused inside."""
    try:
        yield
    except WebhookError:
        metrics.webhooks.labels(sender.forge, "other", "refused").inc()
        metrics.webhooks_refused.labels(sender.forge, reason).inc()
        raise


def _keep(service: Service, delivery: Delivery, event: Event | None) -> Heard:
    """Take an event in where it may ask for something."""
    if event is None or (isinstance(event, PullRequestChanged) and event.is_draft and event.action == "review"):
        return Heard(result="ignored")
    tenant = service.access.tenant
    identity = service.database.inbox.receive(delivery, tenant, event)
    if identity is None:
        return Heard(result="repeated")
    service.jobs.event(tenant, identity, type(event).__name__)
    return Heard(result="accepted", id=identity)


async def _body(request: Request) -> bytes:
    """The body as it came, read no further than it may be long.

    Raises:
        WebhookSizeError: it is longer.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise WebhookSizeError(f"the webhook has more than {LARGEST:,} bytes, the most that is read")
    return bytes(body)


def _check_clock(headers: Mapping[str, str]) -> None:
    """Hold a signed delivery to its time, where the forge tells it.

    Raises:
        SignatureError: it is too old, or of the future.
    """
    told = headers.get("webhook-timestamp")
    if told is None or "webhook-signature" not in headers:
        return
    if not (told.isascii() and told.isdigit() and len(told) < 15) or abs(time.time() - int(told)) > _WINDOW:
        raise SignatureError(f"the webhook was not signed within {_WINDOW:.0f} s of now; check both clocks")


def _identities(sender: _Sender, headers: Mapping[str, str], body: bytes, event: Event) -> tuple[str, ...]:
    """What names a delivery.

    GitHub signs the body and not the delivery's id: a copy of what a forge has once sent could come under any other.
    So the body names what must not happen twice.
    """
    given = next((headers[name] for name in sender.delivery if headers.get(name)), None)
    digest = hashlib.sha256(body).hexdigest()
    if given is None:
        return (f"body:{digest}",)
    if len(given) > 100 or not given.isprintable() or not is_kept(given):
        raise WebhookError("the id of the delivery is not valid; the delivery is ignored")
    if isinstance(event, PullRequestChanged | DeploymentWanted):
        return (f"id:{given}", f"body:{digest}")
    return (f"id:{given}",)
