"""Keeps what came of an event of a forge, and counts it: done, ignored or failed, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reviewer.domain.request import State
from reviewer.stores.database.database import Database
from reviewer.telemetry.metric import Metrics

IgnoredReason = Literal["draft", "closed", "stale", "known", "unreviewed", "forbidden", "nothing"]
FAULT = "fault"
"""The code of an error that is a bug of this program."""
UNFINISHED_JOB = "job"
"""The code where the job of an event ended without a result."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What came of an event.

    Attributes:
        words: for a person.
        ignored: why nothing was to be done; None where something was.
        failed: code of the error that kept it from being done; None where nothing did.
    """

    words: str
    ignored: IgnoredReason | None = None
    failed: str | None = None


def ignored(reason: IgnoredReason, words: str) -> Conclusion:
    """An event that asks for nothing, as it turned out."""
    return Conclusion(f"ignored: {words}", ignored=reason)


def conclude(database: Database, metrics: Metrics, identity: str, conclusion: Conclusion) -> None:
    """Keep what came of an event; one that is concluded already stays as it is, and is not counted again.

    Raises:
        StoreError: the database failed.
    """
    state = State.DONE if conclusion.failed is None else State.FAILED
    forge = database.inbox.finish(identity, state, conclusion.words)
    if forge is None:
        return
    outcome = "failed" if conclusion.failed is not None else "ignored" if conclusion.ignored is not None else "done"
    metrics.events.labels(forge, outcome, conclusion.failed or conclusion.ignored or "none").inc()
