"""From what a client names as the repository to a folder on this machine that git can read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from reviewer.diff.address import read_address
from reviewer.diff.clones import Clones
from reviewer.domain.request import ReviewRequest
from reviewer.domain.service import RepositoryPolicy, ServiceSettings
from reviewer.errors import ForbiddenError
from reviewer.ports import Credentials


@dataclass(frozen=True, slots=True)
class Located:
    """Where a change is.

    Attributes:
        folder: the repository; None for a bare diff.
        base, head: revisions that are there; no base where all of the head is reviewed.
        name: what the repository is called in the report; None for its path.
    """

    folder: str | None = None
    base: str | None = None
    head: str | None = None
    name: str | None = None


def is_address(repository: str) -> bool:
    """Whether a repository is named by a URL, and not by a path of the service's machine."""
    return "://" in repository


def host_of(repository: str | None) -> str | None:
    """The host that a repository is fetched from; None for what is on this machine."""
    if repository is None or not is_address(repository):
        return None
    return urlsplit(repository).hostname or "local"


def posting_of(request: ReviewRequest) -> str | None:
    """Under whose limits a review is posted; None for nowhere.

    Not those of fetching from the same host: who posts may have to wait for an hour until a forge takes more, and keeps
    its place meanwhile.
    """
    return None if request.post_to is None else f"post {host_of(request.repository) or 'local'}"


def allowed_path(repository: str, policy: RepositoryPolicy) -> Path:
    """A repository of this machine.

    Raises:
        ForbiddenError: it does not lie below a folder that the settings name. The same is said of what does not exist.
    """
    path = Path(repository)
    resolved = path.resolve()
    if not path.is_absolute() or not any(resolved.is_relative_to(folder.resolve()) for folder in policy.paths):
        raise ForbiddenError(
            f"repository {repository[:200]!r}: this service does not review that path; it is started with --allow-path "
            "for those that it may"
        )
    return resolved


def check(request: ReviewRequest, policy: RepositoryPolicy) -> None:
    """Refuse what would be refused later, while the client still listens.

    Raises:
        ForbiddenError: the repository is none that may be reviewed.
    """
    if request.repository is not None:
        if is_address(request.repository):
            read_address(request.repository, policy)
        else:
            allowed_path(request.repository, policy)


class Sources:
    """Finds what requests are about on this machine, or brings it here.

    Args:
        settings: of the service.
        credentials: for repositories that are not open to all.
    """

    def __init__(self, settings: ServiceSettings, credentials: Credentials) -> None:
        self._policy = settings.repositories
        self._credentials = credentials
        self._clones = Clones(settings.folder / "clones", settings.repositories, 2 * settings.review_seconds)

    def locate(self, request: ReviewRequest, known: Located | None = None) -> Located:
        """Find a change, or bring it here.

        Args:
            request: what was asked.
            known: where it was found before, perhaps on another machine.

        Raises:
            ForbiddenError: it is none that may be reviewed.
            RepositoryError, RevisionError: it cannot be had.
        """
        if request.repository is None:
            return Located()
        base = request.base if known is None else known.base
        head = request.head if known is None else known.head
        if not is_address(request.repository):
            return Located(str(allowed_path(request.repository, self._policy)), base, head)
        is_whole = request.is_first_deployment
        if base is None and (is_whole or (known is None and request.diff is not None)):
            base = head  # nothing is compared; the contents at head are all that is read
        brought = self._clones.bring(request.repository, base, head, self._credentials.authorisation(request))
        return Located(str(brought.folder), None if is_whole else brought.base, brought.head, brought.name)

    def locate_fix(self, request: ReviewRequest) -> Located:
        """Find a mending commit, which `head` names, with what was before it.

        Raises:
            ForbiddenError: the repository is none that may be read.
            RepositoryError, RevisionError: it cannot be had.
        """
        found = self.locate(request)
        if request.repository is None or not is_address(request.repository) or found.head is None:
            return found
        before = self._clones.parent(Path(found.folder or ""), found.head)
        return found if before is None else self.locate(request, Located(base=before, head=found.head))
