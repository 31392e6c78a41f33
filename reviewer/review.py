"""The pipeline: a change → units → facts → findings → report."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal

from reviewer import __version__
from reviewer.code.limits import Limits as UnitLimits
from reviewer.detectors.registry import all_rules
from reviewer.detectors.siblings import carry_siblings
from reviewer.domain.catalog import Quiet
from reviewer.domain.change import Change, FileChange
from reviewer.domain.deadline import Deadline
from reviewer.domain.finding import Severity
from reviewer.domain.report import Answer, Coverage, FindingItem, NotChecked, Report, Summary, Tool, Usage
from reviewer.domain.reviewed import Reviewed
from reviewer.domain.settings import Settings
from reviewer.ports import OpenMemory, OpenSources
from reviewer.publication import Accepted, publish, quiet_notes, suspected
from reviewer.work.job import Job, Patterns
from reviewer.work.pool import Progress, review_files

if TYPE_CHECKING:
    from reviewer.explain.stage import ModelUse


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
    gather: bool = False,
    patterns: Patterns | None = None,
    quiet: Quiet | None = None,
    deadline: Deadline | None = None,
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
        model: who explains the findings, doubts them, points at more and sums them up; None for nobody.
        suggest: offer proved log lines for findings at handlers that keep an error to themselves.
        gather: have the memory keep what a model is to be shown, though nobody is asked yet.
        patterns: the patterns of the catalogs; None for none.
        quiet: rules and patterns that are told quietly for having been wrong too often; None for none.
        deadline: files that are not reviewed then are not checked, and the model has what is left; None for no hurry.

    Returns:
        The report. Nothing that went wrong with one file, unit or rule ends the review; it is listed as not checked.
    """
    started = time.perf_counter()
    rules = tuple(rule for rule in all_rules() if rule.id not in settings.rules_off)
    todo = [file for file in change.files if file.skipped is None]
    limits = UnitLimits(lines=settings.limits.unit_lines, seconds=settings.limits.unit_seconds)
    asked = tuple(rule.id for rule in rules)
    job = Job(
        asked,
        limits,
        sources,
        memory,
        _state(change, settings, sources),
        gather or model is not None,
        suggest,
        patterns.open if patterns is not None else None,
        patterns.state if patterns is not None else "",
    )
    results = review_files(todo, job, progress, deadline)
    analysed = time.perf_counter()
    items: list[FindingItem] = []
    notes = list(change.notes)
    accepted = Accepted(settings, baseline, today or datetime.now(UTC).date(), quiet or Quiet())
    for file, reviewed in zip(todo, results, strict=True):
        found, more = publish(file, reviewed, reviewed.findings, accepted)
        items.extend(found)
        notes.extend(more)
    offered = {identity: patch for reviewed in results for identity, patch in reviewed.suggestions.items()}
    items = [replace(item, suggestion=offered.get(item.id)) for item in carry_siblings(items)]
    not_checked = [NotChecked(path=path, reason=reason) for path, reason in change.failures]
    not_checked += [NotChecked(path=r.path, reason=reason) for r in results for reason in r.failures]
    told = _Told(items, [answer for r in results for answer in r.answers])
    if model is not None:
        if deadline is not None:
            seconds = min(model.allowance.seconds, deadline.left)
            model = replace(model, allowance=replace(model.allowance, seconds=seconds))
        told = _told_by(model, list(zip(todo, results, strict=True)), told, not_checked, accepted)
    notes.extend([*told.notes, *quiet_notes(told.findings, accepted.quiet)])
    not_checked += told.not_checked
    explained = time.perf_counter()
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
        verdict=verdict_of(told.findings, settings),
        coverage=Coverage(
            files_changed=len(change.files),
            files_reviewed=len(read),
            units_reviewed=sum(r.units for r in results),
            not_checked=not_checked,
            files_skipped=[NotChecked(path=f.path, reason=f.skipped) for f in change.files if f.skipped is not None],
            notes=list(dict.fromkeys([*notes, *(note for r in results for note in r.notes)])),
            units_explained=told.explained,
            units_unexplained=told.unexplained,
        ),
        calls=[call for r in results for call in r.calls],
        findings=told.findings,
        shadow=_together(r.shadow for r in results),
        answers=told.answers,
        usage=replace(
            told.usage,
            elapsed_ms={
                "analyse": round(1000 * (analysed - started)),
                **({"explain": round(1000 * (explained - analysed))} if model is not None else {}),
                "report": round(1000 * (time.perf_counter() - explained)),
            },
        ),
        summary=told.summary,
    )


@dataclass(frozen=True)
class _Told:
    """What is told of a change: first in the reviewer's own words, then in a model's where there is one."""

    findings: list[FindingItem]
    answers: list[Answer]
    summary: Summary | None = None
    not_checked: Sequence[NotChecked] = ()
    notes: Sequence[str] = ()
    usage: Usage = field(
        default_factory=lambda: Usage(
            model_calls=0, input_tokens=0, output_tokens=0, cached_tokens=0, cost_usd=0.0, elapsed_ms={}
        )
    )
    explained: int = 0
    unexplained: int = 0


def _told_by(
    model: ModelUse,
    files: Sequence[tuple[FileChange, Reviewed]],
    own: _Told,
    missing: Sequence[NotChecked],
    accepted: Accepted,
) -> _Told:
    """The same with a model: explained, added to, summed up."""
    from reviewer.explain.spending import Spending  # noqa: PLC0415 - starts pydantic
    from reviewer.explain.stage import explain_findings  # noqa: PLC0415
    from reviewer.explain.summary import Summarised, summarise  # noqa: PLC0415

    spending = Spending(model.allowance)
    explanation = explain_findings([reviewed for _, reviewed in files], own.findings, model, spending)
    items = list(explanation.items)
    for file, reviewed in files:
        looked = suspected(file, explanation.suspected.get(file.path, ()))
        found, _ = publish(file, reviewed, {key: one.finding for key, one in looked.items()}, accepted)
        items.extend(replace(item, judgement=looked[item.id].judgement) for item in found)
    summed = Summarised()
    if explanation.settled:
        summed = summarise(items, missing, sum(reviewed.units for _, reviewed in files), model, spending)
    return _Told(
        findings=items,
        answers=explanation.answers,
        summary=summed.summary,
        not_checked=[*explanation.not_checked, *summed.not_checked],
        notes=[*explanation.notes, *summed.notes],
        usage=spending.usage,
        explained=explanation.explained,
        unexplained=explanation.unexplained,
    )


def _together(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """How often each pattern in shadow would have spoken, in all files."""
    found: Counter[str] = Counter()
    for count in counts:
        found.update(count)
    return dict(sorted(found.items()))


def _state(change: Change, settings: Settings, sources: OpenSources | None) -> str | None:
    """A name for all that may be read beside the change; None for the index, the work tree and a patch."""
    if change.head is None:
        return None
    return f"{change.head} up to {settings.limits.file_bytes}" if sources is not None else "nothing"


def verdict_of(items: Iterable[FindingItem], settings: Settings) -> Literal["pass", "warn", "block"]:
    """What the findings of a review come to: those that are new and not accepted decide."""
    new = [Severity(item.severity) for item in items if item.status == "new"]
    if any(settings.blocks(severity) for severity in new):
        return "block"
    return "warn" if any(severity is not Severity.LOW for severity in new) else "pass"
