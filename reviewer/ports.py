"""The small Protocols that adapters implement; the pipeline knows nothing else of the outside."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a push would wait for a hundred classes of which it needs none
    from datetime import datetime

    from reviewer.domain.catalog import Catalog, Entry, Outcome, Wish
    from reviewer.domain.change import Change
    from reviewer.domain.check import Check
    from reviewer.domain.comment import Comment, Draft, Note, Standing, Target, Thread
    from reviewer.domain.delivery import MissedDelivery
    from reviewer.domain.event import DeploymentWanted
    from reviewer.domain.fix import Authorship, Fix
    from reviewer.domain.lesson import Lesson
    from reviewer.domain.model import ModelReply, ModelRequest
    from reviewer.domain.pattern import Pattern
    from reviewer.domain.posting import Destination, ForgeLimits
    from reviewer.domain.report import Report
    from reviewer.domain.request import Posted, ReviewRequest

INDEX = ":"
"""The revision that stands for the index."""


class Scope(StrEnum):
    """Which lines a review covers."""

    RANGE = "range"
    """From merge-base(base, head) to head."""
    STAGED = "staged"
    """HEAD to the index."""
    WORKTREE = "worktree"
    """HEAD to the work tree, untracked files included."""
    ALL = "all"
    """Every line of the files at head."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What to review.

    Attributes:
        scope: which lines.
        base: revision to compare with; None means the upstream, else the default branch.
        besides: full ids of more commits; where there are any, a line is new that is new against each of them too.
        head: revision to review; None means HEAD.
        paths: git pathspecs to narrow to; empty for all.
    """

    scope: Scope = Scope.RANGE
    base: str | None = None
    head: str | None = None
    paths: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()


class Sources(Protocol):
    """The files of the reviewed state beside those of the change, read only when asked for."""

    def read(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        """Contents of those of the paths that exist and may be read."""

    def mentioning(self, word: str, folders: Sequence[str]) -> Sequence[str]:
        """Python files directly in some folders, or in a folder directly in them, whose text holds a word; sorted."""

    def close(self) -> None:
        """Let go of what is held open; a later `read` would open it again."""


OpenSources = Callable[[], Sources]
"""Opens the sources once for each process that reads them; it can be sent to another process."""


class Memory(Protocol):
    """What earlier work has found, by a key that says all that it depends on. What is remembered may be forgotten."""

    @property
    def complaint(self) -> str | None:
        """What a person should know of its state; None where all is well."""

    def recall(self, kind: str, key: str) -> bytes | None:
        """What was remembered; None where nothing was, or it was forgotten or damaged."""

    def remember(self, kind: str, key: str, value: bytes) -> None:
        """Keep a value, perhaps."""

    def flush(self) -> None:
        """Write down what is not written yet."""

    def close(self) -> None:
        """Write down what is not written yet, and let go of what is held open."""


OpenMemory = Callable[[], Memory]
"""Opens the memory once for each process that uses it; it can be sent to another process."""


class LanguageModel(Protocol):
    """Answers questions. One provider and model each; nothing is repeated behind this Protocol (`llm.patient` does)."""

    @property
    def name(self) -> str:
        """As a person names it: "anthropic:claude-sonnet-5"."""

    @property
    def identity(self) -> str:
        """Who answers, the address included and no secret; what one has answered, only the same one has answered."""

    async def ask(self, request: ModelRequest, seconds: float) -> ModelReply:
        """Ask once.

        Args:
            request: the question.
            seconds: time after which the answer is of no use; the call has ended by then.

        Raises:
            ModelError: there is no answer; the error says why and whether asking again may help.
        """

    async def close(self) -> None:
        """Let go of connections."""


class Repository(Protocol):
    """A source of changes and file contents. Nothing in it is ever executed or changed."""

    @property
    def name(self) -> str:
        """Name to show in a report."""

    def select(self, selection: Selection) -> Change:
        """The change that the selection names, contents included.

        Raises:
            RevisionError: a revision is unknown here, or its history is not (shallow clone).
        """

    def read(self, paths: Sequence[str], revision: str | None) -> dict[str, bytes]:
        """Contents of those of the paths that exist at the revision, without running filters.

        Args:
            paths: from the root of the repository.
            revision: None for the work tree, `INDEX` for the index.
        """


class Folder(Protocol):
    """A folder as it is at one moment. Nothing in it is ever executed or changed."""

    @property
    def name(self) -> str:
        """As a person is told it."""

    @property
    def origin(self) -> str:
        """Where it is, at whatever moment."""

    @property
    def identity(self) -> str:
        """Changes whenever a file of the folder does."""

    def files(self) -> Mapping[str, str]:
        """Files of the folder and those below it, from there -> what changes whenever the file does.

        Raises:
            RepositoryError: it cannot be read.
        """

    def read(self, file: str) -> bytes | None:
        """Contents of one of the files; None for what is not a regular file or too large.

        Raises:
            RepositoryError: it cannot be read.
        """

    def close(self) -> None:
        """Let go of what is held open."""


class FixSource(Protocol):
    """Where mending commits are read from. Nothing in it is ever executed or changed."""

    def fix(self, commit: str) -> Fix:
        """A commit with the contents of its Python files before and after.

        A merge of few commits is read as what it brought to its first parent, and the fix's notes say so.

        Args:
            commit: a revision, or "BEFORE..AFTER" for several commits that mend together.

        Raises:
            FixError: there is no such commit; it is the first one or a merge of many, or touches no Python or too much.
            RepositoryError: git failed.
        """

    def authors(self, fix: Fix) -> Sequence[Authorship]:
        """The commits that wrote the lines which a fix replaced, those of most lines first.

        What cannot be told in bounded time, or is not here, is left out; that nobody is named says nothing.
        """

    def sample(self, commit: str, lines: int, left_out: Collection[str] = ()) -> Mapping[str, bytes]:
        """Python files of a commit by path, tests left out; which ones only their paths decide.

        Args:
            commit: full id.
            lines: with so many lines there are enough.
            left_out: paths that are not wanted.

        Raises:
            RevisionError: there is no such commit.
            RepositoryError: git failed.
        """


class CatalogIndex(Protocol):
    """Finds the few members of a catalog that are wanted without reading it all. It is the catalog's as it is now."""

    def size(self) -> int:
        """How many entries there are."""

    def frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        """In how many entries each of some terms occurs; those that occur nowhere are left out."""

    def nominate(self, terms: Sequence[str], wish: Wish, limit: int) -> Sequence[Entry]:
        """Entries that hold some of the terms and are wished for, those that hold most first.

        Args:
            terms: as `catalog.lookup` makes them.
            wish: what the answer is narrowed to.
            limit: most entries to give.
        """

    def entries(self, ids: Collection[str], wish: Wish) -> Sequence[Entry]:
        """Those of some entries that are there and are wished for, sorted by id."""

    def runnable(self, words: Collection[str]) -> Sequence[Pattern]:
        """Active and shadow patterns whose detectors may match a text of these words, sorted by id.

        Args:
            words: the identifiers of the text, whole, and what the rules find (`catalog.query.trigger.triggers_in`).
        """

    def words_only(self, ids: Collection[str]) -> Sequence[tuple[str, str]]:
        """Ids and passages of those of some entries for which no detector can be run, sorted by id; none retired."""

    def passages(self, model: str, limit: int) -> Sequence[tuple[str, str]]:
        """Ids and passages of entries whose meaning a model has not been asked for yet."""

    def keep_vectors(self, model: str, vectors: Mapping[str, bytes]) -> None:
        """Remember, perhaps, what a model made of the passages of some entries."""

    def vectors(self, model: str, wish: Wish) -> Sequence[tuple[str, bytes]]:
        """What a model made of the entries that are wished for, by id."""


class CatalogStore(Protocol):
    """Where a catalog is kept. Every write is whole or not at all, also when two write at once or one is killed."""

    def load(self) -> Catalog:
        """Everything.

        Raises:
            CatalogError: something in it cannot be understood; the error names the place and the reason.
        """

    def put(self, patterns: Sequence[Pattern] = (), lessons: Sequence[Lesson] = ()) -> None:
        """Keep patterns and lessons, in the place of those with the same id; all of them or none.

        Raises:
            CatalogError: it cannot be written, or another process wrote the same in the meantime.
        """

    def add_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """Keep what became of findings. The same outcome twice is one."""

    def outcomes(self) -> Sequence[Outcome]:
        """All outcomes, the oldest first."""

    def index(self) -> CatalogIndex:
        """What finds its members.

        Raises:
            CatalogError: as `load`.
        """

    def close(self) -> None:
        """Let go of what is held open."""


class Poster(Protocol):
    """Tells people of a review where they talk. A worker may die after it posted: the same report comes again then."""

    def post(self, request: ReviewRequest, report: Report, change: Change | None) -> Posted:
        """Post a report, or see that it is posted already; never twice.

        Args:
            request: what was asked; `post_to` says where.
            report: what came of it; its `id` is the review's.
            change: the files of its findings, with their hunks; None where there are none, or they could not be had.

        Raises:
            ReviewerError: it could not be posted; the review says so, and its report stays as it is.
        """


class Credentials(Protocol):
    """Knows how to be let in where a repository is fetched from."""

    def authorisation(self, request: ReviewRequest) -> str | None:
        """The value of the HTTP header Authorization; None for a repository that is open to all.

        Raises:
            ReviewerError: there should be one, and it cannot be had.
        """


class WebhookLog(Protocol):
    """The webhooks of a forge as it keeps them, for those that did not get through. Every method raises as `Forge`."""

    @property
    def forge(self) -> str:
        """Its name, as `Forge.name`."""

    def missed(self, since: datetime) -> Sequence[MissedDelivery]:
        """Those since a moment that never got through and that nobody has asked for again, the oldest first."""

    def repeat(self, missed: MissedDelivery) -> bool:
        """Have one delivered again; False where the forge refuses that for good."""


class CodeHosts(Protocol):
    """What jobs ask forges beside posting. Every method raises as `Forge` does, and `UsageError` without access."""

    def look(self, place: Destination) -> Standing:
        """What stands on a pull request."""

    def may_write(self, place: Destination, login: str) -> bool:
        """Whether somebody may write to a repository."""

    def deployed(self, place: Destination, environment: str) -> str | None:
        """The commit that was last deployed to an environment with success; None for none."""

    def answer(self, wanted: DeploymentWanted, *, approved: bool, reason: str) -> None:
        """Let a deployment that waits go on, or stop it.

        Raises:
            WebhookError: the address to answer at is not one of the forge for this repository.
        """


class Forge(Protocol):
    """A code host. No write is repeated behind this Protocol: whoever gets an `UncertainError` looks again first.

    Every method raises:
        UncertainError: it is not known whether the request was carried out.
        ForgeForbiddenError: the credentials do not allow it.
        RateLimitError: the forge wants to be left alone for longer than the adapter waits.
        ForgeError: anything else; asking again does not help.
    """

    @property
    def name(self) -> str:
        """As a person names it: "github", "gitlab", "local"."""

    @property
    def limits(self) -> ForgeLimits:
        """What it takes."""

    async def look(self, target: Target) -> Standing:
        """What stands there now. Only what we wrote ourselves counts as ours, whatever marker others copy."""

    async def comment(self, target: Target, comments: Sequence[Comment]) -> bool:
        """Create comments on lines.

        Returns:
            Whether they are there for everybody; False where they wait as a draft, which the next look shows.

        Raises:
            UnplaceableError: a place is refused; the next look shows which comments are there.
        """

    async def comment_on_file(self, target: Target, comment: Comment) -> None:
        """Create a comment on a file as a whole.

        Raises:
            UnplaceableError: the forge does not count the file as changed.
        """

    async def publish(self, target: Target, draft: Draft) -> None:
        """Show a draft to everybody."""

    async def discard(self, target: Target, draft: Draft) -> None:
        """Delete a draft; fine where it is gone."""

    async def resolve(self, target: Target, thread: Thread, body: str | None) -> None:
        """Close a thread, its first comment rewritten before where a body is given."""

    async def remove(self, target: Target, thread: Thread) -> None:
        """Delete the first comment of a thread that nobody answered; fine where it is gone."""

    async def summarise(self, target: Target, body: str, note: Note | None) -> None:
        """Write the summary comment, in the place of one that is there."""

    async def remove_note(self, target: Target, note: Note) -> None:
        """Delete a summary comment; fine where it is gone."""

    async def conclude(self, target: Target, check: Check) -> None:
        """Write the verdict on the head."""

    async def may_write(self, target: Target, login: str) -> bool:
        """Whether somebody may write to the repository."""

    async def close(self) -> None:
        """Let go of connections."""
