"""What a review says on a forge, and what stands there already: frozen values between planning and posting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal


class Side(StrEnum):
    """Which version of a file a line number counts in."""

    OLD = "old"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a review is posted.

    Attributes:
        repository: as the forge names it ("owner/name", "group/subgroup/name"); for a local folder any name.
        number: of the pull request or merge request; None for a commit alone, which gets a check and no comments.
        head: full id of the reviewed commit.
        base: full id of the commit it was compared with; None where there is none.
    """

    repository: str
    number: int | None
    head: str
    base: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a diff shows, by both numbers, as GitLab wants it.

    Attributes:
        new: its number in the new file; of a deleted line, that of the line that follows it there.
        old: its number in the old file; of an added line, that of the line that follows it there.
        kind: what happened to it.
    """

    new: int
    old: int
    kind: Literal["added", "deleted", "unchanged"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a comment stands.

    Attributes:
        path: of the file in the new tree; for a deleted file the old one.
        old_path: the path before, where it differs.
        line: last line; None for the file as a whole.
        start_line: first line of several; None for one line.
        side: which version the lines count in.
        end: `line` by both numbers.
        start: `start_line` by both numbers.
    """

    path: str
    old_path: str | None = None
    line: int | None = None
    start_line: int | None = None
    side: Side = Side.NEW
    end: Line | None = None
    start: Line | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment to be posted.

    Attributes:
        fingerprints: ids of the findings it tells of; one or more of the same lines.
        rules: the rules of those findings, in the same order.
        place: where.
        body: Markdown, hidden marker included.
    """

    fingerprints: tuple[str, ...]
    rules: tuple[str, ...]
    place: Place
    body: str


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody else wrote: an answer in one of our threads, or a comment on the whole.

    Attributes:
        author: login name.
        body: as written; hostile.
        is_bot: whether a program wrote it.
        link: where it can be read; empty where unknown.
    """

    author: str
    body: str
    is_bot: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread that we began.

    Attributes:
        id: what the adapter needs to resolve it.
        comment_id: what the adapter needs to edit or delete its first comment; they sort by age.
        fingerprints: what its first comment tells of.
        rules: the rules of those.
        path: file.
        resolved: somebody closed it.
        outdated: the lines it stands on changed since.
        fixed: we marked it as fixed ourselves.
        head: beginning of the id of the commit for which it was written; empty where that is not known.
        body: of its first comment.
        replies: what others answered.
    """

    id: str
    comment_id: int
    fingerprints: tuple[str, ...]
    rules: tuple[str, ...] = ()
    path: str = ""
    resolved: bool = False
    outdated: bool = False
    fixed: bool = False
    head: str = ""
    body: str = ""
    replies: tuple[Remark, ...] = ()

    @property
    def answered(self) -> bool:
        """Whether a person wrote in it."""
        return any(not reply.is_bot for reply in self.replies)


@dataclass(frozen=True, slots=True)
class Draft:
    """A review of ours that nobody else can see yet; a forge has at most one of them for each account.

    Attributes:
        id: what the adapter needs to publish or discard it.
        head: the commit it was made for; empty where it is not known.
        fingerprints: what its comments tell of.
        ours: whether we made it; a person's own draft is left alone.
    """

    id: str
    head: str
    fingerprints: frozenset[str]
    ours: bool = True


@dataclass(frozen=True, slots=True)
class Note:
    """Our summary comment as it stands.

    Attributes:
        id: what the adapter needs to edit or delete it; they sort by age.
        body: as it was written.
    """

    id: int
    body: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands on a forge at one moment.

    Attributes:
        head: full id of the commit that the pull request stands at now.
        is_open: neither merged nor closed.
        threads: those that we began, the oldest first.
        notes: our summary comments, the oldest first; more than one only after two workers wrote at once.
        remarks: comments of others on the whole.
        draft: an unpublished review.
        check: digest of the check that stands at the head and is finished; None for none.
    """

    head: str
    is_open: bool = True
    threads: tuple[Thread, ...] = ()
    notes: tuple[Note, ...] = ()
    remarks: tuple[Remark, ...] = ()
    draft: Draft | None = None
    check: str | None = None


@dataclass(frozen=True, slots=True)
class Waived:
    """A finding that a person accepted by a command in a comment.

    Attributes:
        fingerprint: id of the finding.
        reason: why, in the person's words; hostile.
        by: login name.
        link: where it was said; empty where unknown.
    """

    fingerprint: str
    reason: str
    by: str
    link: str = ""


Conclusion = Literal["success", "neutral", "failure", "action_required"]


@dataclass(frozen=True, slots=True)
class Annotation:
    """A line of a check; it may stand outside the diff."""

    path: str
    line: int
    end_line: int
    level: Literal["notice", "warning", "failure"]
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Check:
    """The verdict on a head.

    Attributes:
        conclusion: "success" only for a complete review that passes.
        title: verdict and counts in one line.
        summary: Markdown.
        annotations: findings, the worst first.
        digest: the same for the same content; with it a check is known again.
        complete: whether everything was reviewed; a forge without a neutral state shows the rest as an error.
    """

    conclusion: Conclusion
    title: str
    summary: str
    annotations: tuple[Annotation, ...]
    digest: str
    complete: bool = True


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


class Outcome(StrEnum):
    """What became of posting a review."""

    POSTED = "posted"
    STALE = "stale"
    """The head moved on; nothing was posted for the old one."""
    CLOSED = "closed"
    """Merged or closed; only the check was written."""
    FORBIDDEN = "forbidden"
    """We may not write there, as in a fork's workflow; `Posted.fallback` is what the caller can print instead."""


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
class Posted:
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
