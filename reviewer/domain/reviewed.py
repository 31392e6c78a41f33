"""What the review of one file comes to, before settings, waivers and the baseline are laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reviewer.domain.evidence import UnitEvidence
from reviewer.domain.finding import Finding
from reviewer.domain.report import Answer, ExternalCall, Suggestion


@dataclass(frozen=True)
class Reviewed:
    """What was found in one file.

    Attributes:
        path: the file.
        units: how many changed units were read.
        findings: what the rules found on changed lines, by fingerprint, in the order of their places.
        calls: the external calls of the changed units.
        answers: the four answers for each changed unit.
        failures: reasons why something was not checked.
        lines: the file's lines, for those that show or match them.
        notes: what a person should know of how the review went.
        evidence: what is known of each changed unit, where a model is to be asked.
        suggestions: fingerprint -> a proved patch for the finding.
        shadow: id of a pattern that is only counted -> how often it would have spoken.
    """

    path: str
    units: int = 0
    findings: Mapping[str, Finding] = field(default_factory=dict)
    calls: tuple[ExternalCall, ...] = ()
    answers: tuple[Answer, ...] = ()
    failures: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: tuple[UnitEvidence, ...] = ()
    suggestions: Mapping[str, Suggestion] = field(default_factory=dict)
    shadow: Mapping[str, int] = field(default_factory=dict)
