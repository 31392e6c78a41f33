"""Who did what."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from reviewer.surfaces.api.access import ReadsAudit, ServiceParts
from reviewer.surfaces.api.paging import read_cursor, write_cursor
from reviewer.surfaces.api.problem import responses

router = APIRouter(prefix="/v1/audit", tags=["audit"])


class AuditItem(BaseModel):
    """Something that somebody did."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "at": "2026-11-27T12:00:00Z",
                "actor": "key:3f0c9a1b22de",
                "action": "review.accept",
                "subject": "0b54c8f0a1f54e3f8e2f6d1b7c9a4e21",
                "detail": "https://github.com/example/shop",
            }
        }
    )

    at: datetime
    actor: str = Field(description="Who: key:ID, webhook:FORGE, command line.")
    action: str
    subject: str = Field(description="To what.")
    detail: str


class AuditPage(BaseModel):
    """Entries, the newest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [], "next_cursor": None}})

    items: list[AuditItem]
    next_cursor: str | None = Field(description="Ask with it for the next page; null on the last.")


@router.get("", summary="Read the audit log", responses=responses())
def read(
    caller: ReadsAudit,
    service: ServiceParts,
    action: Annotated[str | None, Query(max_length=64)] = None,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AuditPage:
    """What was done on behalf of the tenant of the key, the newest first."""
    found = service.database.audit_log(caller.tenant).page(action, read_cursor(cursor), limit + 1)
    shown = found[:limit]
    following = write_cursor(shown[-1].number) if len(found) > limit else None
    items = [
        AuditItem(at=one.at, actor=one.actor, action=one.action, subject=one.subject, detail=one.detail)
        for one in shown
    ]
    return AuditPage(items=items, next_cursor=following)
