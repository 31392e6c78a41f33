"""Two pushes one after the other: whatever comes late, the newest head is what is reviewed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from reviewer.domain.comment import Standing
from reviewer.domain.event import CommandGiven, Event, PullRequestChanged
from reviewer.domain.posting import Destination
from reviewer.domain.request import UNFINISHED, ReviewRequest, State
from reviewer.domain.service import RepositoryPolicy, ServiceSettings
from reviewer.jobs.apart import ProcessPool
from reviewer.jobs.client import JobClient
from reviewer.jobs.deployment import DeploymentSteps
from reviewer.jobs.events import EventSteps
from reviewer.jobs.inputs import AnalysisInputs
from reviewer.jobs.posting import PostSteps
from reviewer.jobs.queues import prepare_jobs
from reviewer.jobs.unconnected import NoCredentials, NoPoster
from reviewer.ports import CodeHosts
from reviewer.posting.gate import GatePolicy
from reviewer.stores.database.database import Database
from reviewer.stores.database.inbox import Delivery
from reviewer.telemetry.metric import new_metrics
from reviewer.telemetry.observation import Observation
from reviewer.telemetry.span import open_tracer
from tests.reports import a_report

URL = "https://github.com/octo/shop.git"
OLD, NEW = "a" * 40, "b" * 40


@dataclass
class SlowForge:
    """Tells how a pull request stood when it was asked; meanwhile things happen."""

    head: str = OLD
    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    def look(self, place: Destination) -> Standing:
        """As `CodeHosts.look`."""
        standing = Standing(self.head, base="c" * 40)
        if self.meanwhile:
            self.meanwhile.pop()()
        return standing

    def may_write(self, place: Destination, login: str) -> bool:
        """As `CodeHosts.may_write`."""
        return True


@dataclass
class Desk:
    """The steps that act on events, without anybody who reviews."""

    database: Database
    forge: SlowForge
    steps: EventSteps

    def take(self, event: Event, name: str) -> str:
        """An event comes."""
        return self.database.inbox.receive(Delivery("github", (name,), "pull_request"), "default", event) or ""

    def reviewed(self) -> str | None:
        """The head that is being reviewed."""
        named = ReviewRequest(repository=URL, ref="refs/pull/7/head")
        found = self.database.reviews("default").newest(named, UNFINISHED)
        return None if found is None else found.request.head


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    settings = ServiceSettings(f"sqlite:///{tmp_path / 's.db'}", tmp_path, RepositoryPolicy())
    jobs = f"sqlite:///{tmp_path / 'jobs.db'}"
    prepare_jobs(jobs)
    with closing(Database(settings.store)) as database, closing(JobClient(jobs)) as client:
        database.migrate()
        observation = Observation(new_metrics(), open_tracer("reviewer", "1"))
        forge = SlowForge()
        hosts = cast("CodeHosts", forge)
        inputs = AnalysisInputs(settings, database, NoCredentials())
        posts = PostSteps(settings, database, observation, inputs, ProcessPool(), poster=NoPoster(), executor="worker")
        deployments = DeploymentSteps(database, hosts, GatePolicy(), observation.metrics)
        steps = EventSteps(
            settings.repositories, database, client, posts, deployments, hosts=hosts, metrics=observation.metrics
        )
        yield Desk(database, forge, steps)


def push(head: str) -> PullRequestChanged:
    return PullRequestChanged("octo/shop", 7, "review", head, "c" * 40, URL, False, False, "octocat")


@pytest.mark.parametrize("event", [push(OLD), CommandGiven("octo/shop", 7, "octocat", None, "review", URL)])
def test_what_is_overtaken_while_the_forge_is_asked_does_not_end_the_review_of_a_newer_head(
    desk: Desk, event: Event
) -> None:
    late, newer = desk.take(event, "late"), desk.take(push(NEW), "newer")

    def overtake() -> None:
        desk.forge.head = NEW
        assert desk.steps.handle(newer, False) == {}

    desk.forge.meanwhile.append(overtake)
    outcome = desk.steps.handle(late, False)
    assert desk.reviewed() == NEW
    assert outcome.keys() == {"again"}
    assert desk.steps.handle(late, True) == {}
    assert desk.reviewed() == NEW


@pytest.mark.parametrize(("posted", "again"), [({"failure": "the forge is down"}, True), ({"comments": 1}, False)])
def test_a_review_that_could_not_be_posted_is_made_again_when_its_pull_request_is_told_of_again(
    desk: Desk, posted: dict[str, object], again: bool
) -> None:
    desk.forge.head = NEW
    assert desk.steps.handle(desk.take(push(NEW), "first"), True) == {}
    reviews = desk.database.reviews("default")
    named = ReviewRequest(repository=URL, ref="refs/pull/7/head")
    first = reviews.newest(named)
    assert first is not None
    reviews.finish(first.id, State.DONE, a_report(first.id))
    reviews.posted(first.id, posted)
    assert desk.steps.handle(desk.take(push(NEW), "reopened"), True) == {}
    assert (desk.reviewed() == NEW) is again
