"""One unit as a model is shown it: numbered source, what is known, findings; of bounded size, without secrets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reviewer.domain.evidence import UnitEvidence
from reviewer.domain.report import FindingItem
from reviewer.explain.secrets.redaction import redact

MOST_LINES = 400
"""Source lines of one unit."""
_WHOLE = 80
"""Lines up to which a unit of which only a part changed is shown whole."""
_AROUND = 8
"""Lines shown on both sides of a changed one, where the unit is too long to be shown whole."""
_WIDTH = 240
"""Characters of a line."""
_ID = 12
"""Characters of a fingerprint that name a finding in a question."""


@dataclass(frozen=True)
class Section:
    """A unit, shown.

    Attributes:
        id: how question and answer name the unit; it follows from what is shown, and from nothing else.
        evidence: what is known of it.
        text: what is shown.
        shown: its source lines as they are shown, by number, imports included.
        findings: its findings, by the names under which they are shown.
    """

    id: str
    evidence: UnitEvidence
    text: str
    shown: Mapping[int, str]
    findings: Mapping[str, FindingItem]


def section_of(evidence: UnitEvidence, lines: Sequence[str], findings: Iterable[FindingItem]) -> Section:
    """Show a unit.

    Args:
        evidence: what is known of it.
        lines: the lines of its file; index 0 is line 1.
        findings: those in the unit.
    """
    ours = {finding.id[:_ID]: finding for finding in findings}
    kept = _kept(evidence, ours.values(), len(lines))
    numbers = [line for line in (*evidence.imports, *kept) if 0 < line <= len(lines)]
    source = redact("\n".join(_printable(lines[line - 1]) for line in numbers)).text.split("\n")
    shown = dict(zip(numbers, source, strict=True))
    changed = None if evidence.changed is None else frozenset(evidence.changed)
    rows = [f"file {_quoted(evidence.path)}, {evidence.kind} {_quoted(evidence.function)}, lines "
            f"{evidence.line} to {evidence.end_line}"]  # fmt: skip
    rows.append("Source:")
    before = 0
    for line in numbers:
        if before and line > before + 1 and evidence.line <= before:
            rows.append(f"       … lines {before + 1} to {line - 1} are left out")
        rows.append(
            f"{line:5} {'+' if (evidence.line <= line if changed is None else line in changed) else ' '}| {shown[line]}"
        )
        before = line
    if before < evidence.end_line:
        rows.append(f"       … lines {before + 1} to {evidence.end_line} are left out")
    notes = [f"- {note.line}: {_printable(note.text)}" for note in evidence.notes]
    rows += ["Known:", *redact("\n".join(notes)).text.split("\n")] if notes else ["Known: nothing beyond the source"]
    if ours:
        rows.append("Findings:")
        for name, finding in ours.items():
            rows.extend(redact("\n".join(_finding(name, finding))).text.split("\n"))
    body = "\n".join(rows)
    identity = "u" + hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return Section(identity, evidence, f"## Unit {identity}\n{body}", shown, ours)


def _finding(name: str, finding: FindingItem) -> list[str]:
    rows = [f"- {name} at {finding.line} [{finding.rule}, {finding.severity}] {_printable(finding.message)}"]
    rows += [
        f"    {'' if item.path == finding.path else _printable(item.path) + ':'}{item.line}: {_printable(item.note)}"
        for item in finding.evidence
    ]
    return rows


def _kept(evidence: UnitEvidence, findings: Iterable[FindingItem], last: int) -> list[int]:
    """The lines of a unit that are shown."""
    whole = range(evidence.line, min(evidence.end_line, last) + 1)
    most = MOST_LINES if evidence.changed is None else _WHOLE
    if len(whole) <= most:
        return list(whole)
    centres = [(line, _AROUND) for line in evidence.changed or ()]
    centres += [(finding.line, _AROUND // 2) for finding in findings]
    if evidence.changed is None:
        centres += [(note.line, _AROUND // 2) for note in evidence.notes]
    wanted = {evidence.line + offset for offset in range(3)}
    for centre, around in centres:
        wanted.update(range(centre - around, centre + around + 1))
    return sorted(wanted & set(whole))[:MOST_LINES]


def _printable(text: str) -> str:
    """Text on one line, without what a terminal or a reader of lines would take for more than text."""
    safe = "".join(
        char if char.isprintable() or char == "\t" else char.encode("unicode_escape").decode() for char in text
    )
    return safe if len(safe) <= _WIDTH else f"{safe[:_WIDTH]}… (+{len(safe) - _WIDTH} characters)"


def _quoted(text: str) -> str:
    return json.dumps(_printable(text), ensure_ascii=False)
