"""The workflow of a review: fetch, analyse, explain, finish, post.

What DBOS keeps of it is small: where the change is, which model explains, what failed. Requests and reports stand in
the service's own tables. A step that is repeated after a crash finds there what it did before.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from reviewer.errors import StoreError, UnreadableRecordError
from reviewer.jobs.outcome import LONGEST
from reviewer.jobs.queues import ADVISE, EVENT, EXPLAIN, FETCH, FORGES, LEARN, MODELS, POST, REVIEW, part_of

if TYPE_CHECKING:
    from dbos import StepOptions

    from reviewer.jobs.deployment import DeploymentSteps
    from reviewer.jobs.events import EventSteps
    from reviewer.jobs.lessons import LessonSteps
    from reviewer.jobs.outcome import Outcome
    from reviewer.jobs.posting import PostSteps
    from reviewer.jobs.steps import ReviewSteps

_MOST_ATTEMPTS = 100
"""Recoveries after which a job is given up: it may be what ends the workers."""
_ALL_ATTEMPTS = 4 * _MOST_ATTEMPTS
"""The same of a whole review: it must be there to tell which of its parts was given up."""
_MOST_TRIES = 6
"""Of what another machine may fail at for a while."""
_MOST_PATIENCE = 3600.0
"""Seconds that a deployment waits for its review before it is refused."""


def register(
    steps: ReviewSteps,
    posts: PostSteps,
    lessons: LessonSteps,
    events: EventSteps,
    deployments: DeploymentSteps,
    *,
    moment: float,
) -> None:
    """Tell DBOS the workflows of this process; before it is launched.

    Args:
        steps: of reviews.
        posts: of what is posted.
        lessons: of post-mortems.
        events: of what forges tell.
        deployments: of deployments that wait.
        moment: seconds between two looks at whether another job is done.
    """
    _register_review(steps, posts, moment)
    _register_event(events, deployments)
    _register_lesson(lessons, moment)


def _register_review(steps: ReviewSteps, posts: PostSteps, moment: float) -> None:
    from dbos import DBOS  # noqa: PLC0415 (half a second)

    elsewhere = partial(_elsewhere, moment=moment)

    @DBOS.workflow(name=FETCH, max_recovery_attempts=_MOST_ATTEMPTS)
    def fetch(tenant: str, identity: str) -> Outcome:
        return _patiently("fetch", steps.fetch, tenant, identity)

    @DBOS.workflow(name=EXPLAIN, max_recovery_attempts=_MOST_ATTEMPTS)
    def explain(tenant: str, identity: str, located: Outcome, model: str) -> Outcome:
        return _patiently("explain", steps.explain, tenant, identity, located, model)

    @DBOS.workflow(name=POST, max_recovery_attempts=_MOST_ATTEMPTS)
    def post(tenant: str, identity: str, located: Outcome) -> Outcome:
        return _patiently("post", posts.post, tenant, identity, located)

    @DBOS.workflow(name=REVIEW, max_recovery_attempts=_ALL_ATTEMPTS)
    def review(tenant: str, identity: str) -> None:
        begun = _step("start", steps.start, tenant, identity)
        if "ended" in begun:
            return
        host = begun["host"]
        located = (
            elsewhere(FORGES, host, fetch, tenant, identity)
            if host is not None
            else _step("fetch", steps.fetch, tenant, identity)
        )
        if "ended" in located:
            return
        failures = [located["failure"]] if "failure" in located else []
        if not failures:
            analysed = _patiently("analyse", steps.analyse, tenant, identity, located)
            if "ended" in analysed:
                return
            model = analysed.get("model")
            if "failure" in analysed:
                failures.append(analysed["failure"])
            elif model is not None:
                explained = elsewhere(MODELS, model, explain, tenant, identity, located, model)
                if "ended" in explained:
                    return
                if "failure" in explained:
                    failures.append(explained["failure"])
        finished = _step("finish", steps.finish, tenant, identity, failures)
        if "ended" not in finished and begun["post"] is not None:
            posted = elsewhere(FORGES, begun["post"], post, tenant, identity, located)
            if "failure" in posted:
                _step("not posted", posts.not_posted, tenant, identity, posted["failure"])


def _register_event(events: EventSteps, deployments: DeploymentSteps) -> None:
    from dbos import DBOS  # noqa: PLC0415 (half a second)

    @DBOS.workflow(name=EVENT, max_recovery_attempts=_MOST_ATTEMPTS)
    def event(tenant: str, identity: str) -> None:
        handled = _patiently("event", events.handle, identity)
        if not handled.keys() & {"review", "refused", "allowed"}:
            return
        waited = 0.0
        while "again" in (
            answered := _step(
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


def _register_lesson(lessons: LessonSteps, moment: float) -> None:
    from dbos import DBOS  # noqa: PLC0415 (half a second)

    @DBOS.workflow(name=ADVISE, max_recovery_attempts=_MOST_ATTEMPTS)
    def advise(tenant: str, identity: str, model: str) -> Outcome:
        return _patiently("learn", lessons.learn, tenant, identity, model, None)

    @DBOS.workflow(name=LEARN, max_recovery_attempts=_ALL_ATTEMPTS)
    def learn(tenant: str, identity: str) -> None:
        chosen = _step("choose", lessons.choose, tenant, identity)
        if "ended" in chosen:
            return
        model, note = chosen.get("model"), chosen.get("note")
        if model is not None:
            advised = _elsewhere(MODELS, model, advise, tenant, identity, model, moment=moment)
            if "failure" not in advised:
                return
            note = f"learned without {model}: {advised['failure'][1]}"
        _patiently("learn", lessons.learn, tenant, identity, None, note)


def _elsewhere(
    queue: str, partition: str, workflow: Callable[..., Outcome], tenant: str, identity: str, *rest: Any, moment: float
) -> Outcome:
    """Have a part done under the limits of another queue, perhaps on another machine, and wait for it."""
    from dbos import DBOS, PortableWorkflowError, SetEnqueueOptions, SetWorkflowID, error  # noqa: PLC0415 (half a second)

    part = workflow.__name__
    with SetWorkflowID(part_of(identity, part)), SetEnqueueOptions(queue_partition_key=partition):
        handle = DBOS.enqueue_workflow(queue, workflow, tenant, identity, *rest)
    # The second is what errors of other processes, and of earlier lives, come back as.
    ended = (error.DBOSAwaitedWorkflowMaxRecoveryAttemptsExceeded, PortableWorkflowError)
    try:
        return handle.get_result(polling_interval_sec=moment)
    except ended:
        return {"failure": [part, "its job ended without a result; look at the workers' logs, then ask again"]}


def _patiently(name: str, function: Callable[..., Outcome], *arguments: Any) -> Outcome:
    """Take a step again while the other side has a failure that may pass; the waiting outlives this process."""
    from dbos import DBOS  # noqa: PLC0415 (half a second)

    attempt = 1
    while "again" in (outcome := _step(name, function, *arguments, attempt == _MOST_TRIES)):
        DBOS.sleep(min(outcome["again"] * attempt, LONGEST))
        attempt += 1
    return outcome


def _step(name: str, function: Callable[..., Outcome], *arguments: Any) -> Outcome:
    from dbos import DBOS  # noqa: PLC0415 (half a second)

    return DBOS.run_step(patient(name), function, *arguments)


def patient(name: str) -> StepOptions:
    """A step is repeated for about an hour while the database is away.

    DBOS itself waits for the jobs' tables for ever. A pause is a tenth of the time that was waited before it, so that
    the work goes on soon after the database is back. Meanwhile `/readyz` tells that it is away.
    """
    return {
        "name": name,
        "retries_allowed": True,
        "interval_seconds": 0.5,
        "backoff_rate": 1.1,
        "max_attempts": 70,
        "should_retry": lambda error: isinstance(error, StoreError) and not isinstance(error, UnreadableRecordError),
    }
