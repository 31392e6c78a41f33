"""Errors as problem documents (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from reviewer.errors import ReviewerError, TooManyRequestsError
from reviewer.jobs.apart import RemoteError
from reviewer.telemetry.log import logger

MEDIA_TYPE = "application/problem+json"
_log = logger("reviewer.api")


class Invalid(BaseModel):
    """A part of a request that is not as it should be."""

    pointer: str = Field(description="Where: a JSON Pointer into the body, or the name of a parameter.")
    detail: str = Field(description="What is wrong there.")


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:reviewer:problem:not-found",
                "title": "Not Found",
                "status": 404,
                "detail": "there is no review '5f0c'; GET /v1/reviews lists them",
            }
        }
    )

    type: str = Field(description="Names the kind of problem; the same for ever.")
    title: str = Field(description="The kind in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened, and what to do.")
    errors: list[Invalid] | None = Field(default=None, description="For a request that is not as it should be.")


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer, for OpenAPI; those that every route may are among them."""
    return {
        status: {"model": Problem, "description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {}}}
        for status in sorted({400, 401, 403, 422, 429, 500, 503, *statuses})
    }


def install(app: FastAPI) -> None:
    """Have every error of an application answered by a problem document."""
    app.add_exception_handler(ReviewerError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(Exception, _of_fault)


def answer(status: int, code: str, detail: str, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    """A problem document."""
    content = {
        "type": f"urn:reviewer:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **more,
    }
    return JSONResponse(content, status, headers, MEDIA_TYPE)


async def _of_ours(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, RemoteError):
        return answer(error.status, error.kind, str(error))
    assert isinstance(error, ReviewerError)  # noqa: S101 (it was registered for these)
    headers = {"WWW-Authenticate": "Bearer"} if error.http_status == 401 else None
    if error.http_status == 503:
        headers = {"Retry-After": "5"}
    if isinstance(error, TooManyRequestsError):
        headers = {"Retry-After": str(error.after), "RateLimit": f'"key";r=0;t={error.after}'}
    return answer(error.http_status, error.code, str(error), headers)


async def _of_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    errors = [
        # Never the input: it may be a secret. In a body that is no JSON a pointer could name no place.
        {
            "pointer": _pointer(one["loc"][:1] if one["type"] == "json_invalid" else one["loc"]),
            "detail": str(one["msg"]).removeprefix("Value error, ")[:300],
        }
        for one in error.errors()[:20]
    ]
    return answer(422, "invalid-request", "the request is not as it should be; see errors", errors=errors)


def _pointer(place: tuple[int | str, ...]) -> str:
    head, *rest = place or ("body",)
    parts = "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in rest)
    return f"/{parts}" if head == "body" else parts


async def _of_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    headers = dict(error.headers) if error.headers else None
    return answer(error.status_code, code, str(error.detail), headers)


async def _of_fault(request: Request, error: Exception) -> JSONResponse:
    _log.error("request_failed", path=request.url.path, exc_info=error)
    return answer(500, "fault", "this is a bug in reviewer; the log of the service tells more, please report it")
