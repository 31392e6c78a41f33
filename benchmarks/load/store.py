"""A store with many reviews in it."""

from __future__ import annotations

from reviewer.domain.request import ReviewRequest, State
from reviewer.stores.database.database import DEFAULT_TENANT, Database
from tests.reports import a_finding, a_report

FINDINGS = 5


def fill(url: str, count: int) -> list[str]:
    """Store finished reviews, each with its report; their ids."""
    database = Database(url)
    try:
        database.migrate()
        reviews = database.reviews(DEFAULT_TENANT)
        made = []
        for number in range(count):
            repository = f"https://example.org/octo/shop-{number % 50}"
            request = ReviewRequest(repository=repository, base="main", head=f"{number:040x}", model="offline")
            identity = reviews.accept(request, "benchmark").id
            findings = [a_finding(f"{number % 1000:012x}{one:04x}") for one in range(FINDINGS)]
            reviews.finish(identity, State.DONE, a_report(identity, findings=findings, repository=repository))
            made.append(identity)
        return made
    finally:
        database.close()
