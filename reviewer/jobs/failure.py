"""The report of a review that could not be made, and the marks of a part that could not."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Literal

from reviewer import __version__
from reviewer.domain.report import Coverage, NotChecked, Report, Tool, Usage
from reviewer.domain.request import ReviewRecord


def failed_report(record: ReviewRecord, part: str, reason: str) -> Report:
    """A report that says that nothing was checked, and why. It blocks: a review that failed is never green.

    Args:
        record: the review.
        part: which step failed.
        reason: why, and what to do.
    """
    return Report(
        id=record.id,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        tool=Tool(name="reviewer", version=__version__),
        repository=record.request.repository,
        base=record.base,
        head=record.head,
        model="offline",
        status="failed",
        verdict="block",
        coverage=Coverage(
            files_changed=0,
            files_reviewed=0,
            units_reviewed=0,
            not_checked=[NotChecked(path=part, reason=reason)],
        ),
        calls=[],
        findings=[],
        answers=[],
        usage=Usage(model_calls=0, input_tokens=0, output_tokens=0, cached_tokens=0, cost_usd=0.0, elapsed_ms={}),
    )


def with_part_missing(report: Report, part: str, reason: str) -> Report:
    """The same report, saying that a step failed after it was made."""
    missing = [*report.coverage.not_checked, NotChecked(path=part, reason=reason)]
    status: Literal["partial", "failed"] = "failed" if report.status == "failed" else "partial"
    return dataclasses.replace(
        report, status=status, coverage=dataclasses.replace(report.coverage, not_checked=missing)
    )


def with_note(report: Report, note: str) -> Report:
    """The same report with one more thing that a person should know."""
    coverage = dataclasses.replace(report.coverage, notes=[*report.coverage.notes, note])
    return dataclasses.replace(report, coverage=coverage)


def not_posted(reason: str) -> dict[str, str]:
    """What a review says of its posting where that failed."""
    return {"failure": reason, "note": f"not posted: {reason}"}
