"""GitLab, by a token. Source: docs.gitlab.com, "Discussions API", "Merge requests API" and "Commits API".

Every comment is a discussion of its own. Which of them are ours the author's id tells, not the marker.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from reviewer.domain.check import Check
from reviewer.domain.comment import Comment, Draft, Line, Note, Place, Remark, Side, Standing, Target, Thread
from reviewer.domain.posting import ForgeLimits
from reviewer.errors import ForgeError, UncertainError, UnplaceableError
from reviewer.forges.gitlab_client import GitLabClient, GitLabRefusedError
from reviewer.forges.waiting import Waiting
from reviewer.posting.marker import is_summary, read_findings

_STATUS_TRIES = 4
STATUS = "reviewer"
"""Name of the commit status."""
DEVELOPER = 30
"""The access level from which somebody may push (docs.gitlab.com, "Roles and permissions")."""

_BOT = re.compile(r"(?:project|group)_\d+_bot")
"""Names of the accounts that stand behind access tokens."""
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class GitLab:
    """One token."""

    def __init__(self, token: str, *, url: str = "https://gitlab.com", waiting: Waiting | None = None) -> None:
        """Nothing is sent yet.

        Args:
            token: personal, of a group or of a project, with the scope "api".
            url: address of the server.
            waiting: how patient requests are.

        Raises:
            UsageError: the address is no URL.
        """
        self._client = GitLabClient(token, url, waiting or Waiting())
        self._me: int | None = None

    @property
    def name(self) -> str:
        """ "gitlab"."""
        return "gitlab"

    @property
    def limits(self) -> ForgeLimits:
        """A note takes 1,000,000 characters."""
        return ForgeLimits(body=1_000_000, suggestion="gitlab")

    async def look(self, target: Target) -> Standing:
        """See `ports.Forge`."""
        if target.number is None:
            return Standing(target.head)
        if self._me is None:
            self._me = int((await self._client.read("/user"))["id"])
        request = await self._client.read(_merge_request(target))
        discussions = await self._client.read_all(f"{_merge_request(target)}/discussions")
        threads: list[Thread] = []
        notes: list[Note] = []
        remarks: list[Remark] = []
        for discussion in discussions:
            said = [note for note in discussion["notes"] if not note["system"]]
            if not said:
                continue
            first = said[0]
            mine = first["author"]["id"] == self._me
            mark = read_findings(first["body"]) if mine else None
            if mark is not None:
                threads.append(_thread(discussion["id"], said, request["sha"]))
            elif mine and is_summary(first["body"]):
                notes.append(Note(first["id"], first["body"]))
            else:
                remarks += [_remark(note, request) for note in said]
        return Standing(
            head=request["sha"],
            is_open=request["state"] in ("opened", "locked"),
            threads=tuple(sorted(threads, key=lambda one: one.comment_id)),
            notes=tuple(sorted(notes, key=lambda one: one.id)),
            remarks=tuple(remarks),
            base=(request.get("diff_refs") or {}).get("start_sha") or "",
        )

    async def comment(self, target: Target, comments: Sequence[Comment]) -> bool:
        """See `ports.Forge`. One after the other: what a failure leaves out the next look misses."""
        refs = await self._refs(target)
        for comment in comments:
            await self._discuss(target, comment, {**refs, "position_type": "text", **_position(comment.place)})
        return True

    async def comment_on_file(self, target: Target, comment: Comment) -> None:
        """See `ports.Forge`."""
        refs = await self._refs(target)
        await self._discuss(target, comment, {**refs, "position_type": "file", **_paths(comment.place)})

    async def publish(self, target: Target, draft: Draft) -> None:
        """See `ports.Forge`; nothing is left as a draft here."""

    async def discard(self, target: Target, draft: Draft) -> None:
        """See `ports.Forge`; nothing is left as a draft here."""

    async def resolve(self, target: Target, thread: Thread, body: str | None) -> None:
        """See `ports.Forge`."""
        discussion = f"{_merge_request(target)}/discussions/{quote(thread.id, safe='')}"
        try:
            if body is not None:
                await self._client.write("PUT", f"{discussion}/notes/{thread.comment_id}", {"body": body})
            await self._client.write("PUT", discussion, {"resolved": True})
        except GitLabRefusedError as error:
            raise UncertainError("gitlab", error.reason) from None

    async def remove(self, target: Target, thread: Thread) -> None:
        """See `ports.Forge`."""
        discussion = f"{_merge_request(target)}/discussions/{quote(thread.id, safe='')}"
        await self._delete(f"{discussion}/notes/{thread.comment_id}")

    async def summarise(self, target: Target, body: str, note: Note | None) -> None:
        """See `ports.Forge`."""
        notes = f"{_merge_request(target)}/notes"
        if note is None:
            await self._client.write("POST", notes, {"body": body})
            return
        try:
            await self._client.write("PUT", f"{notes}/{note.id}", {"body": body})
        except GitLabRefusedError as error:
            raise UncertainError("gitlab", error.reason) from None

    async def remove_note(self, target: Target, note: Note) -> None:
        """See `ports.Forge`."""
        await self._delete(f"{_merge_request(target)}/notes/{note.id}")

    async def conclude(self, target: Target, check: Check) -> None:
        """See `ports.Forge`. A status knows no neutral: a complete review that only warns succeeds, and says so."""
        passes = check.complete and check.conclusion in ("success", "neutral")
        request = {
            "state": "success" if passes else "failed",
            "name": STATUS,
            "description": check.title[:255],
        }
        for attempt in range(_STATUS_TRIES):
            # GitLab refuses to set a status to what it is, as another worker may have set it meanwhile.
            if await self._has_status(target, request):
                return
            try:
                await self._client.write("POST", f"{_project(target)}/statuses/{target.head}", request)
            except GitLabRefusedError:
                if attempt == _STATUS_TRIES - 1:
                    raise
            else:
                return

    async def _has_status(self, target: Target, request: Mapping[str, str]) -> bool:
        path = f"{_project(target)}/repository/commits/{target.head}/statuses"
        found = await self._client.read_all(path, {"name": STATUS})
        return any(one["status"] == request["state"] and one["description"] == request["description"] for one in found)

    async def may_write(self, target: Target, login: str) -> bool:
        """See `ports.Forge`."""
        found = await self._client.read_all(f"{_project(target)}/members/all", {"query": login})
        return any(one["username"] == login and one["access_level"] >= DEVELOPER for one in found)

    async def close(self) -> None:
        """See `ports.Forge`."""
        await self._client.close()

    async def _refs(self, target: Target) -> Mapping[str, str]:
        """The three commits that a position names: the diff of the merge request as it is at our head."""
        request = await self._client.read(_merge_request(target))
        refs = request.get("diff_refs")
        if not refs or refs["head_sha"] != target.head:
            raise UncertainError("gitlab", "the diff of the merge request is not that of the reviewed head")
        return {key: refs[key] for key in ("base_sha", "start_sha", "head_sha")}

    async def _discuss(self, target: Target, comment: Comment, position: Mapping[str, Any]) -> None:
        request = {"body": comment.body, "position": position}
        try:
            await self._client.write("POST", f"{_merge_request(target)}/discussions", request)
        except GitLabRefusedError as error:
            if error.status in (400, 422):
                raise UnplaceableError("gitlab", f"HTTP {error.status}") from None
            raise

    async def _delete(self, path: str) -> None:
        try:
            await self._client.write("DELETE", path)
        except GitLabRefusedError as error:
            if error.status != 404:
                raise


def _project(target: Target) -> str:
    if not _COMMIT.fullmatch(target.head):
        raise ForgeError("gitlab", "the head is no full commit id")
    return f"/projects/{quote(target.repository, safe='')}"


def _merge_request(target: Target) -> str:
    return f"{_project(target)}/merge_requests/{target.number}"


def _paths(place: Place) -> Mapping[str, str]:
    return {"new_path": place.path, "old_path": place.old_path or place.path}


def _position(place: Place) -> Mapping[str, Any]:
    """Where a comment stands: an added line by its new number, a deleted one by its old, any other by both."""
    found: dict[str, Any] = {**_paths(place)}
    line = place.end
    if line is None:
        found["old_line" if place.side is Side.OLD else "new_line"] = place.line
        return found
    if line.kind != "deleted":
        found["new_line"] = line.new
    if line.kind != "added":
        found["old_line"] = line.old
    if place.start is not None and line.kind != "deleted":
        found["line_range"] = {"start": _line_end(place.path, place.start), "end": _line_end(place.path, line)}
    return found


def _line_end(path: str, line: Line) -> Mapping[str, Any]:
    """One end of several lines; its code is the path's SHA-1 and both numbers ("Discussions API", "Line code")."""
    code = f"{hashlib.sha1(path.encode(), usedforsecurity=False).hexdigest()}_{line.old}_{line.new}"
    if line.kind == "added":
        return {"line_code": code, "type": "new", "new_line": line.new}
    return {"line_code": code, "old_line": line.old, "new_line": line.new}


def _thread(identity: str, said: Sequence[Mapping[str, Any]], head: str) -> Thread:
    first = said[0]
    mark = read_findings(first["body"])
    position = first.get("position") or {}
    return Thread(
        id=identity,
        comment_id=first["id"],
        fingerprints=mark.fingerprints if mark else (),
        rules=mark.rules if mark else (),
        path=position.get("new_path") or "",
        resolved=bool(first.get("resolved")),
        outdated=bool(position) and position.get("head_sha") != head,
        fixed=mark is not None and mark.fixed,
        head=mark.head if mark else "",
        body=first["body"],
        replies=tuple(_remark(note, {}) for note in said[1:]),
    )


def _remark(note: Mapping[str, Any], request: Mapping[str, Any]) -> Remark:
    author = note["author"]["username"]
    link = f"{request['web_url']}#note_{note['id']}" if request.get("web_url") else ""
    return Remark(author, note["body"], _BOT.match(author) is not None, link)
