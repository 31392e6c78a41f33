"""What the service counts, for Prometheus. Names and labels are an interface: alerts and dashboards rest on them.

No label holds what a caller chooses freely (no path, repository, user), so that nobody can make them grow.
Source: https://prometheus.io/docs/practices/naming/.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

    from reviewer.domain.report import Usage

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_STEP_SECONDS = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)


@dataclass(frozen=True, slots=True)
class Metrics:
    """The counters of one process.

    Attributes:
        registry: all of them.
        requests: answered requests, by route (its template), method and status.
        request_seconds: how long they took, by route and method.
        reviews: reviews that were finished, by outcome: complete, partial, failed.
        step_seconds: how long a step of a review took, by step: fetch, analyse, explain, post.
        step_failures: attempts of a step that failed, by step and code of the error.
        waiting: reviews that nobody has begun.
        oldest_waiting_seconds: age of the oldest review that is not finished.
        workers: machines that have told lately that they live.
        model_calls: requests to a model, by model and outcome: answered, failed, remembered.
        model_tokens: by model and kind: input, output, cached.
        model_usd: what they cost, by model, where the price is known.
        forge_calls: requests to a forge, by forge, operation and outcome: done, refused, limited, failed.
        forge_seconds: how long they took, by forge and operation.
        comments: comments posted, by forge.
        webhooks: deliveries, by forge, event ("other" for what is not known) and outcome: accepted, ignored, repeated,
            refused.
        webhooks_refused: those that were refused, by forge and reason: size, signature, time, body.
        redeliveries: webhooks that a forge could not deliver and was asked for again, by forge and outcome: asked,
            refused.
        events: events of forges that were accepted, by forge, outcome (done, ignored, failed) and reason: why there was
            nothing to do, the code of the error, or none.
    """

    registry: CollectorRegistry
    requests: Counter
    request_seconds: Histogram
    reviews: Counter
    step_seconds: Histogram
    step_failures: Counter
    waiting: Gauge
    oldest_waiting_seconds: Gauge
    workers: Gauge
    model_calls: Counter
    model_tokens: Counter
    model_usd: Counter
    forge_calls: Counter
    forge_seconds: Histogram
    comments: Counter
    webhooks: Counter
    webhooks_refused: Counter
    redeliveries: Counter
    events: Counter

    def count_usage(self, model: str, usage: Usage) -> None:
        """Count what a review's model took.

        Args:
            model: who was asked.
            usage: of the report.
        """
        self.model_calls.labels(model, "answered").inc(usage.model_calls)
        for kind, tokens in (
            ("input", usage.input_tokens),
            ("output", usage.output_tokens),
            ("cached", usage.cached_tokens),
        ):
            self.model_tokens.labels(model, kind).inc(tokens)
        if usage.cost_usd is not None:
            self.model_usd.labels(model).inc(usage.cost_usd)

    def serve(self, port: int) -> None:
        """Answer Prometheus on a port, in a thread of its own, for as long as the process lives.

        Args:
            port: on all addresses of this machine.

        Raises:
            OSError: nobody can listen there.
        """
        from prometheus_client import start_http_server

        start_http_server(port, registry=self.registry)

    def page(self) -> bytes:
        """All of it in Prometheus' text format (`CONTENT_TYPE`)."""
        from prometheus_client import generate_latest

        return generate_latest(self.registry)


def new_metrics() -> Metrics:
    """Counters that stand at nothing, for one process."""
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
    from prometheus_client.platform_collector import PlatformCollector
    from prometheus_client.process_collector import ProcessCollector

    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)

    def counter(name: str, text: str, *labels: str) -> Counter:
        return Counter(f"reviewer_{name}", text, labels, registry=registry)

    def gauge(name: str, text: str) -> Gauge:
        return Gauge(f"reviewer_{name}", text, registry=registry)

    def seconds(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"reviewer_{name}_seconds", text, labels, registry=registry, buckets=buckets)

    return Metrics(
        registry=registry,
        requests=counter("http_requests", "Answered requests.", "route", "method", "status"),
        request_seconds=seconds("http_request", "Time to answer.", _REQUEST_SECONDS, "route", "method"),
        reviews=counter("reviews", "Reviews that ended.", "outcome"),
        step_seconds=seconds("step", "Time of a step of a review.", _STEP_SECONDS, "step"),
        step_failures=counter("step_failures", "Attempts of a step that failed.", "step", "code"),
        waiting=gauge("queue_waiting", "Reviews that nobody has begun."),
        oldest_waiting_seconds=gauge("queue_oldest_seconds", "Age of the oldest review that is not finished."),
        workers=gauge("workers", "Workers that have told lately that they live."),
        model_calls=counter("model_calls", "Requests to a model.", "model", "outcome"),
        model_tokens=counter("model_tokens", "Tokens of a model.", "model", "kind"),
        model_usd=counter("model_usd", "US dollars spent on a model, where its price is known.", "model"),
        forge_calls=counter("forge_calls", "Requests to a forge.", "forge", "operation", "outcome"),
        forge_seconds=seconds("forge_call", "Time of a request to a forge.", _STEP_SECONDS, "forge", "operation"),
        comments=counter("comments", "Comments posted.", "forge"),
        webhooks=counter("webhooks", "Deliveries of webhooks.", "forge", "event", "outcome"),
        webhooks_refused=counter("webhooks_refused", "Deliveries that were refused.", "forge", "reason"),
        redeliveries=counter("webhook_redeliveries", "Missed webhooks that were asked for again.", "forge", "outcome"),
        events=counter("forge_events", "What became of accepted events.", "forge", "outcome", "reason"),
    )
