"""Something of each sort in a store, so that there is something to ask for."""

from __future__ import annotations

from reviewer.domain.request import ReviewRequest, State
from reviewer.stores.database.database import DEFAULT_TENANT, Database
from tests.reports import a_finding, a_report

FINDING = "0123456789abcdef"


def seed_store(database: Database) -> dict[str, list[str]]:
    """Finished reviews and one that waits, a post-mortem and a finding; path -> ids."""
    reviews = database.reviews(DEFAULT_TENANT)
    done = []
    for state in (State.DONE, State.FAILED):
        identity = reviews.accept(ReviewRequest(diff="x"), "tests").id
        reviews.finish(identity, state, a_report(identity, findings=[a_finding(FINDING)]))
        done.append(identity)
    waiting = reviews.accept(ReviewRequest(repository="/somewhere", base="a", head="b", environment="test"), "tests").id
    lesson = database.postmortems(DEFAULT_TENANT).accept("etsy.md", "# It was down", None, "tests").id
    return {
        "/v1/reviews/{identity}": [*done, waiting],
        "/v1/reviews/{identity}/events": done,
        "/v1/reviews/{identity}/cancel": [*done, waiting],
        "/v1/reviews/{identity}/override": [*done, waiting],
        "/v1/postmortems/{identity}": [lesson],
        "/v1/patterns/{identity}": ["call-without-time-limit"],
        "/v1/findings/{identity}/feedback": [FINDING],
    }
