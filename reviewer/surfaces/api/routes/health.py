"""Whether the service is alive, and whether it can work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from reviewer.errors import ReviewerError
from reviewer.surfaces.api.access import ServiceParts
from reviewer.surfaces.api.metrics import page_of
from reviewer.surfaces.api.problem import Problem
from reviewer.telemetry.metric import CONTENT_TYPE

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """Whether every part is ready."""

    ready: bool
    parts: dict[str, str] = Field(
        description='Part -> "ok", or what is wrong with it.',
        examples=[{"database": "ok", "tables": "ok", "jobs": "ok", "workers": "no worker gives a sign of life"}],
    )


@router.get("/healthz", summary="Is the process alive?")
def healthz() -> Alive:
    """Answers as long as the process does, whatever else is down."""
    return Alive()


@router.get(
    "/readyz",
    summary="Can it work?",
    responses={503: {"model": Ready, "description": "At least one part is not ready; `parts` tells which."}},
)
def readyz(service: ServiceParts, response: Response) -> Ready:
    """Asks every part that a review needs."""

    def tables() -> None:
        if not service.database.is_current():
            raise ReviewerError("they are of another version; run 'reviewer migrate'")

    def workers() -> None:
        if not service.database.executors.alive(timedelta(seconds=service.settings.silence_seconds)):
            raise ReviewerError("no worker gives a sign of life; start 'reviewer worker'")

    checks: dict[str, Callable[[], None]] = {
        "database": service.database.ping,
        "tables": tables,
        "jobs": service.jobs.check,
        "workers": workers,
    }
    parts = {name: _state(check) for name, check in checks.items()}
    ready = all(state == "ok" for state in parts.values())
    response.status_code = 200 if ready else 503
    return Ready(ready=ready, parts=parts)


def _state(check: Callable[[], None]) -> str:
    try:
        check()
    except ReviewerError as error:
        return str(error)
    return "ok"


@router.get(
    "/metrics",
    summary="Measures for Prometheus",
    response_class=PlainTextResponse,
    responses={503: {"model": Problem, "description": "The database does not answer."}},
)
def metrics(service: ServiceParts) -> PlainTextResponse:
    """Requests, steps, models and forges of this process; what waits, and who works, of all."""
    return PlainTextResponse(page_of(service), media_type=CONTENT_TYPE)
