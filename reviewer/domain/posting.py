"""Posting a review: how much it may say, what is to be done, what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from reviewer.domain.check import Check, Conclusion
from reviewer.domain.comment import Comment, Draft, Note, Thread, Waived
from reviewer.domain.report import Level


@dataclass(frozen=True, slots=True)
class PostingLimits:
    """Bounds on what one review writes.

    Attributes:
        comments: open threads on lines that one pull request has at most; what is beyond stands in the summary.
        file_comments: the same for comments on files.
        annotations: lines that a check marks.
        least: the least severity that gets a comment of its own; the rest is counted in the summary.
        fail_on: the least severity of a new finding that blocks, or "never"; needed where a waiver lifts a verdict.
        incomplete_passes: whether a review of which a part failed lets a required check pass ("neutral").
    """

    comments: int = 30
    file_comments: int = 10
    annotations: int = 200
    least: Level = "medium"
    fail_on: Level | None = "high"
    incomplete_passes: bool = False


@dataclass(frozen=True, slots=True)
class ForgeLimits:
    """What a forge takes.

    Attributes:
        body: characters of a comment.
        suggestion: how a suggestion block begins: "github" (the lines of the comment) or "gitlab" (an offset); None for
            a forge that has none.
        file_comments: whether a comment can stand on a file as a whole.
    """

    body: int
    suggestion: str | None = None
    file_comments: bool = True


class Placement(StrEnum):
    """How far a forge is trusted to see the same hunks as we do; each refusal moves one step down."""

    CONTEXT = "context"
    """On every line that the hunks show, the unchanged ones around them included."""
    CHANGED = "changed"
    """On changed lines only."""
    FILE = "file"
    """On files only."""
    NOWHERE = "nowhere"
    """In the summary only."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done so that a forge shows a review.

    Attributes:
        comments: on lines, to be created together.
        file_comments: on files.
        publish: a draft that is to be shown.
        discard: a draft that is not.
        fixed: threads whose findings are gone: to be marked and resolved.
        settled: threads whose findings a person has waived: to be resolved.
        duplicates: threads that tell what an older one tells.
        listed: ids of the new findings that the summary names.
        counted: ids of those it only counts.
        summary: body of the summary comment; None where it stands already.
        extra_notes: summary comments beside the oldest.
        check: the verdict; None where it stands already.
    """

    comments: tuple[Comment, ...] = ()
    file_comments: tuple[Comment, ...] = ()
    publish: Draft | None = None
    discard: Draft | None = None
    fixed: tuple[Thread, ...] = ()
    settled: tuple[Thread, ...] = ()
    duplicates: tuple[Thread, ...] = ()
    listed: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    summary: str | None = None
    extra_notes: tuple[Note, ...] = ()
    check: Check | None = None

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return not (
            self.comments
            or self.file_comments
            or self.publish
            or self.discard
            or self.fixed
            or self.settled
            or self.duplicates
            or self.summary is not None
            or self.extra_notes
            or self.check
        )


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a review is to be posted.

    Attributes:
        forge: "github" or "gitlab".
        repository: as the forge names it.
        number: of the pull request; None for the commit alone.
        installation: of the App; None lets GitHub say which.
    """

    forge: str
    repository: str
    number: int | None = None
    installation: int | None = None


@dataclass(frozen=True, slots=True)
class Reception:
    """How a comment of ours was received.

    Attributes:
        fingerprint: id of the finding that it tells of.
        approving, disapproving: thumbs up and down.
        fixed: the finding is gone, and the lines that the comment stood on have changed.
    """

    fingerprint: str
    approving: int = 0
    disapproving: int = 0
    fixed: bool = False


class Outcome(StrEnum):
    """What became of posting a review."""

    POSTED = "posted"
    STALE = "stale"
    """The head moved on; nothing was posted for the old one."""
    CLOSED = "closed"
    """Merged or closed; only the check was written."""
    FORBIDDEN = "forbidden"
    """We may not write there, as in a fork's workflow; `PostedReview.fallback` is what the caller can print instead."""


@dataclass(frozen=True, slots=True)
class Fallback:
    """A review in the form of GitHub Actions, for a workflow that may not comment.

    Attributes:
        commands: workflow commands, one a line, for standard output; each makes an annotation.
        summary: Markdown for the file that GITHUB_STEP_SUMMARY names.
    """

    commands: str
    summary: str


@dataclass(frozen=True, slots=True)
class PostedReview:
    """What was done.

    Attributes:
        outcome: what became of it.
        head: where the pull request stands.
        created: comments that were created.
        resolved: threads that were closed since their findings are gone or waived.
        present: findings whose comments stood there already.
        listed: new findings that only the summary tells.
        conclusion: of the check; None where it was not written.
        waived: all waivers that hold here; the caller keeps them.
        notes: what went wrong or was refused, in words for a person.
        fallback: set for `FORBIDDEN`.
        received: how comments were received, those left out of which nothing is known.
    """

    outcome: Outcome
    head: str
    created: int = 0
    resolved: int = 0
    present: int = 0
    listed: int = 0
    conclusion: Conclusion | None = None
    waived: Mapping[str, Waived] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[str, ...] = ()
    fallback: Fallback | None = None
    received: tuple[Reception, ...] = ()
