"""What became of a finding after it was told, as an outcome: somebody said so, or its lines were changed.

What may have other reasons says nothing. No person is named in an outcome.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reviewer.domain.catalog import Outcome, Verdict
from reviewer.domain.report import FindingItem, Report

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What became of the findings of an earlier review by a later one.

    Attributes:
        fixed: outcomes of those that a change on their lines took away.
        unclear: how many more are gone for another reason, or for one that cannot be told.
    """

    fixed: tuple[Outcome, ...]
    unclear: int


def outcome_of(item: FindingItem, repository: str | None, verdict: Verdict, at: str, by: str = "") -> Outcome:
    """What became of a finding of a report.

    Args:
        item: the finding; the first pattern that it met counts.
        repository: its name; None when unknown.
        verdict: what became of it.
        at: when, ISO 8601 in UTC.
        by: who said so, by kind; no person is named.
    """
    pattern = item.patterns[0].id if item.patterns else ""
    return Outcome(item.id, item.rule, pattern, repository or "", verdict, at, by)


def fixed_since(before: Report, after: Report, old: Mapping[str, str], new: Mapping[str, str]) -> Aftermath:
    """Findings of an earlier review that a change on their lines has taken away.

    A finding counts where it was new, its function was looked at again and the finding is not there, nor the same line
    newly found elsewhere in the file (it was only moved), and lines that it stands on have changed.

    Args:
        before: the earlier review.
        after: the later one, of the same branch.
        old, new: text of the files with findings, at the heads of the two.
    """
    still = {finding.id for finding in after.findings}
    there = {finding.id for finding in before.findings}
    moved = {(one.path, one.rule, one.code.strip()) for one in after.findings if one.id not in there}
    seen = {(answer.path, answer.function) for answer in after.answers}
    missed = {one.path for one in after.coverage.not_checked}
    gone = [finding for finding in before.findings if finding.status == "new" and finding.id not in still]
    fixed = [
        outcome_of(finding, before.repository, "fixed", after.created_at, "change")
        for finding in gone
        # A function that the later review did not look at, or not to the end, tells nothing.
        if (finding.path, finding.function) in seen
        and finding.path not in missed
        and (finding.path, finding.rule, finding.code.strip()) not in moved
        and _is_changed(finding, old.get(finding.path), new.get(finding.path))
    ]
    return Aftermath(tuple(fixed), len(gone) - len(fixed))


def _is_changed(finding: FindingItem, old: str | None, new: str | None) -> bool:
    """Whether a line of a finding, or one that its evidence names, was changed, or something put right before it."""
    if old is None or new is None:
        return False
    lines = set(range(finding.line, finding.end_line + 1))
    lines |= {evidence.line for evidence in finding.evidence if evidence.path == finding.path}
    return not lines.isdisjoint(_changed(_LINE_END.split(old), _LINE_END.split(new)))


def _changed(old: Sequence[str], new: Sequence[str]) -> set[int]:
    """The old lines that are not there any more, and those that something new stands right before, from 1."""
    matcher = difflib.SequenceMatcher(None, old, new)
    return {
        line
        for kind, start, end, _, _ in matcher.get_opcodes()
        if kind != "equal"
        for line in range(start + 1, max(end, start + 1) + 1)
    }
