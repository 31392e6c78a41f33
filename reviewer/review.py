"""The pipeline: a change → units → facts → findings → report."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from reviewer.code.source import decode
from reviewer.code.unit import CodeFile, Limits, read_units
from reviewer.detectors.registry import all_rules
from reviewer.detectors.rule import Rule, View
from reviewer.domain.change import Change, FileChange
from reviewer.domain.fact import Unit
from reviewer.domain.finding import Finding
from reviewer.errors import SourceError
from reviewer.flow.hierarchy import Hierarchy
from reviewer.knowledge.lookup import Knowledge


@dataclass(frozen=True)
class FileReview:
    """What was found in one file.

    Attributes:
        path: the file.
        code: its units; None when it could not be read.
        findings: what the rules found on changed lines.
        failures: reasons why something was not checked.
    """

    path: str
    code: CodeFile | None
    findings: tuple[Finding, ...]
    failures: tuple[str, ...]


def review_file(file: FileChange, knowledge: Knowledge, rules: Sequence[Rule], limits: Limits) -> FileReview:
    """Review the changed lines of one file."""
    if file.content is None:
        return FileReview(file.path, None, (), (file.failed or "its contents are not available",))
    changed = None if file.whole else _changed_lines(file)
    try:
        source = decode(file.path, file.content)
        code = read_units(source, changed, knowledge, limits)
    except SourceError as error:
        return FileReview(file.path, None, (), (str(error),))
    hierarchy = Hierarchy(knowledge, code.outline.bases)
    findings: list[Finding] = []
    failures = list(code.failures)
    lines = tuple(source.lines)
    for unit in code.units:
        view = View(file.path, unit, hierarchy, knowledge, lines, code.units)
        for rule in rules:
            try:
                findings.extend(rule.check(view, rule))
            except Exception as error:  # noqa: BLE001 - one detector's crash costs its word on one unit, told below
                failures.append(f"{unit.name}: rule {rule.id} failed: {type(error).__name__}: {error}")
    kept = [finding for finding in findings if changed is None or _touches(finding, changed)]
    kept.sort(key=lambda finding: (finding.line, finding.column, finding.rule))
    return FileReview(file.path, code, tuple(kept), tuple(failures))


def _changed_lines(file: FileChange) -> frozenset[int]:
    """Added lines, and for pure deletions the lines on both sides of the gap."""
    gaps = {line for point in file.deletion_points for line in (point, point + 1)}
    return file.added_lines | frozenset(gaps)


def _touches(finding: Finding, changed: frozenset[int]) -> bool:
    if any(finding.line <= line <= finding.end_line for line in changed):
        return True
    return any(evidence.path == finding.path and evidence.line in changed for evidence in finding.evidence)
