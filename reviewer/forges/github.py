"""GitHub, by App or by token. Sources: docs.github.com, "REST API endpoints for pull requests" and "for check runs"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from reviewer.domain.check import Annotation, Check
from reviewer.domain.comment import Comment, Draft, Note, Place, Side, Standing, Target, Thread
from reviewer.domain.event import DeploymentWanted
from reviewer.domain.posting import ForgeLimits
from reviewer.errors import ForgeError, ForgeForbiddenError, UncertainError, UnplaceableError
from reviewer.forges.github_client import (
    API,
    REPOSITORY,
    AppCredentials,
    Credentials,
    GitHubClient,
    RefusedError,
    not_a_repository,
)
from reviewer.forges.github_gate import deployment_answer, deployment_run
from reviewer.forges.github_query import RESOLVE, last_deployed, read_pull_request
from reviewer.forges.waiting import Waiting
from reviewer.posting.gate import Decision
from reviewer.posting.marker import review_marker

CHECK = "reviewer"
"""Name of the check run and of the commit status."""
PAGE = 50
"""Annotations that one request takes."""

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_STATES = {"success": "success", "neutral": "success", "failure": "failure", "action_required": "error"}


class GitHub:
    """One installation or token."""

    def __init__(self, credentials: Credentials, *, api: str = API, waiting: Waiting | None = None) -> None:
        """Nothing is sent yet.

        Args:
            credentials: of an App, or a token.
            api: base address; on GitHub Enterprise "https://HOST/api/v3".
            waiting: how patient requests are.

        Raises:
            UsageError: the address is no URL.
        """
        self._client = GitHubClient(credentials, api, waiting or Waiting())
        self._api = api
        self._app = credentials.app_id if isinstance(credentials, AppCredentials) else None

    @property
    def name(self) -> str:
        """ "github"."""
        return "github"

    @property
    def limits(self) -> ForgeLimits:
        """A comment takes 65,536 characters, counted in some of them as more than one: some room is left."""
        return ForgeLimits(body=60_000, suggestion="github")

    async def look(self, target: Target) -> Standing:
        """See `ports.Forge`."""
        repository = _repository(target)
        if target.number is None:
            standing = Standing(target.head)
        else:
            standing = await read_pull_request(self._client, target)
        if standing.head != target.head:
            return standing
        run = await self._run(repository, target.head)
        finished = run is not None and run["status"] == "completed"
        return replace(standing, check=run["external_id"] if run is not None and finished else None)

    async def comment(self, target: Target, comments: Sequence[Comment]) -> bool:
        """See `ports.Forge`. They are left as a pending review: an account can have one for a pull request."""
        count = sum(len(comment.fingerprints) for comment in comments)
        body = f"{count} finding{'' if count == 1 else 's'} of the review of {target.head[:12]}.\n"
        request = {
            "commit_id": target.head,
            "body": body + review_marker(target.head),
            "comments": [{**_place(comment.place), "body": comment.body} for comment in comments],
        }
        try:
            await self._client.write("POST", f"{_pull(target)}/reviews", request)
        except RefusedError as error:
            raise _misplaced(error) from None
        return False

    async def comment_on_file(self, target: Target, comment: Comment) -> None:
        """See `ports.Forge`."""
        request = {
            "commit_id": target.head,
            "path": comment.place.path,
            "subject_type": "file",
            "body": comment.body,
        }
        try:
            await self._client.write("POST", f"{_pull(target)}/comments", request)
        except RefusedError as error:
            raise _misplaced(error) from None

    async def publish(self, target: Target, draft: Draft) -> None:
        """See `ports.Forge`."""
        path = f"{_pull(target)}/reviews/{int(draft.id)}/events"
        try:
            await self._client.write("POST", path, {"event": "COMMENT"})
        except RefusedError as error:
            # Another worker has published or discarded it.
            raise UncertainError("github", error.reason) from None

    async def discard(self, target: Target, draft: Draft) -> None:
        """See `ports.Forge`."""
        try:
            await self._client.write("DELETE", f"{_pull(target)}/reviews/{int(draft.id)}")
        except RefusedError as error:
            if error.status not in (404, 422):
                raise

    async def resolve(self, target: Target, thread: Thread, body: str | None) -> None:
        """See `ports.Forge`. A token of a workflow may edit and not resolve: then the text alone says it."""
        if body is not None:
            await self._gone_is_fine("PATCH", f"{_comment(target)}/{thread.comment_id}", {"body": body})
        await self._client.query(RESOLVE, {"thread": thread.id}, reads=False)

    async def remove(self, target: Target, thread: Thread) -> None:
        """See `ports.Forge`."""
        await self._gone_is_fine("DELETE", f"{_comment(target)}/{thread.comment_id}")

    async def summarise(self, target: Target, body: str, note: Note | None) -> None:
        """See `ports.Forge`."""
        issues = f"/repos/{_repository(target)}/issues"
        if note is None:
            await self._client.write("POST", f"{issues}/{target.number}/comments", {"body": body})
            return
        try:
            await self._client.write("PATCH", f"{issues}/comments/{note.id}", {"body": body})
        except RefusedError as error:
            raise UncertainError("github", error.reason) from None

    async def remove_note(self, target: Target, note: Note) -> None:
        """See `ports.Forge`."""
        await self._gone_is_fine("DELETE", f"/repos/{_repository(target)}/issues/comments/{note.id}")

    async def conclude(self, target: Target, check: Check) -> None:
        """See `ports.Forge`. A check run, fifty annotations a request; a token that may not gets a commit status."""
        try:
            await self._write_run(target, check)
        except ForgeForbiddenError:
            await self._write_status(target, check)

    async def may_write(self, target: Target, login: str) -> bool:
        """See `ports.Forge`."""
        path = f"/repos/{_repository(target)}/collaborators/{quote(login, safe='')}/permission"
        try:
            found = await self._client.read(path)
        except (RefusedError, ForgeForbiddenError):
            return False
        return found.get("permission") in ("admin", "write")

    async def deployed(self, repository: str, environment: str) -> str | None:
        """The commit that was last deployed to an environment with success; None for none."""
        _repository(Target(repository, None, "0" * 40))
        return await last_deployed(self._client, repository, environment)

    async def answer_deployment(self, event: DeploymentWanted, decision: Decision) -> None:
        """Approve or reject a deployment that waits.

        Raises:
            WebhookError: the event's address to answer at is not one of this API for its repository.
            ForgeError: as every method of `ports.Forge`; a second answer to the same question is refused.
        """
        run = deployment_run(event, self._api)
        path = f"/repos/{event.repository}/actions/runs/{run}/deployment_protection_rule"
        await self._client.write("POST", path, deployment_answer(event, decision))

    async def close(self) -> None:
        """See `ports.Forge`."""
        await self._client.close()

    async def _gone_is_fine(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> None:
        try:
            await self._client.write(method, path, body)
        except RefusedError as error:
            if error.status != 404:
                raise

    async def _run(self, repository: str, head: str) -> Any:
        """The newest check run of ours at a commit; None where there is none, or it may not be seen."""
        params: dict[str, str | int] = {"check_name": CHECK, "filter": "latest", "per_page": 100}
        if self._app is not None:
            params["app_id"] = self._app
        try:
            found = await self._client.read(f"/repos/{repository}/commits/{head}/check-runs", params)
        except (RefusedError, ForgeForbiddenError):
            return None
        return max(found["check_runs"], key=lambda run: run["id"], default=None)

    async def _write_run(self, target: Target, check: Check) -> None:
        repository = _repository(target)
        run = await self._run(repository, target.head)
        begun = run is not None and run["external_id"] == check.digest and run["status"] != "completed"
        written = int(run["output"]["annotations_count"]) if begun else 0
        pages = [check.annotations[at : at + PAGE] for at in range(written, len(check.annotations), PAGE)] or [()]
        for number, page in enumerate(pages):
            request: dict[str, Any] = {"output": _output(check, page)}
            last = number == len(pages) - 1
            request |= {"status": "completed", "conclusion": check.conclusion} if last else {"status": "in_progress"}
            if begun:
                await self._client.write("PATCH", f"/repos/{repository}/check-runs/{run['id']}", request)
            else:
                request |= {"name": CHECK, "head_sha": target.head, "external_id": check.digest, **_details(check)}
                run = await self._client.write("POST", f"/repos/{repository}/check-runs", request)
                begun = True

    async def _write_status(self, target: Target, check: Check) -> None:
        state = _STATES[check.conclusion] if check.complete else _STATES["action_required"]
        request = {"state": state, "context": CHECK, "description": check.title[:140]}
        path = f"/repos/{_repository(target)}"
        found = await self._client.read(f"{path}/commits/{target.head}/status", {"per_page": 100})
        for status in found["statuses"]:
            if status["context"] == CHECK and all(status[key] == value for key, value in request.items()):
                return
        await self._client.write("POST", f"{path}/statuses/{target.head}", request)


def _repository(target: Target) -> str:
    """The repository, fit for a path."""
    if not REPOSITORY.fullmatch(target.repository):
        raise not_a_repository(target.repository)
    if not _COMMIT.fullmatch(target.head):
        raise ForgeError("github", "the head is no full commit id")
    return target.repository


def _pull(target: Target) -> str:
    return f"/repos/{_repository(target)}/pulls/{target.number}"


def _comment(target: Target) -> str:
    return f"/repos/{_repository(target)}/pulls/comments"


def _place(place: Place) -> dict[str, str | int]:
    side = "LEFT" if place.side is Side.OLD else "RIGHT"
    found: dict[str, str | int] = {"path": place.path, "line": place.line or 1, "side": side}
    if place.start_line is not None:
        found |= {"start_line": place.start_line, "start_side": side}
    return found


def _misplaced(error: RefusedError) -> ForgeError:
    """What a refused comment means: another worker's draft, a head that is gone, or lines that are not in the diff."""
    if error.status == 422 and "pending review" in error.message:
        return UncertainError("github", "another draft of this account is there")
    return UnplaceableError("github", "HTTP 422") if error.status == 422 else error


def _details(check: Check) -> dict[str, str]:
    return {"details_url": check.link} if check.link else {}


def _output(check: Check, annotations: Sequence[Annotation]) -> dict[str, Any]:
    return {
        "title": check.title[:250],
        "summary": check.summary[:60_000],
        "annotations": [
            {
                "path": one.path,
                "start_line": one.line,
                "end_line": one.end_line,
                "annotation_level": one.level,
                "title": one.title,
                "message": one.message,
            }
            for one in annotations
        ],
    }
