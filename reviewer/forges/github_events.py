"""Webhooks of GitHub: the few fields that we act on, and no more (docs.github.com, "Webhook events and payloads").

Events and actions that mean nothing to us are nothing, and never an error; so are fields that we do not know. What we
act on must have what we need.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reviewer.domain.event import (
    CommandGiven,
    DeploymentWanted,
    Event,
    InstallationChanged,
    Ping,
    PullRequestChanged,
    ReviewWanted,
)
from reviewer.errors import WebhookError
from reviewer.posting.command import command_of

Commit = Annotated[str, Field(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
Login = Annotated[str, Field(min_length=1, max_length=100)]
FullName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}/\.?[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$")]
Url = Annotated[str, Field(max_length=2_000)]
Id = Annotated[int, Field(gt=0)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _User(_Model):
    login: Login


class _Repository(_Model):
    full_name: FullName
    clone_url: Url


class _Installation(_Model):
    id: Id


class _Action(_Model):
    action: str | None = None


class _Event(_Model):
    repository: _Repository
    sender: _User
    installation: _Installation | None = None

    @property
    def installed(self) -> int | None:
        return self.installation.id if self.installation else None


class _HeadRepository(_Model):
    full_name: FullName
    clone_url: Url


class _Branch(_Model):
    sha: Commit
    repo: _HeadRepository | None = None
    """Null where the fork was deleted."""


class _PullRequest(_Model):
    number: Id
    draft: bool = False
    state: str = "open"
    head: _Branch
    base: _Branch


class _Changes(_Model):
    base: dict[str, object] | None = None
    """Only of an edit that gave the pull request another base."""


class _PullRequestEvent(_Event):
    pull_request: _PullRequest
    changes: _Changes | None = None


class _Comment(_Model):
    body: str | None = None


class _Issue(_Model):
    number: Id
    pull_request: dict[str, object] | None = None


class _IssueCommentEvent(_Event):
    comment: _Comment
    issue: _Issue


class _NumberedPullRequest(_Model):
    number: Id


class _ReviewCommentEvent(_Event):
    comment: _Comment
    pull_request: _NumberedPullRequest


class _BaseRepository(_Model):
    url: Url = ""


class _CheckBase(_Model):
    repo: _BaseRepository = _BaseRepository()


class _CheckPullRequest(_NumberedPullRequest):
    base: _CheckBase = _CheckBase()

    def is_of(self, repository: str) -> bool:
        """Whether it is for this repository: a check's commit may be that of one for another in the same network."""
        url = self.base.repo.url
        return not url or url.lower().endswith(f"/repos/{repository.lower()}")


class _Check(_Model):
    head_sha: Commit
    pull_requests: list[_CheckPullRequest] = []


class _CheckRunEvent(_Event):
    check_run: _Check


class _CheckSuiteEvent(_Event):
    check_suite: _Check


class _Deployment(_Model):
    sha: Commit


class _ProtectionRuleEvent(_Event):
    environment: Annotated[str, Field(min_length=1, max_length=255)]
    deployment_callback_url: Url
    deployment: _Deployment


class _InstalledAccount(_Model):
    id: Id
    account: _User


class _InstallationEvent(_Model):
    action: Literal["created", "deleted", "suspend", "unsuspend"]
    installation: _InstalledAccount


_REVIEWED = frozenset({"opened", "synchronize", "reopened", "ready_for_review"})


def read_github_event(name: str, body: bytes) -> Event | None:
    """What a webhook means to us, its signature checked before.

    Args:
        name: of the event, from the header X-GitHub-Event.
        body: JSON.

    Returns:
        The event; None where there is nothing to do.

    Raises:
        WebhookError: the body of an event that we act on is no JSON, or lacks what we need.
    """
    read = _READERS.get(name)
    if read is None:
        return None
    try:
        action = _Action.model_validate_json(body).action
        return read(action, body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        raise WebhookError(f"the webhook {name} is not as GitHub describes it: {place}: {first['msg']}") from None


def _pull_request(action: str | None, body: bytes) -> Event | None:
    if action not in _REVIEWED and action not in ("closed", "edited"):
        return None
    event = _PullRequestEvent.model_validate_json(body)
    pull = event.pull_request
    # With another base another change is merged: a verdict on the old one must not stand for it.
    if action == "edited" and (event.changes is None or event.changes.base is None):
        return None
    if action != "closed" and pull.state != "open":
        return None
    head = pull.head.repo
    return PullRequestChanged(
        repository=event.repository.full_name,
        number=pull.number,
        action="closed" if action == "closed" else "review",
        head=pull.head.sha,
        base=pull.base.sha,
        clone_url=event.repository.clone_url,
        is_draft=pull.draft,
        is_fork=head is None or head.full_name != event.repository.full_name,
        sender=event.sender.login,
        installation=event.installed,
    )


def _issue_comment(action: str | None, body: bytes) -> Event | None:
    if action != "created":
        return None
    event = _IssueCommentEvent.model_validate_json(body)
    return _command(event, event.comment, event.issue.number) if event.issue.pull_request is not None else None


def _review_comment(action: str | None, body: bytes) -> Event | None:
    if action != "created":
        return None
    event = _ReviewCommentEvent.model_validate_json(body)
    return _command(event, event.comment, event.pull_request.number)


def _command(event: _Event, comment: _Comment, number: int) -> Event | None:
    command = command_of(comment.body or "")
    if command is None:
        return None
    repository = event.repository
    return CommandGiven(
        repository.full_name, number, event.sender.login, event.installed, command, repository.clone_url
    )


def _check_run(action: str | None, body: bytes) -> Event | None:
    if action != "rerequested":
        return None
    event = _CheckRunEvent.model_validate_json(body)
    return _again(event, event.check_run)


def _check_suite(action: str | None, body: bytes) -> Event | None:
    """New pushes come as pull_request too; only a wish to run again is news."""
    if action != "rerequested":
        return None
    event = _CheckSuiteEvent.model_validate_json(body)
    return _again(event, event.check_suite)


def _again(event: _Event, check: _Check) -> ReviewWanted:
    numbers = tuple(one.number for one in check.pull_requests if one.is_of(event.repository.full_name))
    return ReviewWanted(
        event.repository.full_name, check.head_sha, numbers, event.installed, event.repository.clone_url
    )


def _protection_rule(action: str | None, body: bytes) -> Event | None:
    if action != "requested":
        return None
    event = _ProtectionRuleEvent.model_validate_json(body)
    return DeploymentWanted(
        repository=event.repository.full_name,
        environment=event.environment,
        candidate=event.deployment.sha,
        callback=event.deployment_callback_url,
        sender=event.sender.login,
        installation=event.installed,
        clone_url=event.repository.clone_url,
    )


def _installation(action: str | None, body: bytes) -> Event | None:
    if action not in ("created", "deleted", "suspend", "unsuspend"):
        return None
    event = _InstallationEvent.model_validate_json(body)
    return InstallationChanged(event.installation.id, event.installation.account.login, event.action)


def _ping(action: str | None, body: bytes) -> Event | None:
    return Ping()


_READERS = {
    "pull_request": _pull_request,
    "issue_comment": _issue_comment,
    "pull_request_review_comment": _review_comment,
    "check_run": _check_run,
    "check_suite": _check_suite,
    "deployment_protection_rule": _protection_rule,
    "installation": _installation,
    "ping": _ping,
}
