"""Acts on what forges tell: asks for reviews, gives them up, posts again."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import UTC, datetime, timedelta

from reviewer.domain.comment import Standing
from reviewer.domain.event import (
    CommandGiven,
    DeploymentWanted,
    Event,
    InstallationChanged,
    PullRequestChanged,
    ReviewWanted,
)
from reviewer.domain.posting import Destination
from reviewer.domain.request import UNFINISHED, ReviewRecord, ReviewRequest, State
from reviewer.domain.service import RepositoryPolicy
from reviewer.errors import ForgeError, ReviewerError, StoreError, UsageError
from reviewer.jobs.client import JobClient
from reviewer.jobs.conclusion import FAULT, Conclusion, conclude, ignored
from reviewer.jobs.deployment import DeploymentSteps
from reviewer.jobs.outcome import Outcome, passes, wait_of
from reviewer.jobs.posting import PostSteps
from reviewer.jobs.reaction import pull_request_ref, request_of
from reviewer.jobs.source import check
from reviewer.jobs.writers import Writers
from reviewer.ports import CodeHosts
from reviewer.stores.database.database import Database
from reviewer.stores.database.idempotency import Claim
from reviewer.stores.database.inbox import Received
from reviewer.stores.database.reviews import Filter
from reviewer.telemetry.log import logger
from reviewer.telemetry.metric import Metrics

_LAG = timedelta(seconds=5)
"""How long a forge may not show yet what it has told."""
_AGAIN = 2.0
"""Seconds until a forge is asked again that may not show what it has told."""
_LATEST = 50
"""Reviews of one commit among which that is looked for whose check is asked for again."""
_log = logger("reviewer.jobs")


class EventSteps:
    """Acts on events. Each step may run more than once, and does the same again.

    Args:
        repositories: which may be reviewed.
        database: where events and reviews are kept.
        client: hands reviews to the workers.
        posts: posts again.
        deployments: knows what a deployment is to be compared with.
        hosts: the forges.
        metrics: of this process.
    """

    def __init__(
        self,
        repositories: RepositoryPolicy,
        database: Database,
        client: JobClient,
        posts: PostSteps,
        deployments: DeploymentSteps,
        *,
        hosts: CodeHosts,
        metrics: Metrics,
    ) -> None:
        self._repositories = repositories
        self._database = database
        self._client = client
        self._hosts = hosts
        self._writers = Writers(hosts)
        self._metrics = metrics
        self._posts = posts
        self._deployments = deployments

    def handle(self, identity: str, last: bool = True) -> Outcome:
        """Act on an event.

        Args:
            identity: the event.
            last: a failure that may pass is one all the same; else the answer is "again" with seconds to wait.

        Returns:
            "review": the review that a deployment waits for; "refused", "allowed": why it waits for none.

        Raises:
            StoreError: the database is away; the step is worth repeating.
        """
        received = self._database.inbox.get(identity)
        if received.state.is_final:
            return {}
        try:
            outcome = self._act(received, last)
        except StoreError:
            raise
        except ReviewerError as error:
            if not last and passes(error):
                return {"again": wait_of(error)}
            return self._failed(received, str(error), error.code)
        except Exception as error:  # noqa: BLE001 (the boundary of a job: a fault of this program loses no event)
            _log.exception("event_failed", id=identity)
            reason = f"this is a bug in reviewer ({type(error).__name__}); please report it"
            return self._failed(received, reason, FAULT)
        if isinstance(outcome, Conclusion):
            conclude(self._database, self._metrics, identity, outcome)
            return {}
        return outcome

    def _failed(self, received: Received, reason: str, code: str) -> Outcome:
        if isinstance(received.event, DeploymentWanted):
            return {"refused": f"Not reviewed: {reason}"}
        conclude(self._database, self._metrics, received.id, Conclusion(reason, failed=code))
        return {}

    def _act(self, received: Received, last: bool) -> Outcome | Conclusion:
        event = received.event
        if isinstance(event, PullRequestChanged):
            return self._pull_request(received, event, last)
        if isinstance(event, CommandGiven):
            return self._command(received, event)
        if isinstance(event, ReviewWanted):
            return self._again(received, event)
        if isinstance(event, DeploymentWanted):
            asked = self._deployments.ask(received, event)
            return asked if isinstance(asked, dict) else {"review": self._accept(received, asked)}
        if isinstance(event, InstallationChanged):
            return Conclusion(f"installation {event.installation} of {event.account}: {event.action}")
        return ignored("nothing", "there is nothing to do")

    def _pull_request(self, received: Received, event: PullRequestChanged, last: bool) -> Outcome | Conclusion:
        reviews = self._database.reviews(received.tenant)
        named = ReviewRequest(repository=event.clone_url, ref=pull_request_ref(received.forge, event.number))
        # Before the forge is asked: what is accepted from now on may be of a newer head than it tells.
        newest = reviews.newest(named)
        standing = self._look(_place(received.forge, event, event.number), last)
        if event.action == "closed":
            # One that came late, after the request was opened again, must not end the review of that.
            running = None if standing is not None and standing.is_open else reviews.newest(named, UNFINISHED)
            if running is None or not reviews.cancel(running.id, f"webhook:{received.forge}"):
                return Conclusion("closed: nothing is running")
            return Conclusion(f"closed: review {running.id} is cancelled")
        request = request_of(event, received.forge)
        if request is None:
            return ignored("draft", "it is a draft")
        if standing is not None and not standing.is_open:
            return ignored("closed", "it is closed")
        if standing is not None and standing.head != event.head and newest and newest.request.head == standing.head:
            # An event that came late; or the forge does not show yet what it has told.
            is_settled = last or datetime.now(UTC) - received.created_at > _LAG
            return ignored("stale", f"it stands at {standing.head}") if is_settled else {"again": _AGAIN}
        if newest and _is_alive(newest) and (newest.request.head, newest.request.base) == (request.head, request.base):
            return ignored("known", f"review {newest.id} is of the same commits")
        return self._ask(received, request, _number(newest))

    def _command(self, received: Received, event: CommandGiven) -> Conclusion:
        # What is waived is read where the comment stands; a look there costs too much to have just anybody ask for it.
        if not self._writers.may_write(_place(received.forge, event, event.number), event.sender):
            return ignored("forbidden", "only who may write to the repository can give this order")
        named = ReviewRequest(repository=event.clone_url, ref=pull_request_ref(received.forge, event.number))
        if event.command == "waive":
            newest = self._database.reviews(received.tenant).newest(named, (State.DONE, State.FAILED))
            if newest is None:
                return ignored("unreviewed", "no review is finished yet; the next one reads the comment")
            self._posts.repost(received.tenant, newest.id)
            return Conclusion(f"review {newest.id} is posted again")
        return self._current(received, event, event.number)

    def _again(self, received: Received, event: ReviewWanted) -> Conclusion:
        if event.numbers:
            each = [self._current(received, event, number) for number in event.numbers[:10]]
            words = "; ".join(one.words for one in each)
            return Conclusion(words, ignored=each[0].ignored if all(one.ignored for one in each) else None)
        known = self._database.reviews(received.tenant).page(
            Filter(repository=event.clone_url, head=event.head), None, _LATEST
        )
        # Others of the same commit, as of a deployment, have set no check.
        found = next((one.request for one in known if (one.request.post_to or {}).get("forge") == received.forge), None)
        if found is None:
            return ignored("unreviewed", "no review of this commit is known that was posted")
        return self._ask(received, dataclasses.replace(found, diff=None))

    def _current(self, received: Received, event: CommandGiven | ReviewWanted, number: int) -> Conclusion:
        """Review what a pull request stands at now."""
        place = _place(received.forge, event, number)
        named = ReviewRequest(repository=event.clone_url, ref=pull_request_ref(received.forge, number))
        newest = self._database.reviews(received.tenant).newest(named)
        standing = self._hosts.look(place)
        if not standing.is_open:
            return ignored("closed", f"{number} is closed")
        changed = PullRequestChanged(
            repository=event.repository,
            number=number,
            action="review",
            head=standing.head,
            base=standing.base,
            clone_url=event.clone_url,
            is_draft=False,
            is_fork=False,
            sender="",
            installation=event.installation,
        )
        request = request_of(changed, received.forge)
        return ignored("draft", "it is a draft") if request is None else self._ask(received, request, _number(newest))

    def _ask(self, received: Received, request: ReviewRequest, seen: int | None = None) -> Conclusion:
        return Conclusion(f"review {self._accept(received, request, seen)} of {(request.head or '')[:12]}")

    def _accept(self, received: Received, request: ReviewRequest, seen: int | None = None) -> str:
        """Have a review made; the same event asks for the same review once.

        Args:
            received: the event.
            request: what it asks for.
            seen: number of the newest review that was known before the forge was asked; None where it was not.

        Raises:
            OvertakenError: another event was quicker.
            ForbiddenError: the repository is none that may be reviewed.
        """
        check(request, self._repositories)
        digest = hashlib.sha256(f"{request.repository}\n{request.ref}".encode()).hexdigest()
        claim = Claim("webhook", f"{received.id}:{digest[:16]}", digest)
        actor = f"webhook:{received.forge}"
        accepted = self._database.reviews(received.tenant).accept(request, actor, claim, seen=seen)
        self._client.review(received.tenant, accepted.id)
        return accepted.id

    def _look(self, place: Destination, last: bool) -> Standing | None:
        """What stands there; None where the forge cannot be asked."""
        try:
            return self._hosts.look(place)
        except UsageError:
            return None
        except ForgeError:
            if not last:
                raise
            return None


def _is_alive(review: ReviewRecord) -> bool:
    """Whether nothing more is to be had of the same commits: not where it failed, or stands nowhere."""
    if review.state is State.DONE:
        return "failure" not in (review.posted or {})
    return review.state in UNFINISHED


def _number(newest: ReviewRecord | None) -> int:
    return 0 if newest is None else newest.number


def _place(forge: str, event: Event, number: int) -> Destination:
    assert isinstance(event, PullRequestChanged | CommandGiven | ReviewWanted)  # noqa: S101 (they have a repository)
    return Destination(forge, event.repository, number, event.installation)
