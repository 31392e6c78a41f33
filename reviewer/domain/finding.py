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
class Reach:
    """Where the exception of a finding arrives, and what becomes of it there.

    Attributes:
        boundary: sort of the boundary, one of `domain.boundary.Kind`.
        framework: who calls it: "FastAPI", "threading".
        name: what a person calls it: "GET /orders/{id}".
        path: its file, relative to the repository.
        line: its line there.
        exception: the exception that is meant, canonical.
        outcome: what becomes of it, a clause without a full stop.
        harm: the sort of that, one of `domain.boundary.Harm`.
        intended: the exception is meant to end there.
        way: the calls between the boundary and the finding, the nearest to the finding first.
    """

    boundary: str
    framework: str
    name: str
    path: str
    line: int
    exception: str
    outcome: str
    harm: str
    intended: bool = False
    way: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class PatternMet:
    """A pattern of the catalog that a finding meets.

    Attributes:
        id: of the pattern.
        title: one line.
        why: where it happened, in a sentence with the source.
        loud: it is the team's own, and was not wrong too often.
    """

    id: str
    title: str
    why: str
    loud: bool = False


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
        source: where the data comes from that it is about, one of `library.BOUNDARIES`; "" for data of unknown origin
            that was decoded; None for a value of the program's own, or where no data is in question.
        kind: what kind of thing outside the process the call in question reaches, one of `library.CallKind`; None where
            it reaches none, or no call is in question.
        reach: the boundary that its exception arrives at; None where none is seen.
        asked: the severity that the rule asks for, by what it sees; `detectors.ranking` decides.
        hushed: why it stays quiet whatever else speaks for it, in words; "" where nothing does.
        score: what the severity is made of (`detectors.ranking`); higher is louder.
        grounds: what the score is made of, in words.
        patterns: the patterns of the catalog that it meets.
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
    source: str | None = None
    kind: str | None = None
    reach: Reach | None = None
    asked: Severity = Severity.LOW
    hushed: str = ""
    score: int = 0
    grounds: tuple[str, ...] = ()
    patterns: tuple[PatternMet, ...] = ()
