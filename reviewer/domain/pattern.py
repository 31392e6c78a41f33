"""A pattern: a lesson's recurring code shape, what became of it on its own fix, and where it has been met since."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from reviewer.domain.detector import Detector
from reviewer.domain.finding import Question


class State(StrEnum):
    """How far a pattern has come."""

    CANDIDATE = "candidate"
    """It has no detector, or one that its replay did not prove; it informs look-ups and models."""
    SHADOW = "shadow"
    """It runs and is counted, and is not shown."""
    ACTIVE = "active"
    """It runs in every review."""
    RETIRED = "retired"
    """It does not run any more; kept for the record."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What running a detector on its own fix came to.

    Attributes:
        commit: the fix, full id; "" where there is none (a pattern written by hand, replayed on its examples).
        before: hits on the lines that the fix changed, before it.
        after: hits at the corresponding places after it; 0 is wanted.
        variation: hits on the code before, with names changed and independent statements reordered.
        background: hits for each 100 lines of code that has nothing to do with it.
        lines: how many lines of such code were looked at.
        project: hits for each 100 lines of the other files of the fixed project; they may be the same slip.
        places: "path:line" of the hits before, as far as they are on the fix's lines; at most ten.
        reason: one line: why it is admitted, or why not.
    """

    commit: str
    before: int
    after: int
    variation: int
    background: float
    lines: int
    project: float = 0.0
    places: tuple[str, ...] = ()
    reason: str = ""


Origin = Literal["induced", "rule", "model", "person", "starter"]
"""Who made a detector."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A recurring code shape.

    Attributes:
        id: kebab-case, stable.
        title: one line that says what goes wrong.
        failure: class of failure, one of `FAILURES`.
        question: which of the four questions it belongs to.
        conditions: when the code fails, in words.
        safe_form: what the code should do instead, in words; may hold a short example.
        incidents: ids of the lessons that it comes from, or that were added to it; the first is where it comes from.
        detector: what it looks for; None where it is known in words only.
        state: how far it has come.
        pinned: a person has decided on the state; outcomes do not change it.
        origin: who made the detector.
        replay: the record of the last replay; None where there was none.
        libraries: top-level packages that it speaks of, lower case; empty for any.
        services: sorts of external calls that it speaks of (`library.CallKind`); empty for any.
        assistants: assistant -> how many of its incidents are known to come from it, sorted by name.
        bad, good: examples written for it, source text, on which the detector fires and does not; may be empty.
    """

    id: str
    title: str
    failure: str
    question: Question
    conditions: str
    safe_form: str
    incidents: tuple[str, ...] = ()
    detector: Detector | None = None
    state: State = State.CANDIDATE
    pinned: bool = False
    origin: Origin = "induced"
    replay: Replay | None = None
    libraries: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    assistants: tuple[tuple[str, int], ...] = ()
    bad: tuple[str, ...] = ()
    good: tuple[str, ...] = ()


FAILURES = (
    "time-limit",
    "cancellation",
    "unhandled-error",
    "swallowed-error",
    "bad-input",
    "encoding",
    "missing-value",
    "unbounded-size",
    "non-termination",
    "regex",
    "lock",
    "race",
    "partial-work",
    "resource-lifetime",
    "caching",
    "blocking-in-async",
    "task-lifecycle",
    "schema-migration",
    "configuration",
    "authorisation",
    "aliasing",
    "other",
)
"""Classes of failure. "configuration" takes in certificates and the acts of people."""
