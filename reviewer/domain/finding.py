"""A rule met at a place, with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Question(StrEnum):
    """Which of the four pre-deploy questions a finding answers."""

    CALLS = "calls"
    UNAVAILABLE = "unavailable"
    THROWS = "throws"
    INPUTS = "inputs"


class Severity(StrEnum):
    """The harm if the finding is true. High and medium are *loud*; low is *quiet*."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """3 for high, 1 for low."""
        return {"high": 3, "medium": 2, "low": 1}[self.value]


class Confidence(StrEnum):
    """How likely the finding is true."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Status(StrEnum):
    """Where a finding stands against what is already accepted."""

    NEW = "new"
    KNOWN = "known"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place that supports a finding, with what is to be seen there.

    Attributes:
        path: file, relative to the repository.
        line: line in the new file, from 1.
        note: what this place shows, one phrase.
    """

    path: str
    line: int
    note: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a detector says. Identity (the fingerprint) and acceptance are added by the pipeline.

    Attributes:
        rule: stable id of the rule, for example "no-timeout".
        line, end_line, column: place in the new file; lines from 1, column from 1.
        function: qualified name inside the file, "<module>" for module level.
        message: one line naming the concrete thing: the callee, the value, the exception.
        code: the source text that the finding is about; its normalised form is part of the fingerprint.
        exceptions: qualified names of exceptions involved.
        explanation: what happens, to whom, and what to do, in sentences, without a model.
    """

    rule: str
    question: Question
    severity: Severity
    confidence: Confidence
    path: str
    line: int
    end_line: int
    column: int
    function: str
    message: str
    code: str
    exceptions: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    explanation: str = ""
