"""Findings as the report tells them: judged by the project's settings, waivers and baseline, with the way up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from reviewer.acceptance.fingerprint import fingerprint_all
from reviewer.acceptance.waiver import Waiver, find_waivers
from reviewer.detectors.registry import all_rules
from reviewer.domain.catalog import Quiet
from reviewer.domain.change import FileChange
from reviewer.domain.finding import Evidence, Finding, Reach, Severity
from reviewer.domain.report import BoundaryItem, EvidenceItem, FindingItem, PatternMatch, WaiverItem
from reviewer.domain.reviewed import Reviewed
from reviewer.domain.settings import Settings
from reviewer.domain.suspicion import LEARNED, SUSPICIONS

if TYPE_CHECKING:
    from reviewer.explain.stage import Suspected

LONGEST_LINE = 2_000
"""Characters of a line of code that a finding shows."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is accepted already, and by what else a finding is judged.

    Attributes:
        settings: of the project.
        baseline: fingerprints of what was there before.
        today: the day on which waivers must still hold.
        quiet: what is told quietly for having been wrong too often.
    """

    settings: Settings
    baseline: frozenset[str]
    today: date
    quiet: Quiet = field(default_factory=Quiet)


def publish(
    file: FileChange, reviewed: Reviewed, findings: Mapping[str, Finding], accepted: Accepted
) -> tuple[list[FindingItem], tuple[str, ...]]:
    """Findings of one file as the report tells them.

    Args:
        file: the file.
        reviewed: what its review gave.
        findings: those to be told, by fingerprint: what the rules found, or what was suspected beside it.
        accepted: what is accepted already.

    Returns:
        The items, those of rules that are off left out, and notes on waivers that do not hold or waive nothing.
    """
    off = accepted.settings.rules_off
    # That a waiver waives nothing can be said only where everything was asked and all of the file was seen.
    whole = findings is reviewed.findings and not (reviewed.failures or file.partial)
    waivers = find_waivers(
        reviewed.path,
        reviewed.lines,
        findings,
        today=accepted.today,
        rules=[*(rule.id for rule in all_rules()), *SUSPICIONS, LEARNED],
        asked=[rule.id for rule in all_rules() if whole and rule.id not in off],
        changed=None if file.whole else file.added_lines,
    )
    items = [
        _item(
            identity,
            finding,
            accepted,
            waiver=waivers.accepted.get(identity),
            known=identity in accepted.baseline,
            lines=reviewed.lines,
        )
        for identity, finding in findings.items()
        if finding.rule not in off
    ]
    return items, waivers.notes


def suspected(file: FileChange, found: Sequence[Suspected]) -> dict[str, Suspected]:
    """What a model pointed at and no rule found, by fingerprint; quiet on lines that did not change.

    Args:
        file: the file.
        found: what was pointed at in it.
    """
    added = file.added_lines
    heard = [
        one
        if file.whole or one.finding.line in added
        else replace(one, finding=replace(one.finding, severity=Severity.LOW))
        for one in found
    ]
    return dict(zip(fingerprint_all([one.finding for one in heard]), heard, strict=True))


def _shown(line: str) -> str:
    """A line as a report carries it, once for each finding: one that a program wrote is left out."""
    return line if len(line) <= LONGEST_LINE else ""


def _item(
    identity: str,
    finding: Finding,
    accepted: Accepted,
    *,
    waiver: Waiver | None,
    known: bool,
    lines: Sequence[str],
) -> FindingItem:
    severity, grounds = _loudness(finding, accepted)
    return FindingItem(
        id=identity,
        rule=finding.rule,
        question=finding.question.value,
        severity=severity.value,
        confidence=finding.confidence.value,
        path=finding.path,
        line=finding.line,
        end_line=finding.end_line,
        column=finding.column,
        function=finding.function,
        message=finding.message,
        code=_shown(lines[finding.line - 1] if finding.line <= len(lines) else finding.code),
        exceptions=list(finding.exceptions),
        evidence=[EvidenceItem(path=e.path, line=e.line, note=e.note) for e in (*finding.evidence, *_way_up(finding))],
        explanation=finding.explanation,
        patterns=[PatternMatch(id=one.id, title=one.title, why=one.why) for one in finding.patterns],
        suggestion=None,
        judgement=None,
        status="waived" if waiver is not None else "known" if known else "new",
        waiver=None
        if waiver is None
        else WaiverItem(
            reason=waiver.reason,
            until=waiver.until.isoformat() if waiver.until is not None else None,
            source=f"{finding.path}:{waiver.line}",
        ),
        boundary=_boundary(finding.reach) if finding.reach is not None else None,
        score=finding.score,
        grounds=list(grounds),
    )


def _loudness(finding: Finding, accepted: Accepted) -> tuple[Severity, tuple[str, ...]]:
    """How loud a finding is told, and on what grounds: as the project has set it, else as it was ranked, unless its
    rule has been wrong here too often."""
    settings, rule = accepted.settings, finding.rule
    if rule in settings.severities:
        return settings.severities[rule], finding.grounds
    why = "" if rule in settings.rules_pinned else accepted.quiet.rules.get(rule, "")
    # What a team's own pattern finds as well has failed here before, whatever its rule is worth elsewhere.
    if not why or finding.severity is Severity.LOW or any(met.loud for met in finding.patterns):
        return finding.severity, finding.grounds
    return Severity.LOW, (*finding.grounds, f"quiet: {why}")


def quiet_notes(items: Iterable[FindingItem], quiet: Quiet) -> Iterator[str]:
    """Which rules and patterns are told quietly in a report, why, and how to undo that.

    Args:
        items: the findings of the report.
        quiet: what is told quietly.
    """
    found = list(items)
    for rule, why in sorted(quiet.rules.items()):
        if any(item.rule == rule and f"quiet: {why}" in item.grounds for item in found):
            yield f"{rule} is told quietly: {why}; to undo that, name it in rules-pinned in the settings"
    learned = [item for item in found if item.rule == LEARNED]
    for name, why in sorted(quiet.patterns.items()):
        if any(f"quiet: {why}" in item.grounds and name in (met.id for met in item.patterns) for item in learned):
            yield f"the pattern {name} is told quietly: {why}; to undo that: reviewer patterns pin {name} active"


def _way_up(finding: Finding) -> Iterator[Evidence]:
    """The calls that lead to a finding, and what the boundary behind them makes of its exception."""
    reach = finding.reach
    if reach is not None:
        yield from reach.way
        what = reach.exception.lstrip(".")
        yield Evidence(reach.path, reach.line, f"{reach.name} ({reach.framework}), where {what} means: {reach.outcome}")


def _boundary(reach: Reach) -> BoundaryItem:
    return BoundaryItem(
        kind=reach.boundary,
        framework=reach.framework,
        name=reach.name,
        path=reach.path,
        line=reach.line,
        exception=reach.exception,
        outcome=reach.outcome,
        harm=reach.harm,
    )
