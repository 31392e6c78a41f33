"""What a review says on a forge, and what stands there already: frozen values between planning and posting."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
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
        approving, disapproving: thumbs up and down on its first comment.
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
    approving: int = 0
    disapproving: int = 0

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
        base: full id of the commit that the target branch stands at; empty where the forge does not tell.
    """

    head: str
    is_open: bool = True
    threads: tuple[Thread, ...] = ()
    notes: tuple[Note, ...] = ()
    remarks: tuple[Remark, ...] = ()
    draft: Draft | None = None
    check: str | None = None
    base: str = ""


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
