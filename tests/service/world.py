"""A small world: a repository served by git over HTTP, GitHub, and the service that is connected to both."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select

from reviewer.domain.access import SCOPES
from reviewer.domain.request import State
from reviewer.domain.service import RepositoryPolicy, ServiceSettings
from reviewer.forges.access import AppKey, ForgeAccess
from reviewer.forges.waiting import Waiting
from reviewer.posting.gate import EnvironmentRule, GatePolicy
from reviewer.service_wiring import Service, open_service, start_worker
from reviewer.stores.database.tables import forge_event, review
from reviewer.surfaces.api.app import create_app
from tests.diff.http_git import GitServer, serving
from tests.forges.github_standin import GitHubStandIn
from tests.git_builder import GitBuilder
from tests.jobs.processes import Running, ended, start, wait_for

SECRET, OLD_SECRET = "s3cret-of-webhooks", "s3cret-before"
APP = 5
WAITING = Waiting(request=5, limit=1.5, backoff=0.01)
POLICY = GatePolicy(
    (
        EnvironmentRule("production", stops=frozenset({"block", "warn"})),
        EnvironmentRule("test", stops=frozenset()),
        EnvironmentRule("sandbox", first_deployment="allow"),
        EnvironmentRule("vault", first_deployment="block"),
    )
)
CALL = "import requests\n\n\ndef fetch(url):\n    return requests.get(url).json()['id']\n"
CALM = "def double(number: int) -> int:\n    return number + number\n"


@cache
def app_key() -> tuple[str, Any]:
    """A private key in PEM, and its public part."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode(), key.public_key()


@dataclass
class World:
    """What the tests act on and look at."""

    service: Service
    client: TestClient
    github: GitHubStandIn
    git: GitServer
    shop: GitBuilder
    branches: Iterator[int] = field(default_factory=itertools.count)
    base: str = ""
    head: str = ""

    @property
    def clone_url(self) -> str:
        return f"{self.git.url}/octo/shop.git"

    # What people do.

    def begin(self, files: dict[str, str | bytes | None]) -> str:
        """A fresh pull request; nothing of an earlier one is left on GitHub."""
        github = self.github
        for left in (github.threads, github.reviews, github.comments, github.runs, github.statuses, github.decisions):
            left.clear()
        github.deployments.clear()
        github.requests.clear()
        github.state = "OPEN"
        self.shop.git("checkout", "-q", "main")
        number = next(self.branches)
        self.base = github.base = self.shop.commit({"number.txt": str(number)}, f"main {number}")
        self.shop.git("checkout", "-q", "-b", f"feature-{number}")
        return self.push(files)

    def push(self, files: dict[str, str | bytes | None]) -> str:
        """Another commit on the pull request."""
        self.head = self.shop.commit(files, f"change {uuid.uuid4().hex}")
        self.show(self.head)
        return self.head

    def show(self, head: str) -> None:
        """GitHub sees the branch at a commit."""
        self.head = head
        self.github.push(head, self.shop.git("diff", f"{self.base}...{head}") + "\n")

    # What GitHub does.

    def pull_request(self, action: str = "synchronize", **changes: Any) -> dict[str, Any]:
        """The body of a webhook about the pull request as it is."""
        repository = self.repository()
        return {
            "action": action,
            "number": 7,
            "pull_request": {
                "number": 7,
                "state": "closed" if action == "closed" else "open",
                "draft": False,
                "head": {"sha": self.head, "repo": repository},
                "base": {"sha": self.base, "repo": repository},
                **changes,
            },
            **self.common(),
        }

    def repository(self) -> dict[str, str]:
        return {"full_name": "octo/shop", "clone_url": self.clone_url}

    def common(self) -> dict[str, Any]:
        return {"repository": self.repository(), "sender": {"login": "maintainer"}, "installation": {"id": 9}}

    def comment(self, login: str, text: str) -> dict[str, Any]:
        """The body of a webhook about an answer in a thread."""
        return {
            **self.common(),
            "action": "created",
            "comment": {"body": text},
            "pull_request": {"number": 7},
            "sender": {"login": login},
        }

    def deployment(self, environment: str = "production", **changes: Any) -> dict[str, Any]:
        """The body of a webhook about a deployment that waits."""
        path = "/repos/octo/shop/actions/runs/5/deployment_protection_rule"
        return {
            "action": "requested",
            "environment": environment,
            "deployment_callback_url": self.github.url + path,
            "deployment": {"sha": self.head},
            **self.common(),
            **changes,
        }

    def hook(self, event: str, body: Any, *, delivery: str | None = None, secret: str = SECRET) -> Response:
        """Send a webhook."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": delivery or str(uuid.uuid4()),
            "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), data, hashlib.sha256).hexdigest(),
        }
        return self.client.post("/webhooks/github", content=data, headers=headers)

    # What the tests wait for and look at.

    def told(self, event: str, body: Any, **options: Any) -> str:
        """Send a webhook, and wait until everything that it asks for is done; what came of it in words."""
        answer = self.hook(event, body, **options)
        assert answer.status_code == 202, answer.text
        assert answer.json()["result"] == "accepted", answer.text
        self.settle()
        result: str = self.service.database.inbox.get(answer.json()["id"]).result or ""
        return result

    def settle(self, seconds: float = 60) -> None:
        """Wait until nothing is left to do."""
        wait_for(self.is_settled, seconds)

    def is_settled(self) -> bool:
        unfinished = [State.QUEUED.value, State.RUNNING.value]
        with self.service.database.engine.connect() as connection:
            if connection.execute(select(forge_event.c.id).where(forge_event.c.state.in_(unfinished))).first():
                return False
            if connection.execute(select(review.c.id).where(review.c.state.in_(unfinished))).first():
                return False
            rows = connection.execute(select(review.c.id).where(review.c.posted.is_(None))).all()
        reviews = self.service.database.reviews("default")
        return not any(reviews.will_be_posted(row.id) for row in rows)

    def reviews(self) -> list[dict[str, Any]]:
        """Reviews that the service knows, the newest first."""
        found: list[dict[str, Any]] = self.client.get("/v1/reviews").json()["items"]
        return found

    def lines(self) -> list[tuple[str, int | None]]:
        """Where our comments stand."""
        return [(one.path, one.comments[0].place.get("line")) for one in self.github.published()]

    def verdict(self) -> str | None:
        """The conclusion of the last check at the head."""
        found = [run["conclusion"] for run in self.github.runs if run["head_sha"] == self.head]
        return found[-1] if found else None


@contextmanager
def a_world(folder: Path, store: str, *, processes: int = 0, in_hand: int = 16) -> Iterator[World]:
    """The world, with a worker in this process that has so much in hand, or with several that are processes."""
    shop = GitBuilder(folder / "git" / "octo" / "shop.git")
    base = shop.commit({"app.py": "x = 1\n"})
    pem, public = app_key()
    with serving(folder / "git") as git, GitHubStandIn(base, "") as github:
        assert isinstance(github, GitHubStandIn)
        github.apps[APP] = public
        policy = RepositoryPolicy(hosts=("127.0.0.1",), schemes=("http",), private_addresses=True)
        settings = ServiceSettings(
            store, folder / "service", policy, heartbeat_seconds=0.2, poll_seconds=0.05, in_hand=in_hand
        )
        access = ForgeAccess(
            github=AppKey(APP, pem),
            github_api=github.url,
            github_webhook=(SECRET, OLD_SECRET),
            gitlab_webhook=("gitlab-token",),
        )
        with open_service(settings, access, POLICY) as service:
            _, key = service.database.keys.create("default", "tests", SCOPES)
            client = TestClient(create_app(service, rate_limit=100_000), headers={"Authorization": f"Bearer {key}"})
            world = World(service, client, github, git, shop)
            if processes:
                with ended(outside := [_worker(folder / f"worker-{n}", store, github, pem) for n in range(processes)]):
                    assert len(outside) == processes
                    yield world
                return
            worker = start_worker(service, waiting=WAITING)
            try:
                yield world
            finally:
                worker.stop()


def _worker(folder: Path, store: str, github: GitHubStandIn, pem: str) -> Running:
    """`reviewer worker`, connected as the service is."""
    folder.mkdir(parents=True)
    key = folder / "key.pem"
    key.write_text(pem)
    environment = {
        "REVIEWER_GITHUB_APP_ID": str(APP),
        "REVIEWER_GITHUB_APP_KEY_FILE": str(key),
        "REVIEWER_GITHUB_API": github.url,
    }
    options = ("--store", store, "--allow-host", "127.0.0.1", "--allow-scheme", "http", "--allow-private-addresses")
    return start("worker", folder, *options, "--heartbeat", "0.2", "--silence", "2", environment=environment)
