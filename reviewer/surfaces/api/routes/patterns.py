"""Patterns of failure: looked up by words, by code, by id."""

from __future__ import annotations

import base64
import binascii
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from reviewer.domain.catalog import Wish
from reviewer.domain.pattern import FAILURES
from reviewer.errors import UsageError
from reviewer.jobs.lookup import Match, Search, match, search, show
from reviewer.surfaces.api.access import ReadsPatterns, ServiceParts
from reviewer.surfaces.api.apart import Answering, answering_of
from reviewer.surfaces.api.problem import responses
from reviewer.surfaces.api.routes.shared import Body

router = APIRouter(prefix="/v1/patterns", tags=["patterns"])
Answers = Annotated[Answering, Depends(answering_of)]
Words = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=20)]
_CODE: list[JsonValue] = [{"code": "import requests\nrequests.get(url)\n"}]


class Incident(BaseModel):
    """Where it happened."""

    title: str
    date: str
    source: str


class HitItem(BaseModel):
    """One answer."""

    id: str
    title: str
    score: float = Field(description="Between 0 and 1, comparable within one answer.")
    why: str
    incidents: list[Incident]


class PatternPage(BaseModel):
    """What fits, the best first; without a question all patterns, in the order of their ids."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "query": "connection pool exhausted",
                "results": [
                    {
                        "id": "lent-connection-not-returned",
                        "title": "A connection is not given back where something fails",
                        "score": 0.71,
                        "why": "connection pool",
                        "incidents": [{"title": "Shop down", "date": "2026-01-31", "source": "https://example.org"}],
                    }
                ],
                "patterns": None,
                "next_cursor": None,
            }
        }
    )

    query: str
    results: list[HitItem] = Field(default_factory=list)
    patterns: list[dict[str, Any]] | None = Field(default=None, description="Without a question: all that is known.")
    next_cursor: str | None = None


class MatchBody(Body):
    """Code to be looked up."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": _CODE})

    diff: Annotated[str, Field(min_length=1)] | None = Field(default=None, description="A unified diff.")
    code: Annotated[str, Field(min_length=1, max_length=1_000_000)] | None = Field(
        default=None, description="Python source, whole or a few lines of it."
    )
    libraries: Words = Field(default_factory=list)
    services: Words = Field(default_factory=list)
    limit: Annotated[int, Field(ge=1, le=100)] = 10

    @model_validator(mode="after")
    def _fits(self) -> MatchBody:
        if (self.diff is None) == (self.code is None):
            raise ValueError("give either a diff or code")
        return self


class PatternItem(BaseModel):
    """One pattern, with where it happened."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "pattern": {"id": "call-without-time-limit", "title": "Network call that waits for ever"},
                "incidents": [{"title": "Shop down", "date": "2026-01-31", "source": "https://example.org"}],
            }
        }
    )

    pattern: dict[str, Any]
    incidents: list[Incident]


@router.get("", summary="Look patterns up by words", responses=responses())
async def look_up(
    *,
    caller: ReadsPatterns,
    service: ServiceParts,
    answering: Answers,
    q: Annotated[str, Query(max_length=2000, description="What you want to know, in words.")] = "",
    library: Annotated[list[str], Query(max_length=20)] = [],  # noqa: B006 (FastAPI copies it)
    service_kind: Annotated[list[str], Query(alias="service", max_length=20)] = [],  # noqa: B006
    failure: Annotated[list[str], Query(alias="class", max_length=20)] = [],  # noqa: B006
    since: date | None = None,
    until: date | None = None,
    assistant: Annotated[list[str], Query(max_length=20)] = [],  # noqa: B006
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> PatternPage:
    """What has happened that fits the words. Nothing is said where nothing fits."""
    for name in failure:
        if name not in FAILURES:
            raise UsageError(f"class {name[:100]}: take {', '.join(FAILURES)}")
    wish = Wish(
        tuple(library),
        tuple(service_kind),
        tuple(failure),
        since.isoformat() if since else "",
        until.isoformat() if until else "",
        tuple(assistant),
    )
    place = service.catalogs.place(caller.tenant)
    question = Search(place, q.strip(), wish, _read_cursor(cursor), limit)
    found = await answering.ask(search, lambda: question)
    if "patterns" in found:
        following = _write_cursor(found["patterns"][-1]["id"]) if found["more"] else None
        return PatternPage(query=q, patterns=found["patterns"], next_cursor=following)
    return PatternPage(query=q, results=found["results"])


@router.post("/match", summary="Look patterns up by code", responses=responses(413))
async def look_up_code(
    body: MatchBody, caller: ReadsPatterns, service: ServiceParts, answering: Answers
) -> PatternPage:
    """Which patterns some code meets."""
    wish = Wish(tuple(body.libraries), tuple(body.services))
    question = Match(service.catalogs.place(caller.tenant), body.diff, body.code, wish, body.limit)
    return PatternPage(
        query="diff" if body.diff is not None else "code", **await answering.ask(match, lambda: question)
    )


@router.get("/{identity}", summary="Look at a pattern", responses=responses(404))
async def read(identity: str, caller: ReadsPatterns, service: ServiceParts, answering: Answers) -> PatternItem:
    """When code fails, what to do instead, where it happened, and the record of its replay."""
    place = service.catalogs.place(caller.tenant)
    return PatternItem.model_validate(await answering.ask(show, lambda: Search(place, identity)))


def _write_cursor(identity: str) -> str:
    return base64.urlsafe_b64encode(f"p{identity}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> str:
    if cursor is None:
        return ""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise UsageError("cursor: this is not a cursor; pass next_cursor of the page before") from error
    if not text.startswith("p"):
        raise UsageError("cursor: this is not a cursor; pass next_cursor of the page before")
    return text[1:]
