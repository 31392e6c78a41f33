"""The forges as the tests of posting see them: one face for each adapter with what stands behind it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from reviewer.domain.comment import Target
from reviewer.domain.posting import PostedReview
from reviewer.domain.report import Report
from reviewer.errors import ForgeError
from reviewer.forges.github import GitHub
from reviewer.forges.gitlab import GitLab
from reviewer.forges.local import LocalFolder
from reviewer.forges.waiting import Waiting
from reviewer.ports import Forge
from reviewer.posting.marker import read_findings
from reviewer.posting.post import post_review
from tests.forges.github_standin import GitHubStandIn
from tests.forges.gitlab_standin import GitLabStandIn, StoredNote
from tests.forges.loopback import LoopbackForge
from tests.posting.reviews import DIFF, HEAD, files

WAITING = Waiting(request=5, limit=1.5, backoff=0.01)


@dataclass(frozen=True)
class Seen:
    """A thread of ours as people see it."""

    path: str
    line: int | None
    fingerprints: tuple[str, ...]
    resolved: bool
    body: str


class Stage(Protocol):
    """An adapter and what stands behind it."""

    repository: str

    @property
    def server(self) -> LoopbackForge | None: ...
    def open(self) -> Forge: ...
    def seen(self) -> list[Seen]: ...
    def summaries(self) -> list[str]: ...
    def verdict(self) -> str | None: ...
    def push(self, head: str, diff: str) -> None: ...
    def reply(self, index: int, login: str, body: str) -> None: ...
    def remark(self, login: str, body: str) -> None: ...
    def close_thread(self, index: int) -> None: ...
    def end(self) -> None: ...
    def forbid(self) -> None: ...


class GitHubStage:
    """GitHub by token."""

    repository = GitHubStandIn.repository

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._server = GitHubStandIn(HEAD, DIFF)
        stack.enter_context(self._server)

    @property
    def server(self) -> GitHubStandIn:
        return self._server

    def open(self) -> GitHub:
        return GitHub("t0ken", api=self.server.url, waiting=WAITING)

    def seen(self) -> list[Seen]:
        found = []
        for thread in self.server.published():
            first = thread.comments[0]
            if mark := read_findings(first.body):
                line = first.place.get("line")
                found.append(Seen(thread.path, line, mark.fingerprints, thread.resolved, first.body))
        return found

    def summaries(self) -> list[str]:
        return self.server.summaries()

    def verdict(self) -> str | None:
        found = [run["conclusion"] for run in self.server.runs if run["head_sha"] == self.server.head]
        return found[-1] if found else None

    def push(self, head: str, diff: str) -> None:
        self.server.push(head, diff)

    def reply(self, index: int, login: str, body: str) -> None:
        self.server.reply(self.server.published()[index], login, body)

    def remark(self, login: str, body: str) -> None:
        self.server.remark(login, body)

    def close_thread(self, index: int) -> None:
        self.server.published()[index].resolved = True

    def end(self) -> None:
        self.server.state = "MERGED"

    def forbid(self) -> None:
        self.server.accounts["t0ken"].rights.clear()


class GitLabStage:
    """GitLab by token."""

    repository = GitLabStandIn.repository

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._server = GitLabStandIn(HEAD, DIFF)
        stack.enter_context(self._server)

    @property
    def server(self) -> GitLabStandIn:
        return self._server

    def open(self) -> GitLab:
        return GitLab("t0ken", url=self.server.url, waiting=WAITING)

    def _firsts(self) -> list[StoredNote]:
        return [one.notes[0] for one in self.server.state.discussions if one.notes and not one.individual]

    def seen(self) -> list[Seen]:
        found = []
        for note in self._firsts():
            if mark := read_findings(note.body):
                position = note.position or {}
                line = position.get("new_line")
                found.append(Seen(position["new_path"], line, mark.fingerprints, note.resolved, note.body))
        return found

    def summaries(self) -> list[str]:
        notes = [note.body for one in self.server.state.discussions for note in one.notes]
        return [body for body in notes if "reviewer:summary" in body]

    def verdict(self) -> str | None:
        found = [one["status"] for one in self.server.state.statuses if one["sha"] == self.server.state.head]
        return found[-1] if found else None

    def push(self, head: str, diff: str) -> None:
        self.server.push(head, diff)

    def reply(self, index: int, login: str, body: str) -> None:
        first = self._firsts()[index]
        discussion = next(one for one in self.server.state.discussions if first in one.notes)
        self.server.reply(discussion, self.server.person(login), body)

    def remark(self, login: str, body: str) -> None:
        self.server.note(self.server.person(login), body)

    def close_thread(self, index: int) -> None:
        self._firsts()[index].resolved = True

    def end(self) -> None:
        self.server.state.state = "merged"

    def forbid(self) -> None:
        self.server.me.is_allowed = False


class LocalStage:
    """A folder."""

    repository = "shop"

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._folder = folder / "review"
        self._head = HEAD

    @property
    def server(self) -> None:
        return None

    def open(self) -> LocalFolder:
        return LocalFolder(self._folder)

    def _stored(self) -> dict[str, Any]:
        file = self._folder / "review.json"
        found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {"threads": [], "summary": None}
        return found

    def seen(self) -> list[Seen]:
        found = []
        for one in self._stored()["threads"]:
            if mark := read_findings(one["body"]):
                found.append(Seen(one["path"], one["line"], mark.fingerprints, one["resolved"], one["body"]))
        return found

    def summaries(self) -> list[str]:
        summary = self._stored()["summary"]
        return [summary] if summary else []

    def verdict(self) -> str | None:
        stored = self._stored()
        return stored["check"]["conclusion"] if stored.get("check") and stored["head"] == self._head else None

    def push(self, head: str, diff: str) -> None:
        self._head = head

    def reply(self, index: int, login: str, body: str) -> None:
        raise NotImplementedError

    def remark(self, login: str, body: str) -> None:
        raise NotImplementedError

    def close_thread(self, index: int) -> None:
        stored = self._stored()
        stored["threads"][index]["resolved"] = True
        (self._folder / "review.json").write_text(json.dumps(stored))

    def end(self) -> None:
        raise NotImplementedError

    def forbid(self) -> None:
        raise NotImplementedError


def post(stage: Stage, report: Report, *, head: str = HEAD, diff: str = DIFF, **options: Any) -> PostedReview:
    """Post a review as the service does."""
    return post_many(stage, [report], head=head, diff=diff, **options)[0]


def post_many(
    stage: Stage, reports: Sequence[Report], *, head: str = HEAD, diff: str = DIFF, attempts: int = 1, **options: Any
) -> list[PostedReview]:
    """Several workers at once, each with its own connections; one that fails tries again, as its job does."""

    async def work(report: Report) -> PostedReview:
        forge = stage.open()
        try:
            target = Target(stage.repository, 7, head)
            for _ in range(attempts - 1):
                with contextlib.suppress(ForgeError):
                    return await post_review(forge, target, report, files(diff), pause=0.01, **options)
            return await post_review(forge, target, report, files(diff), pause=0.01, **options)
        finally:
            await forge.close()

    async def run() -> list[PostedReview]:
        return list(await asyncio.gather(*(work(report) for report in reports)))

    return asyncio.run(run())
