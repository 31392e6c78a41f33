"""The review as other programs read it: the public JSON schema `reviewer.review/1`.

It changes only by adding fields. The values are plain frozen dataclasses, since a hook has no time to build validators
for what it only writes; pydantic checks a report that comes from elsewhere and tells the schema.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

SCHEMA: Literal["reviewer.review/1"] = "reviewer.review/1"

Level = Literal["high", "medium", "low"]
QuestionName = Literal["calls", "unavailable", "throws", "inputs"]
CallKind = Literal["http", "db", "cache", "queue", "process", "file", "cloud", "llm", "dns", "other"]
TimeoutSource = Literal["explicit", "library-default", "none", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Tool:
    """Who made the report."""

    name: str
    version: str


@dataclass(frozen=True, kw_only=True)
class NotChecked:
    """A file, unit or detector that an error kept from being checked."""

    path: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How much of the change was looked at."""

    files_changed: int
    files_reviewed: int
    units_reviewed: int
    not_checked: list[NotChecked]
    files_skipped: list[NotChecked] = field(default_factory=list)
    """Files with nothing to review (binary, deleted, not Python); no fault."""
    notes: list[str] = field(default_factory=list)
    """What a person should know about the review as a whole."""
    units_explained: int = 0
    """Units that a model was to explain and has explained."""
    units_unexplained: int = 0
    """Units that a model was to explain and has not."""


@dataclass(frozen=True, kw_only=True)
class ExternalCall:
    """A call that leaves the process, risky or not."""

    path: str
    line: int
    function: str
    callee: str
    service: str
    kind: CallKind
    blocking: bool
    timeout: TimeoutSource
    timeout_seconds: float | None
    handled_by: str | None
    """The handler that sees its failure; null where nobody does."""


@dataclass(frozen=True, kw_only=True)
class EvidenceItem:
    """A place that supports a finding."""

    path: str
    line: int
    note: str


@dataclass(frozen=True, kw_only=True)
class PatternMatch:
    """A catalogued pattern that the finding meets."""

    id: str
    title: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A verified patch."""

    kind: Literal["logging", "fix"]
    patch: str
    verified: list[str]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a model said of the finding."""

    by: str
    verdict: Literal["confirmed", "doubted", "unsure"]
    reason: str


@dataclass(frozen=True, kw_only=True)
class WaiverItem:
    """Why a finding is accepted, and until when."""

    reason: str
    until: str | None
    source: str


@dataclass(frozen=True, kw_only=True)
class BoundaryItem:
    """Where the exception of a finding arrives, and what becomes of it there."""

    kind: str
    framework: str
    name: str
    path: str
    line: int
    exception: str
    outcome: str
    harm: str
    """answered, retried, failed, passed, kept, lost, ends or ignored."""


@dataclass(frozen=True, kw_only=True)
class FindingItem:
    """A finding as published; `id` is its fingerprint."""

    id: str
    rule: str
    question: QuestionName
    severity: Level
    confidence: Level
    path: str
    line: int
    end_line: int
    column: int
    function: str
    message: str
    code: str = ""
    """The line that the finding stands on, as it is in the file; "" for one of more than 2,000 characters."""
    exceptions: list[str]
    evidence: list[EvidenceItem]
    explanation: str
    patterns: list[PatternMatch]
    suggestion: Suggestion | None
    judgement: Judgement | None
    status: Literal["new", "known", "waived"]
    waiver: WaiverItem | None
    boundary: BoundaryItem | None = None
    score: int = 0
    grounds: list[str] = field(default_factory=list)
    """What the score, and with it the severity, is made of."""


NOTHING: dict[QuestionName, str] = {
    "calls": "Nothing outside the process that is known here.",
    "unavailable": "Nothing to wait for.",
    "throws": "No known exception propagates out of it.",
    "inputs": "Nothing that its own statements show.",
}
"""The answers that say that there is nothing to say; a unit that has only these is named and not shown in full."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The four questions answered for one unit, in words.

    Several things in one answer are parted by "; ", each of them without one outside of parentheses.
    """

    path: str
    line: int
    function: str
    calls: str
    unavailable: str
    throws: str
    inputs: str
    by: str | None = None
    """The model in whose words it is, in part at least; null where all words are the reviewer's own."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A model's few sentences on the review as a whole, each of them held against the findings."""

    text: str
    """A sentence a line."""
    by: str
    findings: list[str]
    """Ids of the findings that it rests on, in the order in which it speaks of them."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What the review cost."""

    model_calls: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cost_usd: float | None
    elapsed_ms: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Report:
    """A whole review."""

    schema: Literal["reviewer.review/1"] = SCHEMA
    id: str
    created_at: str
    tool: Tool
    repository: str | None
    base: str | None
    head: str | None
    model: str
    status: Literal["complete", "partial", "failed"]
    verdict: Literal["pass", "warn", "block"]
    coverage: Coverage
    calls: list[ExternalCall]
    findings: list[FindingItem]
    answers: list[Answer]
    usage: Usage
    summary: Summary | None = None
    """Null where nobody wrote one, or nothing of it could be kept."""
    shadow: dict[str, int] = field(default_factory=dict)
    """Id of a pattern that is only counted -> how often it would have spoken."""


def to_json(value: Any, indent: int | None = 2) -> str:
    """A report, or a part of one, as JSON text.

    Everything but ASCII is escaped, so that bytes of a path that are no UTF-8 (kept as surrogates, PEP 383) survive.
    """
    return json.dumps(value, default=vars, indent=indent, ensure_ascii=True)


def parse_report(text: str | bytes) -> Report:
    """A report from JSON that comes from elsewhere.

    Raises:
        pydantic.ValidationError: it breaks the schema; the error names the place.
    """
    report: Report = _adapter().validate_python(json.loads(text))
    return report


def report_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a report."""
    schema: dict[str, Any] = _adapter().json_schema()
    return schema


def _adapter() -> Any:
    from pydantic import TypeAdapter  # noqa: PLC0415 - a review itself only writes

    return TypeAdapter(Report)
