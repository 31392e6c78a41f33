"""GitHub on loopback, as far as the reviewer uses it, and as unfriendly as the real one where it hurts.

Each REST request is held against GitHub's OpenAPI description, each query against its GraphQL schema. Lines outside the
diff, a second draft, a foreign comment, a body too long, more rights than granted: all are refused as GitHub does.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import graphql
import jwt

from tests.forges.loopback import LoopbackForge, Reply, Request
from tests.forges.openapi import operation_of
from tests.forges.shown import ShownHunk, shown_lines

SCHEMA = Path(__file__).parent.parent.parent / "fixtures" / "forges" / "github.graphql"
BODY = 65_536


@dataclass
class Account:
    """Somebody with a token."""

    login: str
    is_bot: bool = True
    rights: set[str] = field(default_factory=lambda: {"pulls", "checks", "statuses", "resolve", "deployments"})


@dataclass
class StoredComment:
    """A comment of a thread, or on the whole pull request."""

    id: int
    author: Account
    body: str
    pending: bool = False
    place: Mapping[str, Any] = field(default_factory=dict)
    reactions: dict[str, int] = field(default_factory=dict)


@dataclass
class StoredThread:
    """A thread of a review, or on a file."""

    id: str
    path: str
    comments: list[StoredComment]
    review: int | None = None
    resolved: bool = False
    outdated: bool = False


@dataclass
class StoredReview:
    """A review; pending until it is submitted."""

    id: int
    author: Account
    body: str
    commit: str
    state: str = "PENDING"


class GitHubStandIn(LoopbackForge):
    """One repository "octo/shop" with one pull request, number 7."""

    repository = "octo/shop"
    number = 7

    def __init__(self, head: str, diff: str) -> None:
        super().__init__()
        self.accounts = {"t0ken": Account("reviewer[bot]")}
        self.permissions: dict[str, str] = {"maintainer": "write", "boss": "admin", "passer-by": "read"}
        self.head = head
        self.heads = [head]
        self.state = "OPEN"
        self.files: Mapping[str, list[ShownHunk]] = shown_lines(diff)
        self.apps: dict[int, Any] = {}
        """Public keys of Apps by id."""
        self.lag = 0
        """How many queries after a write still show what was there before it, as from a replica."""
        self._before: tuple[int, Any] = (0, None)
        self.page = 100
        """Nodes of a page at most."""
        self.threads: list[StoredThread] = []
        self.reviews: list[StoredReview] = []
        self.comments: list[StoredComment] = []
        self.runs: list[dict[str, Any]] = []
        self.statuses: list[dict[str, Any]] = []
        self.decisions: list[dict[str, Any]] = []
        self.installed = "installed"
        """The token that an installation gets."""
        self.base = "a" * 40
        self.deliveries: list[dict[str, Any]] = []
        """Attempts at webhooks of the App, the newest first."""
        self.deliver: Callable[[str], int] = lambda guid: 200
        """Delivers a webhook again; the status that comes back."""
        self.deployments: list[dict[str, str]] = []
        """The newest first: {"environment", "commitOid", "state"}."""
        self._ids = itertools.count(1000)
        self._schema = graphql.build_schema(SCHEMA.read_text(encoding="utf-8"))

    # What people do.

    def push(self, head: str, diff: str) -> None:
        """The branch moves; threads on lines that are not shown any more become outdated."""
        self.head, self.files = head, shown_lines(diff)
        self.heads.append(head)
        for thread in self.threads:
            line = thread.comments[0].place.get("line")
            thread.outdated = line is not None and not any(
                line in hunk.side("RIGHT") for hunk in self.files.get(thread.path, [])
            )

    def reply(self, thread: StoredThread, login: str, body: str, *, is_bot: bool = False) -> None:
        """Somebody answers in a thread."""
        thread.comments.append(StoredComment(next(self._ids), Account(login, is_bot), body))

    def remark(self, login: str, body: str) -> None:
        """Somebody comments on the whole."""
        self.comments.append(StoredComment(next(self._ids), Account(login, is_bot=False), body))

    def begin_thread(self, login: str, path: str, line: int, body: str) -> StoredThread:
        """Somebody else begins a thread."""
        comment = StoredComment(next(self._ids), Account(login, is_bot=False), body, place={"line": line})
        thread = StoredThread(f"PRRT_{next(self._ids)}", path, [comment])
        self.threads.append(thread)
        return thread

    def miss(self, guid: str, *, status: int = 502, hours: float = 0.0) -> None:
        """A webhook did not get through, some hours ago."""
        at = datetime.now(UTC) - timedelta(hours=hours)
        self._tried(guid, at, status, redelivery=False)

    def _tried(self, guid: str, at: datetime, status: int, *, redelivery: bool) -> None:
        attempt = {
            "id": next(self._ids),
            "guid": guid,
            "delivered_at": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "redelivery": redelivery,
            "duration": 0.1,
            "status": "OK" if status == 202 else "failed to connect",
            "status_code": status,
            "event": "pull_request",
            "action": "opened",
            "installation_id": 9,
            "repository_id": 1,
        }
        self.deliveries.insert(0, attempt)

    def published(self) -> list[StoredThread]:
        """Threads that everybody sees, and that are not empty."""
        return [one for one in self.threads if one.comments and not one.comments[0].pending]

    def summaries(self) -> list[str]:
        """Summary comments."""
        return [one.body for one in self.comments if "reviewer:summary" in one.body]

    # What GitHub does.

    def answer(self, request: Request) -> Reply:
        if request.path.startswith("/app/") or request.path.endswith("/installation"):
            return self._app(request)
        who = self._account(request)
        if who is None:
            return Reply(401, {"message": "Bad credentials"})
        if request.path == "/graphql":
            return self._query(who, request)
        operation, parameters = operation_of(request)
        if parameters.get("owner") is not None and f"{parameters['owner']}/{parameters['repo']}" != self.repository:
            return _missing()
        name, right = _OPERATIONS[operation]
        if right is not None and right not in who.rights:
            return Reply(403, {"message": "Resource not accessible by integration"})
        if self.lag and request.method != "GET":
            accounts = {id(one): one for one in self.accounts.values()}
            self._before = (self.lag, copy.deepcopy((self.threads, self.reviews, self.comments), accounts))
        reply = getattr(self, name)(who, request, **parameters)
        assert isinstance(reply, Reply)
        return reply

    def _app(self, request: Request) -> Reply:
        """What an App gets that proves itself by its key: where it is installed, a token for that, its webhooks."""
        operation, parameters = operation_of(request)
        proof = request.headers["authorization"].partition(" ")[2]
        app = int(jwt.decode(proof, options={"verify_signature": False})["iss"])
        jwt.decode(proof, self.apps[app], algorithms=["RS256"])
        if operation == "GET /app/hook/deliveries":
            return self._list_deliveries(request)
        if operation.startswith("POST /app/hook/"):
            return self._redeliver(int(parameters["delivery_id"]))
        if operation.startswith("GET"):
            known = f"{parameters['owner']}/{parameters['repo']}" == self.repository
            return Reply(200, {"id": 9}) if known else _missing()
        self.accounts[self.installed] = self.accounts["t0ken"]
        return Reply(
            201,
            {
                "token": self.installed,
                "expires_at": "2099-01-01T00:00:00Z",
                "permissions": {},
                "repository_selection": "all",
            },
        )

    def _list_deliveries(self, request: Request) -> Reply:
        begin = int(request.query.get("cursor", "v1_0").removeprefix("v1_"))
        end = begin + min(int(request.query.get("per_page", 30)), self.page)
        headers = {}
        if end < len(self.deliveries):
            headers["link"] = f'<{self.url}/app/hook/deliveries?per_page=100&cursor=v1_{end}>; rel="next"'
        return Reply(200, self.deliveries[begin:end], headers)

    def _redeliver(self, identity: int) -> Reply:
        missed = next((one for one in self.deliveries if one["id"] == identity), None)
        if missed is None:
            return _missing()
        self._tried(missed["guid"], datetime.now(UTC), self.deliver(missed["guid"]), redelivery=True)
        return Reply(202, {})

    def _account(self, request: Request) -> Account | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return self.accounts.get(token) if scheme.lower() in ("token", "bearer") else None

    def _create_review(self, who: Account, request: Request, **_: str) -> Reply:
        body = request.body
        if any(one.author is who and one.state == "PENDING" for one in self.reviews):
            return _refused("User can only have one pending review per pull request")
        if body.get("commit_id", self.head) not in self.heads:
            return _refused("The commit_id is not part of the pull request")
        if "event" in body and not body.get("body"):
            return _refused("Body is required")
        for comment in body.get("comments", []):
            if reason := self._misplaced(comment):
                return _refused(reason)
        review = StoredReview(next(self._ids), who, body.get("body", ""), body.get("commit_id", self.head))
        self.reviews.append(review)
        for comment in body.get("comments", []):
            stored = StoredComment(next(self._ids), who, comment["body"], pending=True, place=comment)
            self.threads.append(StoredThread(f"PRRT_{next(self._ids)}", comment["path"], [stored], review.id))
        if "event" in body:
            self._submit(review)
        return Reply(200, {"id": review.id, "state": review.state})

    def _misplaced(self, comment: Mapping[str, Any]) -> str | None:
        if len(comment["body"]) > BODY or not comment["body"].strip():
            return "Body is too long or blank"
        hunks = self.files.get(comment["path"])
        if hunks is None:
            return "Path could not be resolved"
        side = comment.get("side", "RIGHT")
        for hunk in hunks:
            if comment["line"] in hunk.side(side):
                first = comment.get("start_line", comment["line"])
                if "start_line" in comment and first >= comment["line"]:
                    return "start_line must precede the end line"
                if first not in hunk.side(comment.get("start_side", side)):
                    return "start_line must be part of the same hunk as the line"
                return None
        return "Pull request review thread line must be part of the diff"

    def _submit(self, review: StoredReview) -> None:
        review.state = "COMMENTED"
        for thread in self.threads:
            if thread.review == review.id:
                thread.comments[0].pending = False

    def _submit_review(self, who: Account, request: Request, review_id: str, **_: str) -> Reply:
        review = self._review(int(review_id))
        if review is None or review.author is not who:
            return _missing()
        if review.state != "PENDING":
            return _refused("Can not submit a review that is not pending")
        self._submit(review)
        return Reply(200, {"id": review.id, "state": review.state})

    def _delete_review(self, who: Account, request: Request, review_id: str, **_: str) -> Reply:
        review = self._review(int(review_id))
        if review is None or review.author is not who:
            return _missing()
        if review.state != "PENDING":
            return _refused("Can not delete a non-pending pull request review")
        self.reviews.remove(review)
        self.threads = [one for one in self.threads if one.review != review.id]
        return Reply(200, {"id": review.id})

    def _review(self, identity: int) -> StoredReview | None:
        return next((one for one in self.reviews if one.id == identity), None)

    def _create_thread(self, who: Account, request: Request, **_: str) -> Reply:
        body = request.body
        if any(one.author is who and one.state == "PENDING" for one in self.reviews):
            return _refused("User can only have one pending review per pull request")
        if body["path"] not in self.files:
            return _refused("Path could not be resolved")
        if body.get("subject_type") != "file" and (reason := self._misplaced(body)):
            return _refused(reason)
        stored = StoredComment(next(self._ids), who, body["body"], place=body)
        self.threads.append(StoredThread(f"PRRT_{next(self._ids)}", body["path"], [stored]))
        return Reply(201, {"id": stored.id})

    def _edit_comment(self, who: Account, request: Request, comment_id: str, **_: str) -> Reply:
        for comments in self._stacks(request):
            for comment in comments:
                if comment.id == int(comment_id):
                    if comment.author is not who:
                        return Reply(403, {"message": "You can not edit this comment"})
                    if len(request.body["body"]) > BODY:
                        return _refused("Body is too long")
                    comment.body = request.body["body"]
                    return Reply(200, {"id": comment.id})
        return _missing()

    def _delete_comment(self, who: Account, request: Request, comment_id: str, **_: str) -> Reply:
        for comments in self._stacks(request):
            for comment in comments:
                if comment.id == int(comment_id):
                    if comment.author is not who:
                        return Reply(403, {"message": "You can not delete this comment"})
                    comments.remove(comment)
                    self.threads = [one for one in self.threads if one.comments]
                    return Reply(204)
        return _missing()

    def _stacks(self, request: Request) -> list[list[StoredComment]]:
        if "/issues/" in request.path:
            return [self.comments]
        return [thread.comments for thread in self.threads]

    def _create_comment(self, who: Account, request: Request, issue_number: str, **_: str) -> Reply:
        if int(issue_number) != self.number:
            return _missing()
        if len(request.body["body"]) > BODY:
            return _refused("Body is too long")
        self.comments.append(StoredComment(next(self._ids), who, request.body["body"]))
        return Reply(201, {"id": self.comments[-1].id})

    def _create_run(self, who: Account, request: Request, **_: str) -> Reply:
        run = {
            "id": next(self._ids),
            "external_id": "",
            "status": "queued",
            "conclusion": None,
            **request.body,
            "output": {"annotations_count": 0},
            "annotations": [],
        }
        self.runs.append(run)
        self._annotate(run, request.body)
        return Reply(201, run)

    def _update_run(self, who: Account, request: Request, check_run_id: str, **_: str) -> Reply:
        for run in self.runs:
            if run["id"] == int(check_run_id):
                run |= {key: value for key, value in request.body.items() if key != "output"}
                self._annotate(run, request.body)
                return Reply(200, run)
        return _missing()

    def _annotate(self, run: dict[str, Any], body: Mapping[str, Any]) -> None:
        output = body.get("output", {})
        run["annotations"] += output.get("annotations", [])
        run["output"] = {
            "title": output.get("title"),
            "summary": output.get("summary"),
            "annotations_count": len(run["annotations"]),
        }

    def _list_runs(self, who: Account, request: Request, ref: str, **_: str) -> Reply:
        found = [run for run in self.runs if run["head_sha"] == ref and run["name"] == request.query.get("check_name")]
        return Reply(200, {"total_count": len(found), "check_runs": found[-1:]})

    def _permission(self, who: Account, request: Request, username: str, **_: str) -> Reply:
        if username not in self.permissions:
            return _missing()
        return Reply(200, {"permission": self.permissions[username], "role_name": self.permissions[username]})

    def _create_status(self, who: Account, request: Request, sha: str, **_: str) -> Reply:
        if len(request.body.get("description", "")) > 140:
            return _refused("description is too long (maximum is 140 characters)")
        self.statuses.append({"sha": sha, **request.body})
        return Reply(201, self.statuses[-1])

    def _combined_status(self, who: Account, request: Request, ref: str, **_: str) -> Reply:
        latest = {one["context"]: one for one in self.statuses if one["sha"] == ref}
        return Reply(200, {"statuses": list(latest.values())})

    def _decide(self, who: Account, request: Request, run_id: str, **_: str) -> Reply:
        self.decisions.append({"run": int(run_id), **request.body})
        return Reply(204)

    def _query(self, who: Account, request: Request) -> Reply:
        if "mutation" in request.body["query"] and "resolve" not in who.rights:
            return Reply(200, {"data": None, "errors": [{"type": "FORBIDDEN", "message": "not accessible"}]})
        now, (left, before) = (self.threads, self.reviews, self.comments), self._before
        if left:
            self.threads, self.reviews, self.comments = before
            self._before = (left - 1, before)
        root = {"repository": self._repository_node(who), "resolveReviewThread": self._resolve}
        result = graphql.graphql_sync(
            self._schema, request.body["query"], root, variable_values=request.body["variables"]
        )
        if left:
            self.threads, self.reviews, self.comments = now
        assert not result.errors, result.errors
        data = result.data or {}
        if "repository" in data and not any((data["repository"] or {}).values()):
            return Reply(200, {"data": data, "errors": [{"type": "NOT_FOUND", "message": "Could not resolve"}]})
        return Reply(200, {"data": data})

    def _resolve(self, info: Any, input: Mapping[str, Any]) -> Any:
        for thread in self.threads:
            if thread.id == input["threadId"]:
                thread.resolved = True
                return {"thread": {"isResolved": True}}
        raise AssertionError("no such thread")

    def _repository_node(self, who: Account) -> Any:
        def pull_request(info: Any, number: int) -> Any:
            if number != self.number:
                return None
            return {
                "headRefOid": self.head,
                "baseRefOid": self.base,
                "state": self.state,
                "reviews": lambda info, **_: {"nodes": [self._review_node(r, who) for r in self._drafts(who)]},
                "reviewThreads": lambda info, first, after=None: self._connection(
                    [self._thread_node(one, who) for one in self.threads if self._seen(one, who)], first, after
                ),
                "comments": lambda info, first, after=None: self._connection(
                    [_comment_node(one, who) for one in self.comments], first, after
                ),
            }

        def deployments(info: Any, environments: Sequence[str], first: int, **_: Any) -> Any:
            found = [one for one in self.deployments if one["environment"] in environments]
            return {"nodes": found[:first]}

        return lambda info, owner, name, **_: (
            {"pullRequest": pull_request, "deployments": deployments} if f"{owner}/{name}" == self.repository else None
        )

    def _drafts(self, who: Account) -> list[StoredReview]:
        return [one for one in self.reviews if one.author is who and one.state == "PENDING"]

    def _seen(self, thread: StoredThread, who: Account) -> bool:
        return bool(thread.comments) and (not thread.comments[0].pending or thread.comments[0].author is who)

    def _connection(self, nodes: Sequence[Any], first: int, after: str | None) -> Any:
        begin = int(after) if after else 0
        end = begin + min(first, self.page)
        return {
            "nodes": list(nodes[begin:end]),
            "pageInfo": {"hasNextPage": end < len(nodes), "endCursor": str(min(end, len(nodes)))},
        }

    def _thread_node(self, thread: StoredThread, who: Account) -> Any:
        return {
            "id": thread.id,
            "isResolved": thread.resolved,
            "isOutdated": thread.outdated,
            "path": thread.path,
            "comments": lambda info, first, **_: {"nodes": [_comment_node(c, who) for c in thread.comments[:first]]},
        }

    def _review_node(self, review: StoredReview, who: Account) -> Any:
        comments = [one.comments[0] for one in self.threads if one.review == review.id]
        return {
            "fullDatabaseId": str(review.id),
            "body": review.body,
            "commit": {"oid": review.commit},
            "comments": lambda info, first, **_: {"nodes": [_comment_node(one, who) for one in comments[:first]]},
        }


def _comment_node(comment: StoredComment, who: Account) -> Any:
    return {
        "fullDatabaseId": str(comment.id),
        "body": comment.body,
        "state": "PENDING" if comment.pending else "SUBMITTED",
        "url": f"https://github.com/octo/shop/pull/7#{comment.id}",
        "viewerDidAuthor": comment.author is who,
        "reactions": lambda info, content: {"totalCount": comment.reactions.get(content, 0)},
        "author": {"__typename": "Bot" if comment.author.is_bot else "User", "login": comment.author.login},
    }


def _missing() -> Reply:
    return Reply(404, {"message": "Not Found"})


def _refused(reason: str) -> Reply:
    return Reply(422, {"message": "Unprocessable Entity", "errors": [reason]})


_PULL = "/repos/{owner}/{repo}/pulls"
_ISSUES = "/repos/{owner}/{repo}/issues"
_OPERATIONS: Mapping[str, tuple[str, str | None]] = {
    f"POST {_PULL}/{{pull_number}}/reviews": ("_create_review", "pulls"),
    f"POST {_PULL}/{{pull_number}}/reviews/{{review_id}}/events": ("_submit_review", "pulls"),
    f"DELETE {_PULL}/{{pull_number}}/reviews/{{review_id}}": ("_delete_review", "pulls"),
    f"POST {_PULL}/{{pull_number}}/comments": ("_create_thread", "pulls"),
    f"PATCH {_PULL}/comments/{{comment_id}}": ("_edit_comment", "pulls"),
    f"DELETE {_PULL}/comments/{{comment_id}}": ("_delete_comment", "pulls"),
    f"POST {_ISSUES}/{{issue_number}}/comments": ("_create_comment", "pulls"),
    f"PATCH {_ISSUES}/comments/{{comment_id}}": ("_edit_comment", "pulls"),
    f"DELETE {_ISSUES}/comments/{{comment_id}}": ("_delete_comment", "pulls"),
    "POST /repos/{owner}/{repo}/check-runs": ("_create_run", "checks"),
    "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}": ("_update_run", "checks"),
    "GET /repos/{owner}/{repo}/commits/{ref}/check-runs": ("_list_runs", None),
    "GET /repos/{owner}/{repo}/collaborators/{username}/permission": ("_permission", None),
    "POST /repos/{owner}/{repo}/statuses/{sha}": ("_create_status", "statuses"),
    "GET /repos/{owner}/{repo}/commits/{ref}/status": ("_combined_status", None),
    "POST /repos/{owner}/{repo}/actions/runs/{run_id}/deployment_protection_rule": ("_decide", "deployments"),
}
