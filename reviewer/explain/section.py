"""One unit as a model is shown it: numbered source, what is known, findings; of bounded size, without secrets."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from reviewer.domain.evidence import UnitEvidence
from reviewer.domain.report import FindingItem
from reviewer.explain.excerpt import excerpt
from reviewer.explain.secrets.redaction import redact

MOST_LINES = 400
"""Source lines of one unit."""
MOST_NOTES = 60
"""Notes on one unit; a longer list says less."""
_FEW = 15
"""Notes on a new unit that are left out without a word."""
MOST_FINDINGS = 40
"""Findings of one unit."""
MOST_REMINDERS = 2
"""Failures of other code that are told with a unit."""
_REMINDER_BYTES = 180
"""Bytes of one of them, about 55 tokens."""
_SHORT = 12
"""Lines up to which a unit of which only a part changed is shown whole."""
_WHOLE = 80
"""The same where most of it is new."""
_AROUND = 8
"""Lines shown on both sides of a new one in a unit of which most is new and that is too long to be shown whole."""
_CHARACTERS = 40_000
"""Characters of the source of one unit."""
_WIDTH = 240
"""Characters of a line."""
_ID = 12
"""Characters of a fingerprint that name a finding in a question."""
_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Section:
    """A unit, shown.

    Attributes:
        id: how question and answer name the unit; it follows from what is shown, and from nothing else.
        evidence: what is known of it.
        text: what is shown of it. Answers may speak of this and of nothing else.
        shown: its source lines as they are shown, by number, imports included.
        findings: its findings, by the names under which they are shown.
        reminders: what is shown beside it of failures of other code; no name, number or path in it is the unit's.
    """

    id: str
    evidence: UnitEvidence
    text: str
    shown: Mapping[int, str]
    findings: Mapping[str, FindingItem]
    reminders: str = ""

    @property
    def question(self) -> str:
        """All that is shown."""
        return f"{self.text}\n{self.reminders}" if self.reminders else self.text

    def has_line(self, number: int) -> bool:
        """Whether a line is of the unit, or is named in what is shown."""
        inside = self.evidence.line <= number <= self.evidence.end_line
        return inside or re.search(rf"\b{number}\b", self.text) is not None


def section_of(evidence: UnitEvidence, lines: Sequence[str], findings: Iterable[FindingItem]) -> Section:
    """Show a unit.

    Args:
        evidence: what is known of it.
        lines: the lines of its file; index 0 is line 1.
        findings: those in the unit.
    """
    every = list(findings)
    ours = {finding.id[:_ID]: finding for finding in every[:MOST_FINDINGS]}
    kept = _bounded(_kept(evidence, ours.values(), lines), lines)
    imports = _used(evidence.imports, kept, lines) if evidence.partial else evidence.imports
    numbers = [line for line in (*imports, *kept) if 0 < line <= len(lines)]
    clean = _without_secrets(evidence, imports, lines)
    shown = {line: printable(clean[line]) for line in numbers}
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
    notes = _notes(evidence, kept)
    rows += ["Known:", *notes] if notes else ["Known: nothing beyond the source"]
    if ours:
        rows.append("Findings:")
        for name, finding in ours.items():
            rows.extend(_finding(name, finding))
        if len(every) > MOST_FINDINGS:
            rows.append(f"- {len(every) - MOST_FINDINGS} more are left out")
    body = "\n".join(rows)
    reminders = "\n".join(_reminders(evidence.reminders))
    identity = "u" + hashlib.sha256(f"{body}{reminders}".encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return Section(identity, evidence, f"## Unit {identity}\n{body}", shown, ours, reminders)


def _reminders(told: Sequence[str]) -> list[str]:
    rows = [f"- {_cut(_told(' '.join(text.split())))}" for text in told[:MOST_REMINDERS]]
    return ["Failed before:", *rows] if rows else []


def _cut(text: str) -> str:
    """Text of bounded size, cut at a word where there is one."""
    data = text.encode("utf-8", "replace")
    if len(data) <= _REMINDER_BYTES:
        return text
    short = data[:_REMINDER_BYTES].decode("utf-8", "ignore")
    return f"{short.rpartition(' ')[0] or short}…"


def _without_secrets(evidence: UnitEvidence, imports: Iterable[int], lines: Sequence[str]) -> dict[int, str]:
    """Lines of a unit and its imports; read whole, for what is shown of a secret may not be enough to know it by."""
    numbers = [line for line in (*imports, *range(evidence.line, evidence.end_line + 1)) if 0 < line <= len(lines)]
    clean = redact("\n".join(lines[line - 1] for line in numbers)).text.split("\n")
    return dict(zip(numbers, clean, strict=True))


def _finding(name: str, finding: FindingItem) -> list[str]:
    rows = [f"- {name} at {finding.line} [{finding.rule}, {finding.severity}] {_told(finding.message)}"]
    rows += [
        f"    {'' if item.path == finding.path else _told(item.path) + ':'}{item.line}: {_told(item.note)}"
        for item in finding.evidence
    ]
    return rows


def _kept(evidence: UnitEvidence, findings: Iterable[FindingItem], lines: Sequence[str]) -> list[int]:
    """The lines of a unit that are shown, however long they are."""
    ours = list(findings)
    whole = range(evidence.line, min(evidence.end_line, len(lines)) + 1)
    if evidence.partial:
        if len(whole) <= _SHORT:
            return list(whole)
        return excerpt(
            lines,
            evidence.line,
            evidence.end_line,
            sorted({*(evidence.changed or ()), *(finding.line for finding in ours)}),
            also=[item.line for finding in ours for item in finding.evidence if item.path == finding.path],
            headed=evidence.kind != "module",
        )[:MOST_LINES]
    if len(whole) <= (MOST_LINES if evidence.changed is None else _WHOLE):
        return list(whole)
    centres = [(line, _AROUND) for line in evidence.changed or ()]
    centres += [(finding.line, _AROUND // 2) for finding in ours]
    if evidence.changed is None:
        centres += [(note.line, _AROUND // 2) for note in evidence.notes[:MOST_NOTES]]
    wanted = {evidence.line + offset for offset in range(3)}
    for centre, around in centres:
        wanted.update(range(centre - around, centre + around + 1))
    return sorted(wanted & set(whole))[:MOST_LINES]


def _bounded(kept: Sequence[int], lines: Sequence[str]) -> list[int]:
    """Of the lines of a unit as many as there is room for: code written by programs has lines of any length."""
    sizes = itertools.accumulate(min(len(lines[line - 1]), _WIDTH) for line in kept)
    return [line for line, size in zip(kept, sizes, strict=True) if size <= _CHARACTERS]


def _used(imports: Sequence[int], kept: Sequence[int], lines: Sequence[str]) -> list[int]:
    """The imports that bring a name of the lines that are shown."""
    names = {name for line in kept for name in _NAME.findall(lines[line - 1])}
    return [line for line in imports if 0 < line <= len(lines) and _brings(lines[line - 1], names)]


def _brings(text: str, names: set[str]) -> bool:
    brought = text.partition("import")[2]
    return "(" in brought or "\\" in brought or not names.isdisjoint(_NAME.findall(brought))


def _notes(evidence: UnitEvidence, kept: Collection[int]) -> list[str]:
    """What is known, a row each; of a unit of which a part changed, what is known of the lines that are shown."""
    if not evidence.partial:
        rows = [f"- {note.line}: {_told(note.text)}" for note in evidence.notes[:MOST_NOTES]]
        left = len(evidence.notes) - len(rows)
        return [*rows, f"- {left} more are left out"] if left > _FEW else rows
    inside = frozenset(kept)
    same: dict[str, list[int]] = {}
    for note in evidence.notes:
        if note.line in inside:
            same.setdefault(_told(note.text), []).append(note.line)
    told = list(same.items())[:MOST_NOTES]
    rows = [f"- {', '.join(map(str, lines))}: {text}" for text, lines in told]
    left = len(evidence.notes) - sum(len(lines) for _, lines in told)
    return [*rows, f"- {left} more, most of them of lines that are left out"] if left else rows


def printable(text: str) -> str:
    """Text on one line of bounded length, without what a terminal or a reader of lines would take for more than text.

    Args:
        text: any.
    """
    safe = "".join(
        char if char.isprintable() or char == "\t" else char.encode("unicode_escape").decode() for char in text
    )
    return safe if len(safe) <= _WIDTH else f"{safe[:_WIDTH]}… (+{len(safe) - _WIDTH} characters)"


def _told(text: str) -> str:
    """Text on one line, without secrets; what is cut off is read for them too."""
    return printable(redact(text).text)


def _quoted(text: str) -> str:
    return json.dumps(_told(text), ensure_ascii=False)
