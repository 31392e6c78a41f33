"""Requests as they are kept in a column, and as they are sent: plain JSON."""

from __future__ import annotations

import json
from typing import Any

from reviewer.domain.request import ReviewRequest


def write_request(request: ReviewRequest) -> str:
    """A request without its diff, which has a column of its own."""
    return json.dumps(
        {
            "repository": request.repository,
            "base": request.base,
            "head": request.head,
            "ref": request.ref,
            "paths": list(request.paths),
            "model": request.model,
            "post_to": None if request.post_to is None else dict(request.post_to),
            "environment": request.environment,
            "trace": request.trace,
        }
    )


def read_request(text: str, tenant: str, diff: str | None = None) -> ReviewRequest:
    """The request that a column holds."""
    data: dict[str, Any] = json.loads(text)
    return ReviewRequest(**{**data, "paths": tuple(data["paths"]), "diff": diff, "tenant": tenant})
