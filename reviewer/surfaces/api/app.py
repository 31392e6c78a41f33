"""The application: its routes, its errors, its limits."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from reviewer import __version__
from reviewer.service_wiring import Service
from reviewer.surfaces.api import problem
from reviewer.surfaces.api.apart import Answering
from reviewer.surfaces.api.limits import LocalOnly, NoNul, TooLongAsProblem
from reviewer.surfaces.api.observed import Observed
from reviewer.surfaces.api.rate import OwnBuckets, RateHeaders, RateLimiter
from reviewer.surfaces.api.routes import (
    audit,
    events,
    explain,
    findings,
    gate,
    health,
    patterns,
    postmortems,
    reviews,
    webhooks,
)

MOST_BYTES = 16 * 1024 * 1024
"""Of a request's body: a diff, a post-mortem."""
_ABOUT = """Reviews changes of Python code before they are deployed. A pipeline asks `POST /v1/reviews` and gets an
answer that it can rely on: what was accepted is reviewed, whatever crashes; a review that could not be completed says
so, and is never a silent pass."""


def create_app(service: Service, *, open_to_all: bool = False, rate_limit: int = 600) -> FastAPI:
    """The application.

    Args:
        service: the open parts of the service.
        open_to_all: no API key is asked for; only for a service that this machine alone can reach.
        rate_limit: requests a minute with one API key, to all processes that serve from one PostgreSQL together.
    """
    app = FastAPI(
        title="reviewer",
        version=__version__,
        description=_ABOUT,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.state.service = service
    app.state.open_to_all = open_to_all
    app.state.answering = Answering(service.settings.concurrency, service.processes)
    app.state.limiter = RateLimiter(rate_limit, service.database.rates if service.database.is_shared else OwnBuckets())
    app.add_middleware(RateHeaders)
    app.add_middleware(NoNul)
    if open_to_all:
        app.add_middleware(LocalOnly)
    problem.install(app)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=MOST_BYTES)
    app.add_middleware(TooLongAsProblem, most_bytes=MOST_BYTES)
    app.add_middleware(Observed, observation=service.observation)
    for group in (reviews, events, gate, explain, findings, patterns, postmortems, audit, webhooks, health):
        app.include_router(group.router)
    return app
