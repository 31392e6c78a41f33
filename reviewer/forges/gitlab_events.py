"""Webhooks of GitLab: the few fields that we act on, and no more (docs.gitlab.com, "Webhook events")."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reviewer.domain.event import CommandGiven, Event, PullRequestChanged
from reviewer.errors import WebhookError
from reviewer.posting.command import command_of

Commit = Annotated[str, Field(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
ProjectPath = Annotated[str, Field(pattern=r"^[\w.-]+(?:/[\w.-]+){1,20}$", max_length=500)]
Url = Annotated[str, Field(max_length=2_000)]
Id = Annotated[int, Field(gt=0)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _User(_Model):
    username: Annotated[str, Field(min_length=1, max_length=255)]


class _Project(_Model):
    path_with_namespace: ProjectPath
    git_http_url: Url


class _LastCommit(_Model):
    id: Commit


class _MergeRequest(_Model):
    iid: Id
    action: str | None = None
    oldrev: str | None = None
    """Only of an update that brought commits."""
    draft: bool = False
    work_in_progress: bool = False
    target_branch: Annotated[str, Field(max_length=1_000, pattern=r"^(?:[^-\x00-\x20][^\x00-\x20]*)?$")] = ""
    last_commit: _LastCommit
    source_project_id: int
    target_project_id: int
    source: _Project
    target: _Project


class _DraftChange(_Model):
    previous: bool | None = None
    current: bool | None = None


class _Changes(_Model):
    draft: _DraftChange | None = None
    target_branch: dict[str, object] | None = None


class _MergeRequestEvent(_Model):
    user: _User
    project: _Project
    object_attributes: _MergeRequest
    changes: _Changes | None = None


class _Note(_Model):
    note: str = ""
    noteable_type: str = ""
    action: str | None = None
    system: bool = False


class _NumberedMergeRequest(_Model):
    iid: Id


class _NoteEvent(_Model):
    user: _User
    project: _Project
    object_attributes: _Note
    merge_request: _NumberedMergeRequest | None = None


def read_gitlab_event(name: str, body: bytes) -> Event | None:
    """What a webhook means to us, its token checked before.

    Args:
        name: of the event, from the header X-Gitlab-Event.
        body: JSON.

    Returns:
        The event; None where there is nothing to do.

    Raises:
        WebhookError: the body of an event that we act on is no JSON, or lacks what we need.
    """
    try:
        if name == "Merge Request Hook":
            return _merge_request(_MergeRequestEvent.model_validate_json(body))
        if name == "Note Hook":
            return _note(_NoteEvent.model_validate_json(body))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        raise WebhookError(f"the webhook {name} is not as GitLab describes it: {place}: {first['msg']}") from None
    return None


def _merge_request(event: _MergeRequestEvent) -> Event | None:
    """An update means something to us only where it brought commits, made a draft ready, or chose another target."""
    request = event.object_attributes
    became_ready = bool(event.changes and event.changes.draft and event.changes.draft.current is False)
    # With another target another change is merged: a verdict on the old one must not stand for it.
    is_retargeted = bool(event.changes and event.changes.target_branch)
    closed = request.action in ("close", "merge")
    wanted = request.action in ("open", "reopen") or (
        request.action == "update" and (request.oldrev is not None or became_ready or is_retargeted)
    )
    if not (wanted or closed):
        return None
    return PullRequestChanged(
        repository=event.project.path_with_namespace,
        number=request.iid,
        action="closed" if closed else "review",
        head=request.last_commit.id,
        base=request.target_branch,
        clone_url=request.target.git_http_url,
        is_draft=request.draft or request.work_in_progress,
        is_fork=request.source_project_id != request.target_project_id,
        sender=event.user.username,
    )


def _note(event: _NoteEvent) -> Event | None:
    note = event.object_attributes
    if note.noteable_type != "MergeRequest" or event.merge_request is None or note.system:
        return None
    command = command_of(note.note) if note.action in (None, "create") else None
    if command is None:
        return None
    project = event.project
    return CommandGiven(
        project.path_with_namespace,
        event.merge_request.iid,
        event.user.username,
        command=command,
        clone_url=project.git_http_url,
    )
