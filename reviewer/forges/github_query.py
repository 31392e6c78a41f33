"""What stands on a pull request of GitHub, asked by GraphQL: REST does not tell which threads are resolved.

`viewerDidAuthor` says which comments are ours, so a marker that somebody has copied means nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reviewer.domain.comment import Draft, Note, Remark, Standing, Target, Thread
from reviewer.errors import ForgeError
from reviewer.forges.github_client import GitHubClient
from reviewer.posting.marker import is_summary, read_findings, read_review

MOST_PAGES = 20
"""Pages of a hundred threads or comments that are read."""

_PULL_REQUEST = """
query ($owner: String!, $name: String!, $number: Int!, $threads: String, $comments: String,
       $wantThreads: Boolean!, $wantComments: Boolean!, $wantDraft: Boolean!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      headRefOid
      baseRefOid
      state
      reviews(first: 1, states: [PENDING]) @include(if: $wantDraft) {
        nodes {
          fullDatabaseId
          body
          commit { oid }
          comments(first: 100) { nodes { body } }
        }
      }
      reviewThreads(first: 100, after: $threads) @include(if: $wantThreads) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id
          isResolved
          isOutdated
          path
          comments(first: 50) {
            nodes {
              fullDatabaseId body state url viewerDidAuthor author { __typename login }
              approving: reactions(content: THUMBS_UP) { totalCount }
              disapproving: reactions(content: THUMBS_DOWN) { totalCount }
            }
          }
        }
      }
      comments(first: 100, after: $comments) @include(if: $wantComments) {
        pageInfo { hasNextPage endCursor }
        nodes { fullDatabaseId body url viewerDidAuthor author { __typename login } }
      }
    }
  }
}
"""

RESOLVE = """
mutation ($thread: ID!) {
  resolveReviewThread(input: {threadId: $thread}) { thread { isResolved } }
}
"""


_DEPLOYMENTS = """
query ($owner: String!, $name: String!, $environment: String!) {
  repository(owner: $owner, name: $name) {
    deployments(first: 50, environments: [$environment], orderBy: {field: CREATED_AT, direction: DESC}) {
      nodes { commitOid state }
    }
  }
}
"""
_DEPLOYED = frozenset({"ACTIVE", "SUCCESS"})
"""States of a deployment that has succeeded for sure; one that is inactive may have failed before."""


async def last_deployed(client: GitHubClient, repository: str, environment: str) -> str | None:
    """The commit that was last deployed to an environment with success; None where none of the last fifty was."""
    owner, name = repository.split("/", 1)
    data = await client.query(_DEPLOYMENTS, {"owner": owner, "name": name, "environment": environment})
    found = _nodes((data or {}).get("repository") or {}, "deployments")
    return next((str(node["commitOid"]) for node in found if node["state"] in _DEPLOYED), None)


async def read_pull_request(client: GitHubClient, target: Target) -> Standing:
    """Everything of a pull request that planning needs, the check left out.

    Raises:
        ForgeError: there is no such pull request.
    """
    owner, name = target.repository.split("/", 1)
    threads: list[Thread] = []
    notes: list[Note] = []
    remarks: list[Remark] = []
    draft: Draft | None = None
    cursors: dict[str, str | None] = {"threads": None, "comments": None}
    wanted = {"threads": True, "comments": True}
    found: Mapping[str, Any] = {}
    for page in range(MOST_PAGES):
        data = await client.query(
            _PULL_REQUEST,
            {
                "owner": owner,
                "name": name,
                "number": target.number,
                **cursors,
                "wantThreads": wanted["threads"],
                "wantComments": wanted["comments"],
                "wantDraft": page == 0,
            },
        )
        found = ((data or {}).get("repository") or {}).get("pullRequest") or {}
        if not found:
            raise ForgeError("github", "there is no such pull request, or the credentials do not see it")
        if page == 0:
            draft = _draft(found["reviews"]["nodes"])
        threads += [thread for node in _nodes(found, "reviewThreads") if (thread := _thread(node)) is not None]
        for node in _nodes(found, "comments"):
            if node["viewerDidAuthor"] and is_summary(node["body"]):
                notes.append(Note(int(node["fullDatabaseId"]), node["body"]))
            else:
                remarks.append(_remark(node))
        for kind, field in (("threads", "reviewThreads"), ("comments", "comments")):
            info = (found.get(field) or {}).get("pageInfo") or {}
            wanted[kind] = wanted[kind] and bool(info.get("hasNextPage"))
            cursors[kind] = info.get("endCursor") or cursors[kind]
        if not any(wanted.values()):
            break
    else:
        raise ForgeError(
            "github", f"more than {MOST_PAGES * 100} threads or comments are there; nothing is added to them"
        )
    return Standing(
        head=found["headRefOid"],
        is_open=found["state"] == "OPEN",
        threads=tuple(sorted(threads, key=lambda one: one.comment_id)),
        notes=tuple(sorted(notes, key=lambda one: one.id)),
        remarks=tuple(remarks),
        draft=draft,
        base=found["baseRefOid"],
    )


def _nodes(found: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    """The nodes of a connection; GitHub gives null for one that may not be seen."""
    return [node for node in (found.get(field) or {}).get("nodes") or [] if node is not None]


def _thread(node: Mapping[str, Any]) -> Thread | None:
    """A published thread that we began; None for others."""
    comments = _nodes(node, "comments")
    if not comments or not comments[0]["viewerDidAuthor"] or comments[0]["state"] != "SUBMITTED":
        return None
    mark = read_findings(comments[0]["body"])
    if mark is None:
        return None
    return Thread(
        id=node["id"],
        comment_id=int(comments[0]["fullDatabaseId"]),
        fingerprints=mark.fingerprints,
        rules=mark.rules,
        path=node["path"],
        resolved=node["isResolved"],
        outdated=node["isOutdated"],
        fixed=mark.fixed,
        head=mark.head,
        body=comments[0]["body"],
        replies=tuple(_remark(comment) for comment in comments[1:]),
        approving=comments[0]["approving"]["totalCount"],
        disapproving=comments[0]["disapproving"]["totalCount"],
    )


def _remark(node: Mapping[str, Any]) -> Remark:
    author = node.get("author") or {"login": "ghost", "__typename": "User"}
    return Remark(author["login"], node["body"], author["__typename"] == "Bot", node.get("url") or "")


def _draft(nodes: list[Mapping[str, Any]]) -> Draft | None:
    """Only its author sees a pending review, so one that is seen is of this account."""
    for node in nodes:
        marks = [read_findings(comment["body"]) for comment in _nodes(node, "comments")]
        head = read_review(node["body"])
        return Draft(
            id=str(node["fullDatabaseId"]),
            head=head or "",
            fingerprints=frozenset(one for mark in marks if mark for one in mark.fingerprints),
            ours=head is not None and all(mark is not None for mark in marks),
        )
    return None
