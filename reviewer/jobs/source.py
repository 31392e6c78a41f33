"""From what a client names as the repository to a folder on this machine that git can read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from reviewer.domain.request import ReviewRequest
from reviewer.domain.service import RepositoryPolicy
from reviewer.errors import ForbiddenError


@dataclass(frozen=True, slots=True)
class Located:
    """Where a change is.

    Attributes:
        folder: the repository; None for a bare diff.
        base, head: revisions that are there.
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
            raise ForbiddenError("repositories by URL are not allowed yet")
        allowed_path(request.repository, policy)


def locate(request: ReviewRequest, policy: RepositoryPolicy) -> Located:
    """Find, or bring here, what a request is about.

    Raises:
        ForbiddenError: it is none that may be reviewed.
        RepositoryError: it cannot be had.
    """
    if request.repository is None:
        return Located()
    return Located(str(allowed_path(request.repository, policy)), request.base, request.head)
