"""Where a client of the service wants a report posted."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from reviewer.domain.request import ReviewRequest
from reviewer.errors import ForbiddenError
from reviewer.forges.access import ForgeAccess


class PostTo(BaseModel):
    """A pull request, or a commit alone, of a code host that the service has access to; "local" is a folder of its."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"forge": "github", "repository": "example/shop", "number": 7}]},
    )

    forge: Literal["github", "gitlab", "local"]
    repository: Annotated[str, Field(pattern=r"^[\w.-]+(?:/[\w.-]+){0,20}$", max_length=500)] = Field(
        description="As the code host names it; the one that is reviewed, or one that the settings name."
    )
    number: Annotated[int, Field(gt=0, lt=2**53)] | None = Field(
        default=None, description="Of the pull request; without it the commit gets its verdict alone."
    )

    @model_validator(mode="after")
    def _has_an_owner(self) -> Self:
        if self.forge != "local" and "/" not in self.repository:
            raise ValueError("a repository of a code host is OWNER/NAME")
        return self


def check_destination(request: ReviewRequest, tenant: str, access: ForgeAccess) -> None:
    """Refuse what could not be posted later, while the client still listens.

    Raises:
        ForbiddenError: the forges are another tenant's, or the review would be posted on another repository.
    """
    if request.post_to is None:
        return
    if tenant != access.tenant:
        raise ForbiddenError("post_to: the forges of this service are not this tenant's; leave it out")
    forge, repository = request.post_to["forge"], request.post_to["repository"]
    if access.is_given and not access.may_post(forge, repository, request.repository):
        raise ForbiddenError(
            f"post_to: the review is not of {repository[:200]!r}; it can be posted on the repository that it is of, or "
            "on one that the service's settings name"
        )
