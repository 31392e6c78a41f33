"""What a client of the service asks for, how far it is, and what happened to it on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from reviewer.domain.comment import Waived
from reviewer.domain.posting import Reception


class State(StrEnum):
    """How far something that was accepted is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    """There is a result; a review's report says how complete it is."""
    FAILED = "failed"
    """It could not be done; a review's report says why."""
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    """A newer head of the same ref is reviewed instead."""

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to it."""
        return self not in (State.QUEUED, State.RUNNING)


UNFINISHED = (State.QUEUED, State.RUNNING)


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """What is to be reviewed.

    Attributes:
        repository: a URL, or a path on the machine of the service; None for a bare diff.
        diff: a unified diff; None for commits of the repository.
        base: revision to compare with; None for the default branch, or, with an environment, for nothing at all.
        head: revision to review; None for the default branch's.
        ref: what `head` is the newest of: a branch, a pull request. A newer request of the same repository and ref
            takes the place of an older one that is not finished.
        paths: git pathspecs to narrow to.
        model: who explains, as on the command line; None leaves it to the repository's settings.
        post_to: where the report is to be posted, as the forges' adapters understand it; None for nowhere.
        environment: where `head` is to be deployed in the place of `base`; the review then decides whether it may. None
            for no deployment.
        tenant: on whose behalf it is; the store sets it, and no client.
        trace: to which trace all that comes of it belongs, as in the header `traceparent`; None for one of its own.
    """

    repository: str | None = None
    diff: str | None = None
    base: str | None = None
    head: str | None = None
    ref: str | None = None
    paths: tuple[str, ...] = ()
    model: str | None = None
    post_to: Mapping[str, Any] | None = None
    environment: str | None = None
    tenant: str | None = None
    trace: str | None = None

    @property
    def is_first_deployment(self) -> bool:
        """Whether nothing runs yet where it is to be deployed: all of `head` is reviewed."""
        return self.environment is not None and self.base is None

    @property
    def succession(self) -> str | None:
        """Names the line of requests in which a newer one takes the place of an older; None where there is no such."""
        if self.repository is None or self.ref is None:
            return None
        return f"{self.repository}\n{self.ref}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a review is.

    Attributes:
        step: "fetch", "analyse", "explain" or "post"; None before the first.
        files_done, files_total: files that are analysed, and that are to be.
    """

    step: str | None = None
    files_done: int = 0
    files_total: int = 0


@dataclass(frozen=True, slots=True)
class ReviewEvent:
    """Something that happened to a review.

    Attributes:
        number: grows with every event of the same review.
        kind: "state", "progress" or "posted".
        at: when.
        data: what a client is told.
    """

    number: int
    kind: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """A review as the service knows it, without its diff and its report.

    Attributes:
        number: its place in the order in which reviews were accepted.
        id: its public name.
        tenant: whose it is.
        state: how far it is.
        request: what was asked, without the diff.
        progress: how far its steps are.
        status, verdict: those of its report; None before there is one.
        base, head: the commits that were compared, once they are known; else as they were asked for.
        superseded_by: id of the review that took its place.
        posted: what became of posting it; None before that, and where nothing is posted.
        created_at, started_at, finished_at: when.
    """

    number: int
    id: str
    tenant: str
    state: State
    request: ReviewRequest
    created_at: datetime
    progress: Progress = field(default_factory=Progress)
    status: str | None = None
    verdict: str | None = None
    base: str | None = None
    head: str | None = None
    superseded_by: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    posted: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of posting a report.

    Attributes:
        url: where a person finds it; None for nowhere.
        comments: notes that stand there now.
        note: what a person should know of how it was posted; None for nothing.
        waived: findings that people have accepted there.
        received: how comments were received there.
    """

    url: str | None = None
    comments: int = 0
    note: str | None = None
    waived: tuple[Waived, ...] = ()
    received: tuple[Reception, ...] = ()

    def data(self) -> dict[str, Any]:
        """As it is told to clients."""
        return {"url": self.url, "comments": self.comments, "note": self.note}
