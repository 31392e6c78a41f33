"""The workflow of a review: fetch, analyse, explain, finish, post.

What DBOS keeps of it is small: where the change is, which model explains, what failed. Requests and reports stand in
the service's own tables. A step that is repeated after a crash finds there what it did before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from reviewer.errors import StoreError
from reviewer.jobs.queues import EVENT, EXPLAIN, FETCH, FORGES, LEARN, MODELS, POST, REVIEW

if TYPE_CHECKING:
    from dbos import StepOptions

    from reviewer.jobs.deployment import DeploymentSteps
    from reviewer.jobs.events import EventSteps
    from reviewer.jobs.lessons import LessonSteps
    from reviewer.jobs.steps import Outcome, ReviewSteps

_MOST_ATTEMPTS = 50
"""Recoveries after which a job is given up: it may be what ends the workers."""
_MOST_TRIES = 6
"""Of what another machine may fail at for a while."""
_MOST_PATIENCE = 3600.0
"""Seconds that a deployment waits for its review before it is refused."""


def register(
    steps: ReviewSteps, lessons: LessonSteps, events: EventSteps, deployments: DeploymentSteps, *, moment: float
) -> None:
    """Tell DBOS the workflows of this process; before it is launched.

    Args:
        steps: of reviews.
        lessons: of post-mortems.
        events: of what forges tell.
        deployments: of deployments that wait.
        moment: seconds between two looks at whether another job is done.
    """
    from dbos import DBOS, SetEnqueueOptions, SetWorkflowID  # noqa: PLC0415 (half a second)

    def step(name: str, function: Callable[..., Outcome], *arguments: Any) -> Outcome:
        return DBOS.run_step(_patient(name), function, *arguments)

    def patiently(name: str, function: Callable[..., Outcome], *arguments: Any) -> Outcome:
        """Take a step again while the other side has a failure that may pass; the waiting outlives this process."""
        attempt = 1
        while "again" in (outcome := step(name, function, *arguments, attempt == _MOST_TRIES)):
            DBOS.sleep(outcome["again"] * attempt)
            attempt += 1
        return outcome

    def elsewhere(queue: str, partition: str, workflow: Callable[..., Outcome], identity: str, *rest: Any) -> Outcome:
        """Have a part done under the limits of another queue, perhaps on another machine, and wait for it."""
        with SetWorkflowID(identity), SetEnqueueOptions(queue_partition_key=partition):
            handle = DBOS.enqueue_workflow(queue, workflow, *rest)
        return handle.get_result(polling_interval_sec=moment)

    @DBOS.workflow(name=FETCH, max_recovery_attempts=_MOST_ATTEMPTS)
    def fetch(tenant: str, identity: str) -> Outcome:
        return patiently("fetch", steps.fetch, tenant, identity)

    @DBOS.workflow(name=EXPLAIN, max_recovery_attempts=_MOST_ATTEMPTS)
    def explain(tenant: str, identity: str, located: Outcome, model: str) -> Outcome:
        return step("explain", steps.explain, tenant, identity, located, model)

    @DBOS.workflow(name=POST, max_recovery_attempts=_MOST_ATTEMPTS)
    def post(tenant: str, identity: str, located: Outcome) -> Outcome:
        return patiently("post", steps.post, tenant, identity, located)

    @DBOS.workflow(name=REVIEW, max_recovery_attempts=_MOST_ATTEMPTS)
    def review(tenant: str, identity: str) -> None:
        begun = step("start", steps.start, tenant, identity)
        if "ended" in begun:
            return
        host = begun["host"]
        located = (
            elsewhere(FORGES, host, fetch, f"{identity}-fetch", tenant, identity)
            if host is not None
            else step("fetch", steps.fetch, tenant, identity)
        )
        if "ended" in located:
            return
        failures = [located["failure"]] if "failure" in located else []
        if not failures:
            analysed = step("analyse", steps.analyse, tenant, identity, located)
            if "ended" in analysed:
                return
            model = analysed.get("model")
            if "failure" in analysed:
                failures.append(analysed["failure"])
            elif model is not None:
                explained = elsewhere(MODELS, model, explain, f"{identity}-explain", tenant, identity, located, model)
                if "ended" in explained:
                    return
                if "failure" in explained:
                    failures.append(explained["failure"])
        finished = step("finish", steps.finish, tenant, identity, failures)
        if "ended" not in finished and begun["post"] is not None:
            elsewhere(FORGES, begun["post"], post, f"{identity}-post", tenant, identity, located)

    @DBOS.workflow(name=EVENT, max_recovery_attempts=_MOST_ATTEMPTS)
    def event(tenant: str, identity: str) -> None:
        handled = patiently("event", events.handle, identity)
        if not handled.keys() & {"review", "refused", "allowed"}:
            return
        waited = 0.0
        while "again" in (
            answered := step(
                "answer",
                deployments.answer,
                identity,
                handled.get("review"),
                handled.get("refused") or handled.get("allowed"),
                waited >= _MOST_PATIENCE,
                "allowed" in handled,
            )
        ):
            # Seldom after a while: every look is kept.
            pause = max(answered["again"], waited / 20)
            DBOS.sleep(pause)
            waited += pause

    @DBOS.workflow(name=LEARN, max_recovery_attempts=_MOST_ATTEMPTS)
    def learn(tenant: str, identity: str) -> None:
        step("learn", lessons.learn, tenant, identity)


def _patient(name: str) -> StepOptions:
    """A step is repeated while the database is away, for about four minutes."""
    return {
        "name": name,
        "retries_allowed": True,
        "interval_seconds": 0.5,
        "backoff_rate": 2.0,
        "max_attempts": 9,
        "should_retry": lambda error: isinstance(error, StoreError),
    }
