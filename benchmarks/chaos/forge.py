"""GitHub with many pull requests, which fails now and then: half of the time after it has done what was asked."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Sequence
from typing import Any

from benchmarks.chaos.material import PullRequest
from reviewer.posting.marker import read_findings
from tests.forges.github_standin import GitHubStandIn
from tests.forges.loopback import Fault, LoopbackForge, Reply, Request

_BY_NUMBER = re.compile(r"/(?:pulls|issues)/(\d+)(?:/|$)")
_BY_ID = re.compile(r"/(?:comments|check-runs)/(\d+)$")
_BY_COMMIT = re.compile(r"/(?:commits|statuses)/([0-9a-f]{40})(?:/|$)")


class UnreliableGitHub(LoopbackForge):
    """One repository "octo/shop".

    Args:
        pulls: what there is.
        rate: of requests that fail, between 0 and 1.
        seed: of the failures.
    """

    def __init__(self, pulls: Sequence[PullRequest], rate: float, seed: int) -> None:
        super().__init__()
        self.rate = rate
        self.failed = 0
        self._random = random.Random(seed)
        self._parts: dict[int, GitHubStandIn] = {}
        runs: list[dict[str, Any]] = []
        numbers, accounts = itertools.count(1000), None
        for pull in pulls:
            part = GitHubStandIn(pull.head, pull.diff)
            part._server.server_close()  # this one listens for all of them
            part.number, part.base, part.runs, part._ids = pull.number, pull.base, runs, numbers
            accounts = part.accounts = accounts or part.accounts
            self._parts[pull.number] = part
        self._by_head = {pull.head: self._parts[pull.number] for pull in pulls}

    def answer(self, request: Request) -> Reply:
        """Carry a request out where it belongs."""
        return self._part(request).answer(request)

    def _part(self, request: Request) -> GitHubStandIn:
        if request.path == "/graphql":
            variables = request.body["variables"]
            if "number" in variables:
                return self._parts[variables["number"]]
            return next(part for part in self._parts.values() if _has_thread(part, variables["thread"]))
        if found := _BY_NUMBER.search(request.path):
            return self._parts[int(found[1])]
        if found := _BY_ID.search(request.path):
            return next((part for part in self._parts.values() if _has(part, int(found[1]))), self._any())
        if found := _BY_COMMIT.search(request.path):
            return self._by_head[found[1]]
        return self._any()

    def _any(self) -> GitHubStandIn:
        return next(iter(self._parts.values()))

    def _fault(self, request: Request) -> Fault | None:
        if self._random.random() >= self.rate:
            return None
        self.failed += 1
        when = self._random.choice(("before", "after"))
        return Fault(request.method, request.path, 502, when="before" if when == "before" else "after")

    def told(self, number: int) -> list[str]:
        """Findings that comments of a pull request tell of, one for each time."""
        marks = [read_findings(thread.comments[0].body) for thread in self._parts[number].published()]
        return sorted(name for mark in marks if mark is not None for name in mark.fingerprints)

    def summaries(self, number: int) -> int:
        """How many summaries a pull request has."""
        return len(self._parts[number].summaries())

    def conclusion(self, head: str) -> str | None:
        """What the last check at a commit says."""
        found = [run["conclusion"] for run in self._any().runs if run["head_sha"] == head]
        return found[-1] if found else None


def _has_thread(part: GitHubStandIn, identity: str) -> bool:
    return any(thread.id == identity for thread in part.threads)


def _has(part: GitHubStandIn, identity: int) -> bool:
    comments = itertools.chain(part.comments, *(thread.comments for thread in part.threads))
    return any(one.id == identity for one in comments)
