"""GitLab on loopback, as far as the reviewer uses it, written from its documentation.

A position must name a line as docs.gitlab.com, "Discussions API", says: an added one by its new number alone, a deleted
one by its old, any other by both; all in the commits of the newest version of the diff. Unknown parameters are refused,
which the real one would pass over in silence.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.forges.loopback import LoopbackForge, Reply, Request
from tests.forges.shown import ShownHunk, shown_lines

BODY = 1_000_000
PROJECT = r"/api/v4/projects/group/sub/shop"
REQUEST = rf"{PROJECT}/merge_requests/7"


@dataclass
class Person:
    """An account."""

    id: int
    username: str
    access_level: int = 0
    is_allowed: bool = True


@dataclass
class StoredNote:
    """A note of a discussion."""

    id: int
    author: Person
    body: str
    resolved: bool = False
    position: dict[str, Any] | None = None


@dataclass
class StoredDiscussion:
    """A discussion; one with a single note that nobody can answer is an individual note."""

    id: str
    notes: list[StoredNote]
    individual: bool = False


@dataclass
class GitLabState:
    """What the server holds."""

    head: str
    hunks: Mapping[str, list[ShownHunk]]
    state: str = "opened"
    discussions: list[StoredDiscussion] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)


class GitLabStandIn(LoopbackForge):
    """One project "group/sub/shop" with one merge request, number 7."""

    repository = "group/sub/shop"
    number = 7

    def __init__(self, head: str, diff: str) -> None:
        super().__init__()
        self.me = Person(1, "project_1_bot_abc", 30)
        self.people = [Person(2, "maintainer", 40), Person(3, "passer-by", 20), Person(4, "maintainer2", 20)]
        self.state = GitLabState(head, shown_lines(diff))
        self.page = 100
        self._ids = itertools.count(500)

    def push(self, head: str, diff: str) -> None:
        """The branch moves; notes on lines that are still there move with it."""
        self.state.head, self.state.hunks = head, shown_lines(diff)
        for discussion in self.state.discussions:
            position = discussion.notes[0].position if discussion.notes else None
            if position and any(
                position.get("new_line") in hunk.side("RIGHT")
                for hunk in self.state.hunks.get(position["new_path"], [])
            ):
                position["head_sha"] = head

    def note(self, author: Person, body: str) -> StoredNote:
        """Somebody comments on the whole."""
        note = StoredNote(next(self._ids), author, body)
        self.state.discussions.append(StoredDiscussion(f"{note.id:040x}", [note], individual=True))
        return note

    def reply(self, discussion: StoredDiscussion, author: Person, body: str) -> None:
        """Somebody answers."""
        discussion.notes.append(StoredNote(next(self._ids), author, body))

    def person(self, username: str) -> Person:
        """An account by name."""
        return next((one for one in self.people if one.username == username), Person(99, username))

    def answer(self, request: Request) -> Reply:
        if request.headers.get("private-token") != "t0ken":
            return Reply(401, {"message": "401 Unauthorized"})
        if request.method != "GET" and not self.me.is_allowed:
            return Reply(403, {"message": "403 Forbidden"})
        for method, pattern, name, known in _ROUTES:
            match = re.fullmatch(pattern, request.path)
            if match and method == request.method:
                unknown = (set(request.body or {}) | set(request.query)) - known
                assert not unknown, f"{request.path}: unknown parameters {unknown}"
                reply = getattr(self, name)(request, **match.groupdict())
                assert isinstance(reply, Reply)
                return reply
        return Reply(404, {"message": "404 Not Found"})

    def _user(self, request: Request) -> Reply:
        return Reply(200, {"id": self.me.id, "username": self.me.username})

    def _request(self, request: Request) -> Reply:
        return Reply(
            200,
            {
                "iid": 7,
                "sha": self.state.head,
                "state": self.state.state,
                "web_url": "https://gitlab.com/group/sub/shop/-/merge_requests/7",
                "diff_refs": self.refs,
            },
        )

    @property
    def refs(self) -> dict[str, str]:
        """The commits of the newest version."""
        return {"base_sha": "a" * 40, "start_sha": "a" * 40, "head_sha": self.state.head}

    def _discussions(self, request: Request) -> Reply:
        found = [
            {
                "id": one.id,
                "individual_note": one.individual,
                "notes": [
                    {
                        "id": note.id,
                        "body": note.body,
                        "author": {"id": note.author.id, "username": note.author.username},
                        "system": False,
                        "resolvable": not one.individual,
                        "resolved": note.resolved,
                        **({"position": note.position} if note.position else {}),
                    }
                    for note in one.notes
                ],
            }
            for one in self.state.discussions
            if one.notes
        ]
        return self._paged(request, found)

    def _paged(self, request: Request, found: Sequence[Any]) -> Reply:
        size = min(self.page, int(request.query.get("per_page", 20)))
        page = int(request.query.get("page", 1))
        last = max(1, -(-len(found) // size))
        headers = {"X-Page": str(page), "X-Per-Page": str(size), "X-Total": str(len(found))}
        headers |= {"X-Total-Pages": str(last), "X-Next-Page": str(page + 1) if page < last else ""}
        if page < last:
            query = f"per_page={request.query.get('per_page', 20)}&page={page + 1}"
            extra = "".join(
                f"&{key}={value}" for key, value in request.query.items() if key not in ("per_page", "page")
            )
            path = request.path.replace(self.repository, self.repository.replace("/", "%2F"))
            headers["Link"] = f'<{self.url}{path}?{query}{extra}>; rel="next"'
        return Reply(200, list(found[(page - 1) * size : page * size]), headers)

    def _discuss(self, request: Request) -> Reply:
        body = request.body
        if len(body["body"]) > BODY or not body["body"].strip():
            return Reply(400, {"message": "400 Bad request - Note is too long"})
        if reason := self._misplaced(body["position"]):
            return Reply(400, {"message": f"400 Bad request - Note {reason}"})
        note = StoredNote(next(self._ids), self.me, body["body"], position=dict(body["position"]))
        identity = hashlib.sha1(str(note.id).encode()).hexdigest()
        self.state.discussions.append(StoredDiscussion(identity, [note]))
        return Reply(201, {"id": identity, "notes": [{"id": note.id}]})

    def _misplaced(self, position: Mapping[str, Any]) -> str | None:
        known = {"base_sha", "start_sha", "head_sha", "position_type", "new_path", "old_path", "new_line", "old_line"}
        assert set(position) <= known | {"line_range"}, position
        if {key: position[key] for key in self.refs} != self.refs:
            return '{:position=>["is incomplete"]}'
        hunks = self.state.hunks.get(position["new_path"])
        if hunks is None:
            return '{:line_code=>["can\'t be blank"]}'
        if position["position_type"] == "file":
            return None
        new, old = position.get("new_line"), position.get("old_line")
        ends = position.get("line_range")
        for hunk in hunks:
            if not _shows(hunk, new, old):
                continue
            if ends is None:
                return None
            first = ends["start"]
            if _shows(hunk, first.get("new_line"), first.get("old_line")) and all(
                _is_code(end["line_code"], position["new_path"], hunk, end) for end in ends.values()
            ):
                return None
        return '{:line_code=>["can\'t be blank", "must be a valid line code"]}'

    def _resolve(self, request: Request, discussion: str) -> Reply:
        for one in self.state.discussions:
            if one.id == discussion and one.notes:
                for note in one.notes:
                    note.resolved = request.body["resolved"]
                return Reply(200, {"id": one.id})
        return Reply(404, {"message": "404 Discussion Not Found"})

    def _note(self, request: Request, note: str, discussion: str | None = None) -> Reply:
        for one in self.state.discussions:
            for found in one.notes:
                if found.id == int(note):
                    if found.author is not self.me:
                        return Reply(403, {"message": "403 Forbidden"})
                    if request.method == "DELETE":
                        one.notes.remove(found)
                        return Reply(204)
                    found.body = request.body["body"]
                    return Reply(200, {"id": found.id})
        return Reply(404, {"message": "404 Note Not Found"})

    def _create_note(self, request: Request) -> Reply:
        return Reply(201, {"id": self.note(self.me, request.body["body"]).id})

    def _statuses(self, request: Request, sha: str) -> Reply:
        latest = {one["name"]: one for one in self.state.statuses if one["sha"] == sha}
        return self._paged(request, [one for one in latest.values() if one["name"] == request.query["name"]])

    def _set_status(self, request: Request, sha: str) -> Reply:
        before = [one for one in self.state.statuses if one["sha"] == sha and one["name"] == request.body["name"]]
        state = request.body["state"]
        assert state in ("pending", "running", "success", "failed", "canceled"), state
        if before and before[-1]["status"] == state and before[-1]["description"] == request.body["description"]:
            return Reply(400, {"message": f"Cannot transition status via :{state} from :{state}"})
        assert len(request.body["description"]) <= 255
        self.state.statuses.append({"sha": sha, "status": state, **request.body})
        return Reply(201, self.state.statuses[-1])

    def _members(self, request: Request) -> Reply:
        found = [
            {"id": one.id, "username": one.username, "access_level": one.access_level}
            for one in self.people
            if request.query["query"] in one.username
        ]
        return self._paged(request, found)


def _shows(hunk: ShownHunk, new: int | None, old: int | None) -> bool:
    if new is not None and old is not None:
        return hunk.context.get(new) == old
    return new in hunk.added if new is not None else old in hunk.deleted


def _is_code(code: str, path: str, hunk: ShownHunk, end: Mapping[str, Any]) -> bool:
    """The path's digest, the old and the new number; of an added line the old one is that of the line after it."""
    digest, old, new = code.split("_")
    if digest != hashlib.sha1(path.encode()).hexdigest() or int(new) != end["new_line"]:
        return False
    if end.get("type") != "new":
        return hunk.context[int(new)] == int(old)
    later = [hunk.context[one] for one in sorted(hunk.context) if one > int(new)]
    return not later or int(old) == later[0]


_PAGES = {"page", "per_page", "pagination", "order_by"}
_ROUTES: Sequence[tuple[str, str, str, set[str]]] = (
    ("GET", r"/api/v4/user", "_user", set()),
    ("GET", REQUEST, "_request", set()),
    ("GET", rf"{REQUEST}/discussions", "_discussions", _PAGES),
    ("POST", rf"{REQUEST}/discussions", "_discuss", {"body", "position", "commit_id"}),
    ("PUT", rf"{REQUEST}/discussions/(?P<discussion>\w+)", "_resolve", {"resolved"}),
    ("PUT", rf"{REQUEST}/discussions/(?P<discussion>\w+)/notes/(?P<note>\d+)", "_note", {"body"}),
    ("DELETE", rf"{REQUEST}/discussions/(?P<discussion>\w+)/notes/(?P<note>\d+)", "_note", set()),
    ("POST", rf"{REQUEST}/notes", "_create_note", {"body"}),
    ("PUT", rf"{REQUEST}/notes/(?P<note>\d+)", "_note", {"body"}),
    ("DELETE", rf"{REQUEST}/notes/(?P<note>\d+)", "_note", set()),
    ("GET", rf"{PROJECT}/repository/commits/(?P<sha>\w+)/statuses", "_statuses", {"name", *_PAGES}),
    ("POST", rf"{PROJECT}/statuses/(?P<sha>\w+)", "_set_status", {"state", "name", "description", "ref"}),
    ("GET", rf"{PROJECT}/members/all", "_members", {"query", *_PAGES}),
)
