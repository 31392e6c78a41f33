"""What stands in the database, counted at the moment in which Prometheus asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from reviewer.service_wiring import Service
from reviewer.stores.database.backlog import backlog


def page_of(service: Service) -> bytes:
    """All measures of this process and of the queue, in the text format of Prometheus.

    Args:
        service: whose.

    Raises:
        StoreError: the database failed.
    """
    metrics = service.observation.metrics
    waiting = backlog(service.database.engine)
    metrics.waiting.set(waiting.queued)
    age = 0.0 if waiting.oldest is None else (datetime.now(UTC) - waiting.oldest).total_seconds()
    metrics.oldest_waiting_seconds.set(max(age, 0.0))
    silence = timedelta(seconds=service.settings.silence_seconds)
    metrics.workers.set(len(service.database.executors.alive(silence)))
    return metrics.page()
