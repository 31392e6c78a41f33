"""Keeps what people and later changes have said of findings on a forge, where later reviews look for it."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reviewer.domain.catalog import Outcome, Verdict
from reviewer.domain.request import Posted
from reviewer.stores.database.feedback import Feedback, FeedbackStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.domain.posting import Reception


def keep_heard(feedback: FeedbackStore, catalog: str, repository: str, forge: str, posted: Posted) -> int:
    """Keep what is new.

    Args:
        feedback: of the tenant.
        catalog: URL of the tenant's catalog, whose outcomes count how often rules and patterns were right.
        repository: as the report names it.
        forge: where it was said.
        posted: what stands there.

    Returns:
        How many outcomes were new.

    Raises:
        StoreError: the database failed.
        CatalogError: the catalog cannot be written.
    """
    at = datetime.now(UTC).isoformat(timespec="seconds")
    outcomes: list[Outcome] = []
    for said, said_by, by in _said(posted, repository, forge):
        for told in feedback.hear(said, said_by):
            outcomes.append(Outcome(told.id, told.rule, told.pattern, told.repository, said.verdict, at, by))
    if outcomes:
        from reviewer.catalog_wiring import CatalogPlace, open_catalog  # noqa: PLC0415 (heavy)

        with closing(open_catalog(CatalogPlace(catalog, own=True))) as store:
            store.add_outcomes(outcomes)
    return len(outcomes)


def _said(posted: Posted, repository: str, forge: str) -> Iterator[tuple[Feedback, str, str]]:
    """What was said, by whom as the service's people see it, and by whom as a catalog does, which names nobody."""
    for waived in posted.waived:
        said = Feedback(waived.fingerprint, "waived", waived.reason, repository=repository)
        yield said, f"{forge}:{waived.by}"[:128], "reply"
    for one in posted.received:
        verdict, by = _verdict(one)
        yield Feedback(one.fingerprint, verdict, repository=repository), by, by


def _verdict(one: Reception) -> tuple[Verdict, str]:
    if one.approving != one.disapproving:
        return ("useful" if one.approving > one.disapproving else "wrong"), "reaction"
    return "fixed", "change"
