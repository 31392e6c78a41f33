"""Reports of no particular review."""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.domain.report import Coverage, FindingItem, Report, Tool, Usage


def a_finding(identity: str, *, rule: str = "no-timeout") -> FindingItem:
    """A finding."""
    return FindingItem(
        id=identity,
        rule=rule,
        question="unavailable",
        severity="medium",
        confidence="high",
        path="app.py",
        line=2,
        end_line=2,
        column=1,
        function="fetch",
        message="it waits without limit",
        exceptions=[],
        evidence=[],
        explanation="",
        patterns=[],
        suggestion=None,
        judgement=None,
        status="new",
        waiver=None,
    )


def a_report(
    identity: str, *, findings: Sequence[FindingItem] = (), repository: str | None = "https://example.org/shop"
) -> Report:
    """A complete report."""
    return Report(
        id=identity,
        created_at="2026-01-31T12:00:00+00:00",
        tool=Tool(name="reviewer", version="1"),
        repository=repository,
        base="b" * 40,
        head="c" * 40,
        model="offline",
        status="complete",
        verdict="pass",
        coverage=Coverage(files_changed=1, files_reviewed=1, units_reviewed=1, not_checked=[]),
        calls=[],
        findings=list(findings),
        answers=[],
        usage=Usage(model_calls=0, input_tokens=0, output_tokens=0, cached_tokens=0, cost_usd=0.0, elapsed_ms={}),
    )
