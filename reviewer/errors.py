"""The one tree of errors that a person can cause, each with the line that person reads.

Errors are raised with data in them and become exit codes or HTTP answers only at the edge (`surfaces/`).
"""

from __future__ import annotations

from typing import ClassVar


class ReviewerError(Exception):
    """Base of everything the reviewer raises on purpose.

    `code` names the kind for machines, `exit_code` and `http_status` say what the edge makes of it, and `str(error)` is
    the one clear line for the person, ending in what to do.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 400


class UsageError(ReviewerError):
    """Options that do not go together, or a value that means nothing."""

    code = "usage"


class RepositoryError(ReviewerError):
    """The directory is no usable git repository."""

    code = "repository"


class UnreachableError(RepositoryError):
    """The other machine that has the repository does not answer, or not now."""

    code = "unreachable"
    http_status = 502


class RevisionError(ReviewerError):
    """A revision that git does not know here.

    Args:
        revision: the name as the person gave it.
        reason: what git lacks, and what to do about it.
    """

    code = "revision"

    def __init__(self, revision: str, reason: str) -> None:
        super().__init__(f"revision {revision!r}: {reason}")
        self.revision = revision
        self.reason = reason


class DiffError(ReviewerError):
    """Text that is no unified diff, or one cut short.

    Args:
        line: number of the first line that does not fit, counted from 1; 0 for the whole text.
        reason: what was expected there.
    """

    code = "diff"

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line} of the diff: {reason}" if line else reason)
        self.line = line


class SourceError(ReviewerError):
    """A file whose text cannot be read as Python; it becomes a `not_checked` entry, never the end of a review."""

    code = "source"


class SettingsError(ReviewerError):
    """A setting, waiver or baseline that cannot be understood."""

    code = "settings"


class FixError(ReviewerError):
    """A commit that cannot be read as a fix.

    Args:
        commit: as the person named it.
        reason: what is wrong with it, and what to do.
    """

    code = "fix"

    def __init__(self, commit: str, reason: str) -> None:
        super().__init__(f"fix {commit!r}: {reason}")
        self.commit = commit


class PostmortemError(ReviewerError):
    """A document that cannot be read as a post-mortem.

    Args:
        name: of the document.
        reason: what it is instead, and what to do.
    """

    code = "postmortem"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name


class CatalogError(ReviewerError):
    """A catalog, pattern or detector that cannot be understood or written.

    Args:
        place: file, pattern or field.
        reason: what is wrong there, and what to do.
    """

    code = "catalog"

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place


class KnowledgeError(ReviewerError):
    """A library description that breaks its own schema; only a broken installation shows this."""

    code = "knowledge"
    http_status = 500


class IncompleteReviewError(ReviewerError):
    """The review as a whole could not be made, through nobody's wrong usage."""

    code = "incomplete"
    exit_code = 3
    http_status = 500


class CatalogChangedError(CatalogError):
    """Somebody else has changed in a catalog what was to be written; load it and try again."""

    code = "catalog-changed"
    http_status = 409


class CatalogUnavailableError(CatalogError):
    """The database of a catalog cannot be had now; what is in it stays."""

    code = "catalog-unavailable"
    http_status = 503


class ModelError(ReviewerError):
    """A language model gave no answer; the review goes on without it and says so.

    Args:
        model: who was asked, as `LanguageModel.name`.
        reason: what happened, and what to do about it.
        again: asking the same model again may help.
        after: seconds that the provider wants to be left alone first; None where it did not say.
        calls: requests that were sent.
    """

    code = "model"
    exit_code = 3
    http_status = 502

    def __init__(
        self, model: str, reason: str, *, again: bool = False, after: float | None = None, calls: int = 1
    ) -> None:
        super().__init__(f"{model}: {reason}")
        self.model = model
        self.reason = reason
        self.again = again
        self.after = after
        self.calls = calls


class UnansweredError(ModelError):
    """The question lies where somebody may answer it, and nobody has yet; nothing failed."""

    code = "unanswered"


class PromptError(ReviewerError):
    """A prompt file that breaks its own form; only a broken installation shows this."""

    code = "prompt"
    exit_code = 3
    http_status = 500


class ReplyError(ReviewerError):
    """A model's answer that is not of the form that was asked for; it is asked to mend it once."""

    code = "reply"
    exit_code = 3
    http_status = 502


class AllowanceError(ReviewerError):
    """What a review may spend on models is used up; what is left is not asked."""

    code = "allowance"
    exit_code = 3
    http_status = 402


class StoreError(ReviewerError):
    """The service's database cannot be had; what was accepted is still in it."""

    code = "store"
    exit_code = 3
    http_status = 503


class UnreadableRecordError(StoreError):
    """What the database keeps was written by another version; it is no better the next time."""

    code = "unreadable-record"


class NotFoundError(ReviewerError):
    """There is nothing of that name, or nothing that the one who asks may see."""

    code = "not-found"
    http_status = 404


class ConflictError(ReviewerError):
    """It contradicts what was asked before, or what has become of it."""

    code = "conflict"
    http_status = 409


class ReusedKeyError(ReviewerError):
    """An idempotency key came again with another request."""

    code = "idempotency-key-reused"
    http_status = 422


class UnauthorisedError(ReviewerError):
    """No API key, or none that is good."""

    code = "unauthorised"
    http_status = 401


class ForbiddenError(ReviewerError):
    """The API key is good, and not for this; or the settings of the service do not allow it."""

    code = "forbidden"
    http_status = 403


class TooManyRequestsError(ReviewerError):
    """A caller asks more often than the service allows.

    Args:
        after: seconds until the next request is taken.
    """

    code = "rate-limit"
    http_status = 429

    def __init__(self, after: int) -> None:
        super().__init__(f"too many requests with this API key; ask again in {after} s")
        self.after = after


class BusyError(ReviewerError):
    """Somebody else does the same at this moment; a little later it can be done."""

    code = "busy"
    http_status = 503
    after: ClassVar[float] = 1.0
    """Seconds until it is worth trying again."""


class OvertakenError(ReviewerError):
    """A review of the same pull request was asked for since it was looked at; who looks again knows which is newer."""

    code = "overtaken"
    http_status = 503


class TimeLimitError(IncompleteReviewError):
    """It took longer than the service allows."""

    code = "time-limit"
    http_status = 503


class ForgeError(ReviewerError):
    """A forge did not do what it was asked for.

    Args:
        forge: which, as `Forge.name`.
        reason: what happened, and what to do about it; no text of the forge that may hold a secret.
    """

    code = "forge"
    exit_code = 3
    http_status = 502

    def __init__(self, forge: str, reason: str) -> None:
        super().__init__(f"{forge}: {reason}")
        self.forge = forge
        self.reason = reason


class UncertainError(ForgeError):
    """A request without a clear answer (a server's error, a lost connection): it may have been carried out or not."""

    code = "forge-uncertain"


class UnplaceableError(ForgeError):
    """The forge refuses a comment's lines: it sees other hunks than we do."""

    code = "forge-place"


class ForgeForbiddenError(ForgeError):
    """The credentials do not allow it, as those of a fork's workflow; what may be written instead is the caller's."""

    code = "forge-forbidden"


class RateLimitError(ForgeError):
    """The forge wants to be left alone for longer than we wait.

    Args:
        forge: which.
        after: seconds from now.
    """

    code = "forge-rate-limit"
    http_status = 503

    def __init__(self, forge: str, after: float) -> None:
        super().__init__(forge, f"its rate limit is reached; try again in {after:.0f} s")
        self.after = after


class WebhookError(ReviewerError):
    """A webhook's body that is not what its event promises."""

    code = "webhook"


class SignatureError(WebhookError):
    """A webhook whose sender is not proved."""

    code = "webhook-signature"
    http_status = 401


class WebhookSizeError(WebhookError):
    """A webhook's body that is larger than allowed."""

    code = "webhook-size"
    http_status = 413
