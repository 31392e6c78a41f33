"""Names that processes of different versions agree on, and where the jobs are kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from reviewer.domain.event import CommandGiven, DeploymentWanted
from reviewer.stores.sqlite import use_write_ahead_log

APPLICATION = "reviewer"
VERSION = "jobs-1"
"""Changed where jobs that an older version began cannot be ended by a newer one, and only there.

By default DBOS takes a hash of the workflows' source, and leaves what an older version began for ever."""
REVIEW, EXPLAIN, FETCH, POST, EVENT = "review", "explain", "fetch", "post", "event"
LEARN, ADVISE = "learn", "advise"
REVIEWS, MODELS, FORGES, LESSONS, EVENTS = "reviews", "models", "forges", "lessons", "events"
DEPLOYMENTS, COMMANDS = "deployments", "commands"
_SQLITE = "sqlite:///"
_PATIENCE_SECONDS = 30
ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
"""What DBOS says of a job that nobody works on any more."""


def part_of(identity: str, part: str) -> str:
    """The id of the job of a part of a review that is done under the limits of another queue."""
    return f"{identity}-{part}"


def queue_of(event: str) -> str:
    """The queue of an event, by its kind: some must not hold up the others.

    A deployment keeps its place until its review is finished. Commands are as many as people care to write.
    """
    return {DeploymentWanted.__name__: DEPLOYMENTS, CommandGiven.__name__: COMMANDS}.get(event, EVENTS)


def prepare_jobs(jobs_url: str) -> None:
    """Make or update the tables of the jobs.

    Args:
        jobs_url: as `stores.database.engine.jobs_url` gives it.
    """
    from dbos import DBOS  # noqa: PLC0415 (half a second)

    if jobs_url.startswith(_SQLITE):
        file = Path(jobs_url.removeprefix(_SQLITE))
        file.parent.mkdir(parents=True, exist_ok=True)
        # Half as fast without: each commit would write the file twice. The mode stays with the file.
        with closing(sqlite3.connect(file)) as connection:
            use_write_ahead_log(connection, _PATIENCE_SECONDS)
    DBOS.migrate(jobs_url)
