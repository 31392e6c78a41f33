"""The service in this process: its application, its worker, its keys."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from reviewer.domain.access import SCOPES
from reviewer.domain.change import Change
from reviewer.domain.report import Report
from reviewer.domain.request import Posted, ReviewRequest
from reviewer.domain.service import RepositoryPolicy, ServiceSettings
from reviewer.errors import ReviewerError, UsageError
from reviewer.service_wiring import Service, open_service, start_worker
from reviewer.surfaces.api.app import create_app

FAILS, STUMBLES = 98, 99
"""Numbers of pull requests that the poster has trouble with."""


def pull(number: int) -> dict[str, Any]:
    """A `post_to`."""
    return {"forge": "github", "repository": "octo/shop", "number": number}


class StumbleError(ReviewerError):
    """A failure of the forge that passes."""

    http_status = 502
    after = 1.0


@dataclass
class RecordingPoster:
    """Writes down what it is to post; fails where the request says so."""

    posted: list[tuple[ReviewRequest, Report, Change | None]] = field(default_factory=list)
    stumbled: bool = False

    def post(self, request: ReviewRequest, report: Report, change: Change | None) -> Posted:
        """Post to a list."""
        if request.post_to is None:
            return Posted()
        if request.post_to["number"] == FAILS:
            raise UsageError("the forge says no; try again")
        if request.post_to["number"] == STUMBLES and not self.stumbled:
            self.stumbled = True
            raise StumbleError("the forge says 502; try again")
        self.posted.append((request, report, change))
        return Posted("https://example.org/pull/7#1", comments=len(report.findings))


@dataclass(frozen=True)
class Api:
    """A client with a key that is good for everything."""

    service: Service
    client: TestClient
    folder: Path
    poster: RecordingPoster = field(default_factory=RecordingPoster)

    def finished(self, identity: str, seconds: float = 60) -> dict[str, Any]:
        """A review once it is finished."""
        deadline = time.monotonic() + seconds
        answer: dict[str, Any] = {}
        while time.monotonic() < deadline:
            answer = self.client.get(f"/v1/reviews/{identity}").json()
            if answer["state"] not in ("queued", "running"):
                return answer
            time.sleep(0.05)
        raise AssertionError(f"not finished in {seconds} s: {answer}")

    def review(self, **body: Any) -> dict[str, Any]:
        """Ask for a review and wait for it."""
        answer = self.client.post("/v1/reviews", json=body)
        assert answer.status_code == 202, answer.text
        return self.finished(answer.json()["id"])


@contextmanager
def opened(settings: ServiceSettings, *, tenant: str = "default") -> Iterator[Api]:
    """The service with a key."""
    with open_service(settings) as service:
        service.catalogs.make(tenant)
        _, key = service.database.keys.create(tenant, "tests", SCOPES)
        client = TestClient(create_app(service), headers={"Authorization": f"Bearer {key}"})
        yield Api(service, client, settings.folder)


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The service with a worker; one for all tests of a module, since it takes a second to start."""
    folder = tmp_path_factory.mktemp("service")
    policy = RepositoryPolicy(paths=(tmp_path_factory.getbasetemp(),), schemes=("file",), hosts=())
    settings = ServiceSettings(f"sqlite:///{folder / 'service.db'}", folder, policy, heartbeat_seconds=0.2)
    with opened(settings) as api:
        worker = start_worker(api.service, poster=api.poster)
        yield api
        worker.stop()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the service's tables and nothing in them; to copy it is quicker than to make them."""
    folder = tmp_path_factory.mktemp("made")
    with open_service(ServiceSettings(f"sqlite:///{folder / 'service.db'}", folder)):
        pass
    return folder


@pytest.fixture
def idle(tmp_path: Path, made: Path) -> Iterator[Api]:
    """The service with nobody who works."""
    for file in made.glob("service*.db"):
        shutil.copy(file, tmp_path)
    policy = RepositoryPolicy(paths=(tmp_path / "repositories",))
    with opened(ServiceSettings(f"sqlite:///{tmp_path / 'service.db'}", tmp_path, policy)) as api:
        yield api
