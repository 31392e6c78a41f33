"""The review as other programs read it: the public JSON schema `reviewer.review/1`.

It changes only by adding fields.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA: Literal["reviewer.review/1"] = "reviewer.review/1"

Level = Literal["high", "medium", "low"]
QuestionName = Literal["calls", "unavailable", "throws", "inputs"]
CallKind = Literal["http", "db", "cache", "queue", "process", "file", "cloud", "llm", "dns", "other"]
TimeoutSource = Literal["explicit", "library-default", "none", "unknown"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Tool(_Frozen):
    """Who made the report."""

    name: str
    version: str


class NotChecked(_Frozen):
    """A file, unit or detector that an error kept from being checked."""

    path: str
    reason: str


class Coverage(_Frozen):
    """How much of the change was looked at."""

    files_changed: int
    files_reviewed: int
    units_reviewed: int
    not_checked: list[NotChecked]
    files_skipped: list[NotChecked] = Field(
        default_factory=list, description="Files with nothing to review (binary, deleted, not Python); no fault."
    )
    notes: list[str] = Field(default_factory=list)


class ExternalCall(_Frozen):
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
    handled_by: str | None = Field(description="The handler that sees its failure, or null where nobody does.")


class EvidenceItem(_Frozen):
    """A place that supports a finding."""

    path: str
    line: int
    note: str


class PatternMatch(_Frozen):
    """A catalogued pattern that the finding meets."""

    id: str
    title: str
    why: str


class Suggestion(_Frozen):
    """A verified patch."""

    kind: Literal["logging", "fix"]
    patch: str
    verified: list[str]


class Judgement(_Frozen):
    """What a model said of the finding."""

    by: str
    verdict: Literal["confirmed", "doubted", "unsure"]
    reason: str


class WaiverItem(_Frozen):
    """Why a finding is accepted, and until when."""

    reason: str
    until: str | None
    source: str


class FindingItem(_Frozen):
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
    code: str = Field(default="", description="The line that the finding stands on, as it is in the file.")
    exceptions: list[str]
    evidence: list[EvidenceItem]
    explanation: str
    patterns: list[PatternMatch]
    suggestion: Suggestion | None
    judgement: Judgement | None
    status: Literal["new", "known", "waived"]
    waiver: WaiverItem | None


NOTHING: dict[QuestionName, str] = {
    "calls": "Nothing outside the process that is known here.",
    "unavailable": "Nothing to wait for.",
    "throws": "No known exception leaves it.",
    "inputs": "Nothing that its own statements show.",
}
"""The answers that say that there is nothing to say; a unit that has only these is named and not shown in full."""


class Answer(_Frozen):
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


class Usage(_Frozen):
    """What the review cost."""

    model_calls: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cost_usd: float | None
    elapsed_ms: dict[str, int]


class Report(_Frozen):
    """A whole review."""

    schema_: Literal["reviewer.review/1"] = Field(default=SCHEMA, alias="schema")
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

    def to_json(self, indent: int | None = 2) -> str:
        """The report as JSON text, with the public key names."""
        return self.model_dump_json(by_alias=True, indent=indent)
