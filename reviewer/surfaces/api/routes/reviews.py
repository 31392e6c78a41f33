"""Reviews: asked for, looked at, listed, cancelled."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from reviewer.domain.request import ReviewRecord, ReviewRequest, State
from reviewer.errors import ConflictError
from reviewer.jobs.models import check_model
from reviewer.jobs.source import check
from reviewer.stores.database.idempotency import Claim
from reviewer.stores.database.reviews import Filter
from reviewer.surfaces.api.access import ReadsReviews, ServiceParts, WritesReviews
from reviewer.surfaces.api.paging import read_cursor, write_cursor
from reviewer.surfaces.api.problem import responses
from reviewer.surfaces.api.routes.destination import PostTo, check_destination
from reviewer.surfaces.api.routes.gate import USUAL_ENVIRONMENT, GateItem, gate_of
from reviewer.surfaces.api.routes.shared import Accepted, Body, Place, Revision

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])
_TOLD_BY_REPORT = {"id", "status", "verdict", "repository", "base", "head", "created_at"}
_DIFF = "--- a/app.py\n+++ b/app.py\n@@ -1,2 +1,3 @@\n import requests\n+requests.get('https://example.org')\n x = 1\n"
_EXAMPLES: list[JsonValue] = [
    {"repository": "https://github.com/example/shop", "base": "main", "head": "feature", "ref": "refs/pull/7/head"},
    {"diff": _DIFF, "model": "offline"},
]


class ReviewBody(Body):
    """What is to be reviewed: commits of a repository, or a diff."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": _EXAMPLES})

    repository: Place | None = Field(
        default=None, description="A URL on an allowed host, or an allowed path on the machine of the service."
    )
    diff: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="A unified diff; contents are read from `repository` at `head`, where given."
    )
    base: Revision | None = Field(default=None, description="Compare with it. Default: the default branch.")
    head: Revision | None = Field(default=None, description="Review it. Default: the default branch's newest commit.")
    deployed: Revision | None = Field(
        default=None,
        description="Another word for `base`: what runs now. null, written out beside an `environment`, says that "
        "nothing runs there yet: all of the candidate is reviewed then.",
    )
    candidate: Revision | None = Field(default=None, description="Another word for `head`: what is to run.")
    environment: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        default=None,
        description="Where the candidate is to be deployed; the answer then tells whether it may. Default with "
        f"`deployed` and `candidate`: {USUAL_ENVIRONMENT}.",
    )
    ref: Annotated[str, Field(min_length=1, max_length=1000)] | None = Field(
        default=None,
        description="What `head` is the newest of: a branch, a pull request. A newer request of the same repository "
        "and ref supersedes an older one that is not finished.",
    )
    paths: list[Annotated[str, Field(min_length=1, max_length=1000)]] = Field(
        default_factory=list, max_length=200, description="git pathspecs to narrow to."
    )
    model: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="offline, anthropic:NAME or openai:NAME. Default: the repository's settings."
    )
    post_to: PostTo | None = Field(default=None, description="Where to post the report.")

    @model_validator(mode="after")
    def _fits(self) -> ReviewBody:
        if self.repository is None and self.diff is None:
            raise ValueError("give a repository or a diff")
        for one, other in (("base", "deployed"), ("head", "candidate")):
            if getattr(self, one) is not None and getattr(self, other) is not None:
                raise ValueError(f"{one} and {other} mean the same; leave one out")
        if self.diff is not None and (self.base or self.deployed):
            raise ValueError("diff and base do not go together; leave one out")
        if self.environment is not None and (self.repository is None or not (self.base or self._names_deployed())):
            raise ValueError(
                "environment needs a repository, with deployed and candidate; deployed is null where nothing runs yet"
            )
        if self.repository is None and (self.head or self.candidate or self.ref):
            raise ValueError("head and ref require a repository")
        return self

    def _names_deployed(self) -> bool:
        """Whether it says what runs now, or that nothing does; to say neither may be a slip of the pipeline."""
        if self.deployed is not None:
            return True
        return "deployed" in self.model_fields_set and self.diff is None and bool(self.head or self.candidate)

    def request(self) -> ReviewRequest:
        """As the rest of the service knows it."""
        is_first = self.environment is not None and not (self.base or self.deployed)
        return ReviewRequest(
            repository=self.repository,
            diff=self.diff,
            base=self.base or self.deployed,
            head=self.head or self.candidate,
            ref=self.ref,
            paths=tuple(self.paths),
            # A whole program would use up what one review may spend on a model, and stay incomplete for it.
            model=self.model or ("offline" if is_first else None),
            post_to=None if self.post_to is None else self.post_to.model_dump(exclude_none=True),
            environment=self.environment or (USUAL_ENVIRONMENT if self.deployed and self.candidate else None),
        )


class ProgressItem(BaseModel):
    """How far a review is."""

    step: str | None = Field(description="fetch, analyse, explain or post; null before the first.")
    files_done: int
    files_total: int


class ReviewItem(BaseModel):
    """A review without its report."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "0b54c8f0a1f54e3f8e2f6d1b7c9a4e21",
                "state": "running",
                "progress": {"step": "analyse", "files_done": 3, "files_total": 12},
                "status": None,
                "verdict": None,
                "repository": "https://github.com/example/shop",
                "base": "main",
                "head": "feature",
                "ref": "refs/pull/7/head",
                "superseded_by": None,
                "posted": None,
                "gate": None,
                "created_at": "2026-11-27T12:00:00Z",
                "started_at": "2026-11-27T12:00:01Z",
                "finished_at": None,
            }
        }
    )

    id: str
    state: State
    progress: ProgressItem
    status: str | None = Field(description="complete, partial or failed; null before there is a report.")
    verdict: str | None = Field(description="pass, warn or block; null before there is a report.")
    repository: str | None
    base: str | None
    head: str | None
    ref: str | None
    superseded_by: str | None
    posted: dict[str, Any] | None
    gate: GateItem | None = Field(
        default=None, description="Whether the candidate may be deployed; told of a single review."
    )
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ReviewPage(BaseModel):
    """Reviews, the newest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [], "next_cursor": None}})

    items: list[ReviewItem]
    next_cursor: str | None = Field(description="Ask with it for the next page; null on the last.")


class ReviewState(ReviewItem):
    """A review; once it is finished, with every field of its report (schema `reviewer.review/1`) beside these."""

    model_config = ConfigDict(extra="allow")


@router.post(
    "",
    status_code=202,
    summary="Ask for a review",
    responses={
        **responses(413),
        202: {
            "description": "It is kept, and will be made whatever happens.",
            "headers": {"Location": {"description": "Where it is.", "schema": {"type": "string"}}},
        },
    },
)
def create(
    *,
    body: ReviewBody,
    http: Request,
    response: Response,
    caller: WritesReviews,
    service: ServiceParts,
    idempotency_key: Annotated[
        str | None,
        Header(min_length=1, max_length=255, description="The same key with the same body is the same review."),
    ] = None,
) -> Accepted:
    """A review is accepted once it is stored; a client that goes away stops nothing."""
    request = replace(body.request(), trace=getattr(http.state, "trace", None))
    check(request, service.settings.repositories)
    check_destination(request, caller.tenant, service.access)
    check_model(request.model, service.settings.models.allowed)
    claim = None
    if idempotency_key is not None:
        text = json.dumps(body.model_dump(mode="json"), sort_keys=True)
        digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
        claim = Claim("POST /v1/reviews", idempotency_key, digest)
    accepted = service.database.reviews(caller.tenant).accept(request, caller.actor, claim)
    if not accepted.repeated:
        service.jobs.review(caller.tenant, accepted.id)
    response.headers["Location"] = f"/v1/reviews/{accepted.id}"
    return Accepted(id=accepted.id)


@router.get("", summary="List reviews", response_model=ReviewPage, responses=responses())
def list_reviews(
    *,
    caller: ReadsReviews,
    service: ServiceParts,
    state: State | None = None,
    verdict: Literal["pass", "warn", "block"] | None = None,
    repository: Annotated[str | None, Query(max_length=1000)] = None,
    head: Annotated[str | None, Query(max_length=1000)] = None,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Reviews, the newest first, without their reports."""
    wanted = Filter(state, repository, head, verdict)
    found = service.database.reviews(caller.tenant).page(wanted, read_cursor(cursor), limit + 1)
    shown = found[:limit]
    following = write_cursor(shown[-1].number) if len(found) > limit else None
    page = ReviewPage(items=[_item(one) for one in shown], next_cursor=following)
    # Written here, since the framework would check every item once more.
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/{identity}",
    summary="Look at a review",
    response_model=ReviewState,
    responses=responses(404),
)
def read(identity: str, caller: ReadsReviews, service: ServiceParts) -> Response:
    """The report, with the state beside it; while it is being made the state alone, and when to ask again."""
    record, report = service.database.reviews(caller.tenant).report(identity)
    item = _item(record, gate_of(service, record, report))
    # One that was given up may have left a draft, which is no answer to anything.
    if report is None or record.status is None:
        text = item.model_dump_json()
    else:
        # The report is JSON already; reading and writing it again would take longer than all the rest.
        text = f"{item.model_dump_json(exclude=_TOLD_BY_REPORT)[:-1]}, {report.lstrip()[1:]}"
    headers = {} if record.state.is_final else {"Retry-After": "1"}
    return Response(text, media_type="application/json", headers=headers)


@router.post("/{identity}/cancel", summary="Cancel a review", responses=responses(404, 409))
def cancel(identity: str, caller: WritesReviews, service: ServiceParts) -> ReviewItem:
    """Give up a review that is not finished."""
    reviews = service.database.reviews(caller.tenant)
    if not reviews.cancel(identity, caller.actor):
        state = reviews.get(identity).state
        if state is not State.CANCELLED:
            raise ConflictError(f"this review is {state.value} already; there is nothing to cancel")
    return _item(reviews.get(identity))


def _item(record: ReviewRecord, gate: GateItem | None = None) -> ReviewItem:
    return ReviewItem(
        id=record.id,
        state=record.state,
        progress=ProgressItem(
            step=record.progress.step,
            files_done=record.progress.files_done,
            files_total=record.progress.files_total,
        ),
        status=record.status,
        verdict=record.verdict,
        repository=record.request.repository,
        base=record.base,
        head=record.head,
        ref=record.request.ref,
        superseded_by=record.superseded_by,
        posted=None if record.posted is None else dict(record.posted),
        gate=gate,
        created_at=record.created_at,
        started_at=record.started_at,
        finished_at=record.finished_at,
    )
