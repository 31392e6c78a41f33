"""What forges tell of, as far as the reviewer acts on it; the same for every forge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Command = Literal["waive", "review"]
"""What people can write to the reviewer in comments."""


@dataclass(frozen=True, slots=True)
class PullRequestChanged:
    """A pull request is to be reviewed, or not any more.

    Attributes:
        repository: as the forge names it.
        number: of the pull request.
        action: "review" for a new head, another base or one that became ready, "closed" for merged or closed.
        head: full id of its newest commit.
        base: full id of the commit it goes on from, or the name of the branch; empty where the forge does not tell.
        clone_url: of the repository that the pull request is for.
        is_draft: not yet ready for review.
        is_fork: its commits come from another repository.
        sender: login name.
        installation: of the App; None for a plain webhook.
    """

    repository: str
    number: int
    action: Literal["review", "closed"]
    head: str
    base: str
    clone_url: str
    is_draft: bool
    is_fork: bool
    sender: str
    installation: int | None = None


@dataclass(frozen=True, slots=True)
class CommandGiven:
    """A comment begins with a command for the reviewer; what it waives the next look at the forge reads itself.

    Attributes:
        repository: as the forge names it.
        number: of the pull request.
        sender: login name; who may give commands is asked of the forge.
        installation: of the App; None for a plain webhook.
        command: which one.
        clone_url: of the repository.
    """

    repository: str
    number: int
    sender: str
    installation: int | None = None
    command: Command = "waive"
    clone_url: str = ""


@dataclass(frozen=True, slots=True)
class ReviewWanted:
    """Somebody asks for a check again.

    Attributes:
        repository: as the forge names it.
        head: full id of the commit.
        numbers: pull requests of it; none for one out of a fork.
        installation: of the App.
        clone_url: of the repository.
    """

    repository: str
    head: str
    numbers: tuple[int, ...]
    installation: int | None = None
    clone_url: str = ""


@dataclass(frozen=True, slots=True)
class DeploymentWanted:
    """A deployment waits for an answer.

    Attributes:
        repository: as the forge names it.
        environment: where to.
        candidate: full id of the commit to be deployed.
        callback: the address to answer at, as it came: hostile.
        sender: login name.
        installation: of the App.
        clone_url: of the repository.
    """

    repository: str
    environment: str
    candidate: str
    callback: str
    sender: str
    installation: int | None = None
    clone_url: str = ""


@dataclass(frozen=True, slots=True)
class InstallationChanged:
    """The App was installed somewhere or removed.

    Attributes:
        installation: which.
        account: login name of its owner.
        action: "created", "deleted", "suspend" or "unsuspend".
    """

    installation: int
    account: str
    action: Literal["created", "deleted", "suspend", "unsuspend"]


@dataclass(frozen=True, slots=True)
class Ping:
    """The forge tries whether anybody is here."""


Event = PullRequestChanged | CommandGiven | ReviewWanted | DeploymentWanted | InstallationChanged | Ping
