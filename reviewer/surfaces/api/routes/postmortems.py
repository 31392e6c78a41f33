"""Post-mortems: sent, learned, looked at."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from reviewer.domain.request import ReviewRequest, State
from reviewer.jobs.models import check_model
from reviewer.jobs.source import check
from reviewer.stores.database.idempotency import Claim
from reviewer.surfaces.api.access import ReadsPatterns, ServiceParts, WritesPatterns
from reviewer.surfaces.api.problem import responses
from reviewer.surfaces.api.routes.shared import Accepted, Body, Place, Revision

router = APIRouter(prefix="/v1/postmortems", tags=["patterns"])
_EXAMPLES: list[JsonValue] = [
    {
        "name": "2026-01-31-prices.md",
        "document": "# Prices of another shop were shown\n\n## Root cause\n\nA cancelled request left its answer …",
        "repository": "https://github.com/example/shop",
        "fix": "0f5a1c7a9a1b4a5c8a0f4a4f3c6e0d9b1f2a3c4d",
    }
]


class PostmortemBody(Body):
    """A post-mortem, and where there is one the commit that mended it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": _EXAMPLES})

    document: Annotated[str, Field(min_length=1, max_length=2_000_000)] | dict[str, JsonValue] = Field(
        description="Markdown, text or HTML; or JSON as an export has it."
    )
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^/\\\x00-\x1f]+$")] | None = Field(
        default=None, description="Of the document; its ending tells the format. Default: Markdown, or JSON."
    )
    repository: Place | None = Field(default=None, description="Of the fix.")
    fix: Revision | None = Field(default=None, description="The commit in the repository that mended it.")
    model: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None,
        description="Who words the lesson and proposes detectors: offline, anthropic:NAME or openai:NAME. Default: the "
        "repository's settings.",
    )

    @model_validator(mode="after")
    def _fits(self) -> PostmortemBody:
        if (self.repository is None) != (self.fix is None):
            raise ValueError("repository and fix go together")
        return self


class PostmortemItem(BaseModel):
    """How far learning is, and what came of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "0b54c8f0a1f54e3f8e2f6d1b7c9a4e21",
                "state": "queued",
                "name": "2026-01-31-prices.md",
                "created_at": "2026-11-27T12:00:00Z",
                "finished_at": None,
            }
        }
    )

    id: str
    state: State
    name: str
    lesson: dict[str, Any] | None = None
    pattern: dict[str, Any] | None = None
    news: str | None = Field(default=None, description="new, corrected or known.")
    notes: list[str] = Field(default_factory=list)
    model: str | None = Field(default=None, description="Who took part; null for nobody.")
    usage: dict[str, Any] | None = Field(default=None, description="What that took, as in a report.")
    not_checked: list[str] = Field(default_factory=list, description="What the model failed at.")
    failure: str | None = Field(default=None, description="Why it could not be learned.")
    created_at: datetime
    finished_at: datetime | None


@router.post("", status_code=202, summary="Have a post-mortem learned", responses=responses(413))
def create(
    body: PostmortemBody,
    response: Response,
    caller: WritesPatterns,
    service: ServiceParts,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
) -> Accepted:
    """Its lesson is kept in the catalog, and a pattern of it, proved on the fix where there is one."""
    if body.repository is not None:
        check(ReviewRequest(repository=body.repository), service.settings.repositories)
    check_model(body.model, service.settings.models.allowed)
    text = body.document if isinstance(body.document, str) else json.dumps(body.document)
    name = body.name or ("post-mortem.md" if isinstance(body.document, str) else "post-mortem.json")
    claim = None
    if idempotency_key is not None:
        told = json.dumps(body.model_dump(mode="json"), sort_keys=True)
        digest = hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()
        claim = Claim("POST /v1/postmortems", idempotency_key, digest)
    fix = None if body.repository is None or body.fix is None else (body.repository, body.fix)
    postmortems = service.database.postmortems(caller.tenant)
    accepted = postmortems.accept(name, text, fix, caller.actor, claim, model=body.model)
    if not accepted.repeated:
        service.jobs.learn(caller.tenant, accepted.id)
    response.headers["Location"] = f"/v1/postmortems/{accepted.id}"
    return Accepted(id=accepted.id)


@router.get("/{identity}", summary="Look at a post-mortem", responses=responses(404))
def read(identity: str, caller: ReadsPatterns, service: ServiceParts) -> PostmortemItem:
    """How far learning is; once it is done, the lesson and the pattern."""
    record = service.database.postmortems(caller.tenant).get(identity)
    return PostmortemItem(
        id=record.id,
        state=record.state,
        name=record.name,
        created_at=record.created_at,
        finished_at=record.finished_at,
        **dict(record.result or {}),
    )
