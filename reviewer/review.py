"""The pipeline: a change → units → facts → findings → report."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal

from reviewer import __version__
from reviewer.acceptance.fingerprint import fingerprint_all
from reviewer.acceptance.waiver import Waiver, find_waivers
from reviewer.code.limits import Limits as UnitLimits
from reviewer.detectors.registry import all_rules
from reviewer.detectors.siblings import carry_siblings
from reviewer.domain.change import Change, FileChange
from reviewer.domain.finding import Evidence, Finding, Reach, Severity
from reviewer.domain.report import (
    BoundaryItem,
    Coverage,
    EvidenceItem,
    FindingItem,
    NotChecked,
    Report,
    Tool,
    Usage,
    WaiverItem,
)
from reviewer.domain.reviewed import Reviewed
from reviewer.domain.settings import Settings
from reviewer.domain.suspicion import SUSPICIONS
from reviewer.ports import OpenMemory, OpenSources
from reviewer.work.job import Job
from reviewer.work.pool import Progress, review_files

if TYPE_CHECKING:
    from reviewer.explain.stage import ModelUse, Suspected


def review_change(
    change: Change,
    settings: Settings,
    *,
    baseline: frozenset[str] = frozenset(),
    today: date | None = None,
    progress: Progress | None = None,
    sources: OpenSources | None = None,
    memory: OpenMemory | None = None,
    model: ModelUse | None = None,
    suggest: bool = False,
) -> Report:
    """Review a change.

    Args:
        change: the files, contents included.
        settings: what the project has set.
        baseline: fingerprints of the findings that were there before.
        today: the day on which waivers must still hold; None for the current one.
        progress: told how many files are done, and of how many, after each of them.
        sources: opens the files around the change, as they are after it; None where there are none.
        memory: opens what earlier reviews have found; None for nothing.
        model: who explains the findings, doubts them and points at more; None for nobody.
        suggest: offer proved log lines for findings at handlers that keep an error to themselves.

    Returns:
        The report. Nothing that went wrong with one file, unit or rule ends the review; it is listed as not checked.
    """
    started = time.perf_counter()
    rules = tuple(rule for rule in all_rules() if rule.id not in settings.rules_off)
    todo = [file for file in change.files if file.skipped is None]
    limits = UnitLimits(lines=settings.limits.unit_lines, seconds=settings.limits.unit_seconds)
    asked = tuple(rule.id for rule in rules)
    job = Job(asked, limits, sources, memory, _state(change, settings, sources), model is not None, suggest)
    results = review_files(todo, job, progress)
    analysed = time.perf_counter()
    items: list[FindingItem] = []
    notes = list(change.notes)
    accepted = Accepted(settings, baseline, today or datetime.now(UTC).date())
    for file, reviewed in zip(todo, results, strict=True):
        found, more = _accept(file, reviewed, reviewed.findings, accepted)
        items.extend(found)
        notes.extend(more)
    offered = {identity: patch for reviewed in results for identity, patch in reviewed.suggestions.items()}
    items = [replace(item, suggestion=offered.get(item.id)) for item in carry_siblings(items)]
    answers = [answer for r in results for answer in r.answers]
    usage = Usage(model_calls=0, input_tokens=0, output_tokens=0, cached_tokens=0, cost_usd=0.0, elapsed_ms={})
    unexplained: list[NotChecked] = []
    units = (0, 0)
    if model is not None:
        from reviewer.explain.stage import explain_findings  # noqa: PLC0415 - starts pydantic

        explanation = explain_findings(results, items, model)
        answers, usage, unexplained = explanation.answers, explanation.usage, explanation.not_checked
        units = (explanation.explained, explanation.unexplained)
        items = list(explanation.items)
        for file, reviewed in zip(todo, results, strict=True):
            suspected = _suspected(file, explanation.suspected.get(file.path, ()))
            found, _ = _accept(file, reviewed, {key: one.finding for key, one in suspected.items()}, accepted)
            items.extend(replace(item, judgement=suspected[item.id].judgement) for item in found)
        notes.extend(explanation.notes)
    explained = time.perf_counter()
    not_checked = [NotChecked(path=path, reason=reason) for path, reason in change.failures]
    not_checked += [NotChecked(path=r.path, reason=reason) for r in results for reason in r.failures]
    not_checked += unexplained
    read = [r for r in results if r.units or not r.failures]
    status: Literal["complete", "partial", "failed"]
    status = "complete" if not not_checked else "partial" if read or not results else "failed"
    return Report(
        id=uuid.uuid4().hex,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        tool=Tool(name="reviewer", version=__version__),
        repository=change.repository,
        base=change.base,
        head=change.head,
        model="offline" if model is None else model.model.name,
        status=status,
        verdict=_verdict(items, settings),
        coverage=Coverage(
            files_changed=len(change.files),
            files_reviewed=len(read),
            units_reviewed=sum(r.units for r in results),
            not_checked=not_checked,
            files_skipped=[NotChecked(path=f.path, reason=f.skipped) for f in change.files if f.skipped is not None],
            notes=list(dict.fromkeys([*notes, *(note for r in results for note in r.notes)])),
            units_explained=units[0],
            units_unexplained=units[1],
        ),
        calls=[call for r in results for call in r.calls],
        findings=items,
        answers=answers,
        usage=replace(
            usage,
            elapsed_ms={
                "analyse": round(1000 * (analysed - started)),
                **({"explain": round(1000 * (explained - analysed))} if model is not None else {}),
                "report": round(1000 * (time.perf_counter() - explained)),
            },
        ),
    )


def _state(change: Change, settings: Settings, sources: OpenSources | None) -> str | None:
    """A name for all that may be read beside the change; None for the index, the work tree and a patch."""
    if change.head is None:
        return None
    return f"{change.head} up to {settings.limits.file_bytes}" if sources is not None else "nothing"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is accepted already, and by what else a finding is judged.

    Attributes:
        settings: of the project.
        baseline: fingerprints of what was there before.
        today: the day on which waivers must still hold.
    """

    settings: Settings
    baseline: frozenset[str]
    today: date


def _accept(
    file: FileChange, reviewed: Reviewed, findings: Mapping[str, Finding], accepted: Accepted
) -> tuple[list[FindingItem], tuple[str, ...]]:
    off = accepted.settings.rules_off
    # That a waiver waives nothing can be said only where everything was asked and all of the file was seen.
    whole = findings is reviewed.findings and not (reviewed.failures or file.partial)
    waivers = find_waivers(
        reviewed.path,
        reviewed.lines,
        findings,
        today=accepted.today,
        rules=[*(rule.id for rule in all_rules()), *SUSPICIONS],
        asked=[rule.id for rule in all_rules() if whole and rule.id not in off],
        changed=None if file.whole else file.added_lines,
    )
    items = [
        _item(
            identity,
            finding,
            accepted.settings,
            waiver=waivers.accepted.get(identity),
            known=identity in accepted.baseline,
            lines=reviewed.lines,
        )
        for identity, finding in findings.items()
        if finding.rule not in off
    ]
    return items, waivers.notes


def _suspected(file: FileChange, found: Sequence[Suspected]) -> dict[str, Suspected]:
    """What a model pointed at and no rule found, by fingerprint; quiet on lines that did not change."""
    heard = [
        one
        if file.whole or one.finding.line in file.added_lines
        else replace(one, finding=replace(one.finding, severity=Severity.LOW))
        for one in found
    ]
    return dict(zip(fingerprint_all([one.finding for one in heard]), heard, strict=True))


def _item(
    identity: str,
    finding: Finding,
    settings: Settings,
    *,
    waiver: Waiver | None,
    known: bool,
    lines: Sequence[str],
) -> FindingItem:
    severity = settings.severities.get(finding.rule, finding.severity)
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
        code=lines[finding.line - 1] if finding.line <= len(lines) else finding.code,
        exceptions=list(finding.exceptions),
        evidence=[EvidenceItem(path=e.path, line=e.line, note=e.note) for e in (*finding.evidence, *_way_up(finding))],
        explanation=finding.explanation,
        patterns=[],
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
        grounds=list(finding.grounds),
    )


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


def _verdict(items: Iterable[FindingItem], settings: Settings) -> Literal["pass", "warn", "block"]:
    new = [Severity(item.severity) for item in items if item.status == "new"]
    if any(settings.blocks(severity) for severity in new):
        return "block"
    return "warn" if any(severity is not Severity.LOW for severity in new) else "pass"
