"""What is counted, under which names, and the alerts that rest on it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from reviewer.domain.report import Usage
from reviewer.telemetry.metric import new_metrics

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"] for rule in group["rules"]
]


def usage(cost: float | None) -> Usage:
    return Usage(model_calls=2, input_tokens=100, output_tokens=10, cached_tokens=50, cost_usd=cost, elapsed_ms={})


def test_each_process_counts_for_itself() -> None:
    one, other = new_metrics(), new_metrics()
    one.reviews.labels("complete").inc()
    assert one.registry.get_sample_value("reviewer_reviews_total", {"outcome": "complete"}) == 1
    assert other.registry.get_sample_value("reviewer_reviews_total", {"outcome": "complete"}) is None


def test_a_cost_that_nobody_knows_is_not_counted_as_nothing() -> None:
    metrics = new_metrics()
    metrics.count_usage("openai:m", usage(None))
    value = metrics.registry.get_sample_value
    assert value("reviewer_model_tokens_total", {"model": "openai:m", "kind": "input"}) == 100
    assert value("reviewer_model_usd_total", {"model": "openai:m"}) is None
    metrics.count_usage("openai:m", usage(0.25))
    assert value("reviewer_model_usd_total", {"model": "openai:m"}) == 0.25


def test_the_page_is_what_prometheus_reads() -> None:
    metrics = new_metrics()
    metrics.requests.labels("/v1/reviews/{id}", "GET", "200").inc()
    names = {family.name for family in text_string_to_metric_families(metrics.page().decode())}
    assert {"reviewer_http_requests", "reviewer_queue_oldest_seconds", "process_cpu_seconds"} <= names


def test_there_is_an_alert_on_errors_and_one_on_silence() -> None:
    names = {rule["alert"] for rule in RULES}
    assert {"ReviewerErrors", "ReviewerSilent"} <= names


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_rests_on_what_is_counted_and_leads_to_its_runbook(rule: dict[str, Any]) -> None:
    known = set()
    for family in new_metrics().registry.collect():
        known |= {family.name, f"{family.name}_total", f"{family.name}_bucket", f"{family.name}_count"}
    asked = set(re.findall(r"\breviewer_\w+", rule["expr"]))
    assert asked <= known
    assert asked or "up" in rule["expr"]
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert "summary" in rule["annotations"]
    book = DEPLOY / "runbooks" / rule["annotations"]["runbook_url"].rpartition("/")[2]
    text = book.read_text()
    for heading in ("## What it means", "## Look first", "## Do"):
        assert heading in text


def test_every_runbook_belongs_to_an_alert() -> None:
    named = {rule["annotations"]["runbook_url"].rpartition("/")[2] for rule in RULES}
    assert {path.name for path in (DEPLOY / "runbooks").glob("*.md")} == named
