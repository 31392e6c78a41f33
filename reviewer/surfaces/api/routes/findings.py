"""What people say of findings."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field, JsonValue, model_validator

from reviewer.catalog_wiring import CatalogPlace, open_catalog
from reviewer.domain.catalog import Outcome
from reviewer.stores.database.feedback import Feedback
from reviewer.surfaces.api.access import ServiceParts, WritesFeedback
from reviewer.surfaces.api.problem import responses
from reviewer.surfaces.api.routes.shared import Body

router = APIRouter(prefix="/v1/findings", tags=["findings"])
_EXAMPLES: list[JsonValue] = [
    {"verdict": "useful"},
    {"verdict": "waived", "reason": "called in a job that may wait", "expires": "2027-03-31"},
]


class FeedbackBody(Body):
    """What somebody says of a finding."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": _EXAMPLES})

    verdict: Literal["useful", "wrong", "waived"]
    reason: Annotated[str, Field(max_length=2000)] = Field(default="", description="Wanted where it is waived.")
    expires: date | None = Field(default=None, description="The last day on which a waiver holds; for ever without.")
    repository: Annotated[str, Field(min_length=1, max_length=512)] | None = Field(
        default=None, description="Only of this one. Default: wherever the finding was told."
    )
    by: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(default=None, description="Who says so.")

    @model_validator(mode="after")
    def _fits(self) -> FeedbackBody:
        if self.verdict == "waived" and not self.reason.strip():
            raise ValueError("a waiver requires a reason")
        if self.verdict != "waived" and self.expires is not None:
            raise ValueError("only a waiver expires")
        return self


@router.post(
    "/{identity}/feedback",
    status_code=204,
    response_class=Response,
    summary="Say of a finding",
    responses=responses(404, 413),
)
def say(identity: str, body: FeedbackBody, caller: WritesFeedback, service: ServiceParts) -> None:
    """Useful, wrong or waived. A waived finding is marked as such in later reviews, and blocks nothing."""
    said_by = f"{caller.actor} ({body.by})" if body.by is not None else caller.actor
    feedback = Feedback(identity, body.verdict, body.reason, body.expires, body.repository)
    found = service.database.feedback(caller.tenant).add(feedback, said_by)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    outcomes = [Outcome(one.id, one.rule, one.pattern, one.repository, body.verdict, at, said_by) for one in found]
    with closing(open_catalog(CatalogPlace(service.catalogs.place(caller.tenant), own=True))) as store:
        store.add_outcomes(outcomes)
