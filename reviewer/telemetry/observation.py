"""What one process of the service knows of itself, in one value that is handed to all that do something."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from reviewer.errors import ReviewerError
from reviewer.telemetry.log import belonging_to, logger
from reviewer.telemetry.metric import Metrics
from reviewer.telemetry.span import Tracer
from reviewer.telemetry.trace import continue_from


@dataclass(frozen=True, slots=True)
class Observation:
    """Where a process of the service counts, logs and records.

    Attributes:
        metrics: its counters.
        tracer: its spans.
    """

    metrics: Metrics
    tracer: Tracer

    @contextmanager
    def step(self, name: str, trace: str | None, **fields: str) -> Iterator[None]:
        """Do one step of a piece of work: it is timed, its end is logged, and an error of it is counted and goes on.

        Args:
            name: fetch, analyse, explain, post, learn.
            trace: value of `traceparent` of whoever asked for the work; None where nobody gave one.
            fields: what the step is about, by name: the review, the tenant.
        """
        part = continue_from(trace)
        log = logger("reviewer.jobs")
        began = time.perf_counter()
        with belonging_to(part, step=name, **fields), self.tracer.span(name, part, **fields):
            try:
                yield
            except ReviewerError as error:
                self.metrics.step_failures.labels(name, error.code).inc()
                log.warning("step_failed", code=error.code, reason=str(error))
                raise
            except Exception:
                self.metrics.step_failures.labels(name, "fault").inc()
                raise
            finally:
                seconds = time.perf_counter() - began
                self.metrics.step_seconds.labels(name).observe(seconds)
            log.info("step_done", seconds=round(seconds, 3))
