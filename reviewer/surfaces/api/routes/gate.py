"""May this go out? The decision beside a review of what is deployed and what is to be; a person's word against it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from reviewer.domain.request import ReviewRecord
from reviewer.errors import ConflictError, ForbiddenError
from reviewer.jobs.gate import judge
from reviewer.service_wiring import Service
from reviewer.stores.database.overrides import GateOverride
from reviewer.surfaces.api.access import OverridesGate, ServiceParts
from reviewer.surfaces.api.problem import responses
from reviewer.surfaces.api.routes.shared import Body

router = APIRouter(prefix="/v1/reviews", tags=["gate"])
USUAL_ENVIRONMENT = "production"
"""Where a candidate goes if nobody says."""
_EXAMPLES: list[JsonValue] = [{"environment": "production", "reason": "the outage is worse than the finding; INC-7"}]


class Overridden(BaseModel):
    """Who decided against the review."""

    by: str
    reason: str
    at: datetime


class GateItem(BaseModel):
    """Whether a candidate may be deployed."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "decision": "rejected",
                "environment": "production",
                "reason": "Blocked: 1 high in 3 files.",
                "overridden_by": None,
            }
        }
    )

    decision: Literal["approved", "rejected", "pending"] = Field(
        description="Only approved is a yes; pending while the review is being made."
    )
    environment: str
    reason: str
    overridden_by: Overridden | None = None


class OverrideBody(Body):
    """A decision against a review."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": _EXAMPLES})

    environment: Annotated[str, Field(min_length=1, max_length=255)]
    reason: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")] = Field(description="Kept and shown.")


def gate_of(service: Service, record: ReviewRecord, report: str | None) -> GateItem | None:
    """The decision beside a review; None where it is about no deployment."""
    environment = record.request.environment
    if environment is None:
        return None
    override = service.database.overrides(record.tenant).last(record.id, environment)
    if not record.state.is_final and override is None:
        return GateItem(decision="pending", environment=environment, reason="The review is not finished.")
    decision = judge(service.policy, environment, record.head or "", record, report, override=override)
    overridden = None
    if decision.overrule is not None and override is not None:
        overridden = Overridden(by=override.by, reason=override.reason, at=override.at)
    return GateItem(
        decision="approved" if decision.approved else "rejected",
        environment=environment,
        reason=decision.reason,
        overridden_by=overridden,
    )


@router.post("/{identity}/override", summary="Decide against a review", responses=responses(404, 409, 413))
def override(identity: str, body: OverrideBody, caller: OverridesGate, service: ServiceParts) -> GateItem:
    """Let a candidate be deployed though its review says no; who did and why is kept in the audit log."""
    record, report = service.database.reviews(caller.tenant).report(identity)
    if record.request.environment != body.environment:
        raise ConflictError(f"this review is not about a deployment to {body.environment[:100]!r}")
    named = service.policy.rule(body.environment).overruled_by
    if named and caller.actor not in named:
        place = f"{body.environment[:100]!r}"
        raise ForbiddenError(f"{caller.actor} may not decide against a review for {place}; the settings name who may")
    kept = GateOverride(body.environment, body.reason.strip(), caller.actor, datetime.now(UTC))
    service.database.overrides(caller.tenant).add(record.id, kept)
    found = gate_of(service, record, report)
    assert found is not None  # noqa: S101 (the environment was looked at above)
    return found
