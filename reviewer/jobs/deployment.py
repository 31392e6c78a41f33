"""Lets deployments that wait at a forge go on, or stops them: from the review between what runs and what is to run."""

from __future__ import annotations

from urllib.parse import urlsplit

from reviewer.domain.event import DeploymentWanted
from reviewer.domain.posting import Destination
from reviewer.domain.request import ReviewRequest
from reviewer.errors import ReviewerError, WebhookError
from reviewer.jobs.conclusion import Conclusion, conclude
from reviewer.jobs.gate import judge
from reviewer.jobs.outcome import Outcome, passes, wait_of
from reviewer.jobs.reaction import gate_request
from reviewer.ports import CodeHosts
from reviewer.posting.gate import Decision, GatePolicy, decide
from reviewer.stores.database.database import Database
from reviewer.stores.database.inbox import Received
from reviewer.telemetry.metric import Metrics

_LOOK = 0.5
"""Seconds between two looks whether the review that a deployment waits for is finished."""


class DeploymentSteps:
    """Asks and answers. Each step may run more than once, and does the same again.

    Args:
        database: where events and reviews are kept.
        hosts: the forges.
        policy: of deployments.
        metrics: of this process.
    """

    def __init__(self, database: Database, hosts: CodeHosts, policy: GatePolicy, metrics: Metrics) -> None:
        self._database = database
        self._hosts = hosts
        self._policy = policy
        self._metrics = metrics

    def ask(self, received: Received, event: DeploymentWanted) -> ReviewRequest | Outcome:
        """The review that a deployment has to wait for; "allowed" or "refused" with the reason where it needs none.

        Raises:
            WebhookError: the event names two repositories.
            ForgeError: the forge does not tell what runs now.
        """
        if urlsplit(event.clone_url).path.strip("/").removesuffix(".git").lower() != event.repository.lower():
            raise WebhookError("the deployment is of another repository than its address; it is not looked at")
        place = Destination(received.forge, event.repository, None, event.installation)
        deployed = self._hosts.deployed(place, event.environment)
        if deployed is None and self._policy.rule(event.environment).first_deployment != "review":
            said = decide(self._policy, event.environment, event.candidate, None, is_first=True)
            return {"allowed" if said.approved else "refused": said.reason}
        return gate_request(event, deployed)

    def answer(
        self, identity: str, review: str | None, reason: str | None, last: bool, is_allowed: bool = False
    ) -> Outcome:
        """Answer a deployment that waits, once its review is finished.

        Args:
            identity: the event.
            review: the review; None where there is none.
            reason: why it is refused, or allowed, without a review.
            last: nothing is waited for any more.
            is_allowed: it goes on without a review.

        Returns:
            "again" with seconds to wait.

        Raises:
            StoreError: the database is away; the step is worth repeating.
        """
        received = self._database.inbox.get(identity)
        event = received.event
        if received.state.is_final or not isinstance(event, DeploymentWanted):
            return {}
        if review is not None and not last and self._database.reviews(received.tenant).is_wanted(review):
            return {"again": _LOOK}
        decision = (
            Decision(is_allowed, reason or "Not reviewed.") if review is None else self._judge(received, event, review)
        )
        try:
            self._hosts.answer(event, approved=decision.approved, reason=decision.reason)
        except ReviewerError as error:
            if not last and passes(error):
                return {"again": wait_of(error)}
            failed = Conclusion(f"{event.environment} is not answered: {error}", failed=error.code)
            conclude(self._database, self._metrics, identity, failed)
            return {}
        word = "approved" if decision.approved else "rejected"
        if review is not None:
            told = {"gate": word, "environment": event.environment, "note": decision.reason}
            self._database.reviews(received.tenant).posted(review, told)
        done = Conclusion(f"{event.environment} {word}: {decision.reason}")
        conclude(self._database, self._metrics, identity, done)
        return {}

    def _judge(self, received: Received, event: DeploymentWanted, review: str) -> Decision:
        record, report = self._database.reviews(received.tenant).report(review)
        override = self._database.overrides(received.tenant).last(review, event.environment)
        return judge(self._policy, event.environment, event.candidate, record, report, override=override)
