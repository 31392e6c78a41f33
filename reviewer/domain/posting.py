"""How much a review may say on a forge, and what its verdict means there."""

from __future__ import annotations

from dataclasses import dataclass

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
