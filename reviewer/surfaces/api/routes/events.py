"""What happens to a review, as it happens (server-sent events, WHATWG HTML 9.2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from reviewer.surfaces.api.access import ReadsReviews, ServiceParts
from reviewer.surfaces.api.problem import responses

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])
_EXAMPLE = 'event: progress\ndata: {"step": "analyse", "files_done": 3, "files_total": 12}\nid: 17\n\n'
_PAUSE = 0.5
"""Seconds between two looks for news."""


def known(identity: str, caller: ReadsReviews, service: ServiceParts) -> str:
    """The id of a review that there is; asked before the stream begins, where an error still has a status."""
    return service.database.reviews(caller.tenant).get(identity).id


@router.get(
    "/{identity}/events",
    summary="Follow a review",
    response_class=EventSourceResponse,
    responses={
        **responses(404),
        200: {
            "description": "Events, one after another.",
            "content": {"text/event-stream": {"example": _EXAMPLE}},
        },
    },
)
async def follow(
    identity: Annotated[str, Depends(known)],
    request: Request,
    caller: ReadsReviews,
    service: ServiceParts,
    last_event_id: Annotated[str | None, Header(description="Only what happened after this event.")] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Events `state`, `progress` and `posted` with their data as JSON, until the review is finished.

    A client that comes back with the id of the last event it has seen misses nothing.
    """
    reviews = service.database.reviews(caller.tenant)
    after = int(last_event_id) if last_event_id and last_event_id.isascii() and last_event_id.isdigit() else 0
    after = min(after, 2**62)
    while True:
        state, events = await run_in_threadpool(reviews.events, identity, after)
        for event in events:
            after = event.number
            data = {**event.data, "at": event.at.isoformat()}
            yield ServerSentEvent(id=str(event.number), event=event.kind, data=data)
        if not events and state.is_final and not await run_in_threadpool(reviews.will_be_posted, identity):
            return
        if await request.is_disconnected():
            return
        if not events:
            await asyncio.sleep(_PAUSE)
