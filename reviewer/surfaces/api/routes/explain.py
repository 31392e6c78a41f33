"""The four answers for a piece of code."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from reviewer.domain.request import ReviewRequest
from reviewer.jobs.lookup import Question, explain
from reviewer.jobs.source import Sources, check
from reviewer.jobs.unconnected import NoCredentials
from reviewer.surfaces.api.access import ReadsReviews, ServiceParts
from reviewer.surfaces.api.apart import Answering, answering_of
from reviewer.surfaces.api.problem import responses
from reviewer.surfaces.api.routes.shared import Body, Place, Revision

router = APIRouter(prefix="/v1", tags=["explain"])
_EXAMPLES: list[JsonValue] = [
    {
        "source": "import requests\n\ndef price(url):\n    return requests.get(url).json()['price']\n",
        "target": "shop.py",
    },
    {"repository": "https://github.com/example/shop", "head": "main", "target": "shop/price.py::price"},
]


class ExplainBody(Body):
    """What is to be explained: a file that is sent, or one of a repository."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": _EXAMPLES})

    source: Annotated[str, Field(min_length=1, max_length=1_000_000)] | None = Field(
        default=None, description="The text of one Python file."
    )
    repository: Place | None = Field(
        default=None,
        description="A URL on an allowed host, or an allowed path. "
        "A private one wants a key that may ask for reviews of it (reviews:write).",
    )
    head: Revision | None = Field(default=None, description="Read it at this revision.")
    target: Annotated[str, Field(min_length=1, max_length=1000)] = Field(
        default="module.py", description="path, path:line or path::Qualified.name"
    )

    @model_validator(mode="after")
    def _fits(self) -> ExplainBody:
        if (self.source is None) == (self.repository is None):
            raise ValueError("give either a source or a repository")
        return self


class AnswerItem(BaseModel):
    """The four answers for one function."""

    path: str
    line: int
    function: str
    calls: str = Field(description="What it calls outside of the process.")
    unavailable: str = Field(description="What if that is slow or down.")
    throws: str = Field(description="Where it can throw.")
    inputs: str = Field(description="What it assumes about its input.")
    by: str | None = Field(description="The model whose words they are; null for the reviewer's own.")


class Explanation(BaseModel):
    """The answers for each function that is meant."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "answers": [
                    {
                        "path": "shop.py",
                        "line": 3,
                        "function": "price",
                        "calls": "requests.get (HTTP server)",
                        "unavailable": "requests.get() waits without limit",
                        "throws": "requests.exceptions.ConnectionError",
                        "inputs": "Nothing that its own statements show.",
                        "by": None,
                    }
                ],
                "notes": [],
            }
        }
    )

    answers: list[AnswerItem]
    notes: list[str]


@router.post("/explain", summary="Explain code", responses=responses(404, 413, 502))
async def ask(
    body: ExplainBody,
    caller: ReadsReviews,
    service: ServiceParts,
    answering: Annotated[Answering, Depends(answering_of)],
) -> Explanation:
    """What does it call; what if that is slow or down; where can it throw; what does it assume about its input."""

    def prepare() -> Question:
        if body.repository is None:
            return Question(body.target, source=body.source)
        request = ReviewRequest(repository=body.repository, base=body.head, head=body.head, tenant=caller.tenant)
        check(request, service.settings.repositories)
        # A key that may have nothing reviewed reads what is open to all.
        credentials = service.credentials if "reviews:write" in caller.scopes else NoCredentials()
        place = Sources(service.settings, credentials).locate(request)
        return Question(body.target, folder=place.folder, head=place.head or "HEAD")

    return Explanation.model_validate(await answering.ask(explain, prepare))
