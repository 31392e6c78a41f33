"""One file of a change → units → facts → findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.acceptance.fingerprint import fingerprint_all
from reviewer.code.budget import Budget, Watched
from reviewer.detectors.merging import merge_findings
from reviewer.detectors.ranking import rank, read_history
from reviewer.detectors.reaching import add_reach
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.siblings import add_untouched
from reviewer.domain.change import FileChange
from reviewer.domain.evidence import UnitEvidence
from reviewer.domain.fact import Unit
from reviewer.domain.finding import Finding
from reviewer.domain.report import Suggestion
from reviewer.domain.reviewed import Reviewed
from reviewer.errors import SourceError
from reviewer.explain.answer import answer_unit
from reviewer.flow.external import external_calls
from reviewer.flow.reading import ReadFile, Surroundings, read_file

if TYPE_CHECKING:
    from reviewer.catalog.meeting import Candidate, KnownPatterns


def review_file(
    file: FileChange,
    rules: Sequence[Rule],
    around: Surroundings,
    *,
    evidence: bool = False,
    suggest: bool = False,
    patterns: KnownPatterns | None = None,
) -> Reviewed:
    """Review the changed lines of one file.

    Args:
        file: the file, contents included.
        rules: the rules to ask.
        around: what it draws on.
        evidence: gather what a model is to be shown.
        suggest: offer proved log lines where a handler keeps an error to itself.
        patterns: the patterns of the catalogs; None for none.
    """
    if file.content is None:
        return Reviewed(file.path, failures=(file.failed or "its contents are not available",))
    changed = None if file.whole else _changed_lines(file)
    try:
        read = read_file(file.path, file.content, changed, around, fragment=file.partial)
    except SourceError as error:
        return Reviewed(file.path, failures=(str(error),))
    code, flow, hierarchy = read.code, read.flow, read.flow.hierarchy
    lines = tuple(code.source.lines)
    findings: list[Finding] = []
    failures = [*((file.failed,) if file.failed else ()), *code.failures]
    for unit in code.units:
        view = _view(read, unit, around)
        flow.prepare(unit)
        found_here, failed_here = _ask(rules, view, around.limits.seconds)
        findings.extend(found_here)
        failures.extend(failed_here)
    if flow.exhausted:
        failures.append("what it calls was not followed to the end; raise limits.unit-seconds")
    found = merge_findings(rank(add_reach(finding, read.upward), read_history()) for finding in findings)
    shadow: Mapping[str, int] = {}
    candidates = patterns.candidates(code.source.text, found) if patterns is not None else ()
    if patterns is not None and candidates:
        views = [_view(read, unit, around) for unit in code.units]
        meeting = patterns.meet(candidates, read, views, found)
        found, shadow = sorted(meeting.findings, key=lambda one: (one.line, one.column)), meeting.shadow
        failures.extend(meeting.failures)
    # Numbered before the cut to the changed lines: a finding has one identity, whatever else is shown with it.
    by_identity = dict(zip(fingerprint_all(found), found, strict=True))
    kept = {identity: f for identity, f in by_identity.items() if changed is None or _touches(f, changed)}
    if changed is not None and not file.partial:
        # After the cut, for which evidence counts: a sibling never brings in what the change did not touch.
        kept = _with_siblings(kept, found, read, rules, around)
    return Reviewed(
        path=file.path,
        units=len(code.units),
        findings=kept,
        calls=tuple(call for unit in code.units for call in external_calls(file.path, unit, hierarchy)),
        answers=tuple(answer_unit(file.path, unit, flow) for unit in code.units if unit.facts),
        failures=tuple(failures),
        lines=lines,
        evidence=_evidence(read, around, found, candidates, patterns) if evidence and not file.partial else (),
        suggestions=_suggestions(read, file.content, kept, around) if suggest and not file.partial else {},
        shadow=shadow,
    )


def _evidence(
    read: ReadFile,
    around: Surroundings,
    findings: Sequence[Finding],
    candidates: Sequence[Candidate],
    patterns: KnownPatterns | None,
) -> tuple[UnitEvidence, ...]:
    """What a model is to be shown, with what the catalogs have to say of each unit."""
    known = tuple(evidence_in(read, read.code.units))
    if patterns is None:
        return known
    blamed = {finding.function for finding in findings}
    return tuple(
        replace(one, reminders=patterns.remind(candidates, _view(read, unit, around), findings))
        # Of what touches nothing that fails, hardly anything is known, and hardly ever is anybody asked.
        if one.risky or one.function in blamed
        else one
        for one, unit in zip(known, read.code.units, strict=True)
    )


def _view(read: ReadFile, unit: Unit, around: Surroundings) -> View:
    """What rules and patterns see of one unit."""
    path, lines = read.code.source.path, tuple(read.code.source.lines)
    return View(path, unit, read.flow.hierarchy, around.knowledge, read.flow, read.upward, lines, read.code.units)


def _suggestions(
    read: ReadFile, content: bytes, findings: Mapping[str, Finding], around: Surroundings
) -> dict[str, Suggestion]:
    lines = read.code.source.lines
    if not any(lines[finding.line - 1].lstrip().startswith("except") for finding in findings.values()):
        return {}
    from reviewer.suggestion import suggestions_of  # noqa: PLC0415 - most files need none

    return suggestions_of(
        read.code, content, findings, knowledge=around.knowledge, limits=around.limits, project=around.project
    )


def _ask(rules: Sequence[Rule], view: View, seconds: float) -> tuple[list[Finding], list[str]]:
    """What the rules find in one unit, and what kept some of them from it."""
    findings: list[Finding] = []
    failures: list[str] = []
    budget = Budget(seconds)
    view = replace(view, unit=replace(view.unit, facts=Watched.of(view.unit.facts, budget)))
    for index, rule in enumerate(rules):
        try:
            budget.look()
            findings.extend(rule.check(view, rule))
        except SourceError:  # the time is over
            left = ", ".join(late.id for late in rules[index : index + 3])
            left += f" and {len(rules) - index - 3} more" if len(rules) - index > 3 else ""
            failures.append(
                f"{view.unit.name}: not asked of it, or not to the end: {left}; the rules took longer than "
                f"{seconds:g} s, raise limits.unit-seconds"
            )
            break
        except Exception as error:  # noqa: BLE001 - one rule's crash costs its word on one unit, and is told
            failures.append(f"{view.unit.name}: rule {rule.id} failed ({type(error).__name__}: {error})")
    return findings, failures


def _with_siblings(
    kept: Mapping[str, Finding], found: Sequence[Finding], read: ReadFile, rules: Sequence[Rule], around: Surroundings
) -> dict[str, Finding]:
    """The findings, with the sites of the same slips in code that did not change."""
    lines = tuple(read.code.source.lines)
    budget = Budget(around.limits.seconds)

    def ask(rule_id: str, unit: Unit) -> list[Finding]:
        view = _view(read, unit, around)
        try:
            budget.look()
        except SourceError:
            return []
        # What keeps the rule from it is not told: nobody asked about this code, and nothing is claimed of it.
        found, _ = _ask([rule for rule in rules if rule.id == rule_id], view, around.limits.seconds)
        return [rank(add_reach(finding, read.upward), read_history()) for finding in found]

    return add_untouched(kept, found, read.flow.definitions, lines, ask)


def _changed_lines(file: FileChange) -> frozenset[int]:
    """Added lines, and for pure deletions the lines on both sides of the gap."""
    gaps = {line for point in file.deletion_points for line in (point, point + 1)}
    return file.added_lines | frozenset(gaps)


def _touches(finding: Finding, changed: frozenset[int]) -> bool:
    if any(line in changed for line in range(finding.line, finding.end_line + 1)):
        return True
    return any(evidence.path == finding.path and evidence.line in changed for evidence in finding.evidence)


def evidence_in(read: ReadFile, units: Sequence[Unit]) -> Iterator[UnitEvidence]:
    """What a model is to be shown of some units of a file."""
    from reviewer.explain.evidence import evidence_of, imports_of  # noqa: PLC0415 - where nobody is asked there is none

    source = read.code.source
    imports = imports_of(read.code.outline.tree)
    touched = frozenset(line for unit in units for line in unit.changed or ())
    for unit in units:
        text = "\n".join(source.lines[unit.line - 1 : unit.end_line])
        yield evidence_of(source.path, unit, text, imports, read.flow, read.upward, touched=touched)
