"""Findings as an editor shows them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types

from reviewer.domain.report import FindingItem

SOURCE = "reviewer"
_SEVERITIES = {
    "high": types.DiagnosticSeverity.Error,
    "medium": types.DiagnosticSeverity.Warning,
    "low": types.DiagnosticSeverity.Hint,
}


def diagnostics_of(
    items: Sequence[FindingItem], text: str, root: Path | None, *, quiet: bool
) -> list[types.Diagnostic]:
    """What an editor marks in a buffer.

    Args:
        items: the findings of a review; those that are accepted are left out.
        text: the buffer that was reviewed.
        root: of the work tree, for the places that a finding leads to; None for no such places.
        quiet: mark low findings too.
    """
    lines = text.split("\n")
    return [
        _diagnostic(item, lines, root) for item in items if item.status == "new" and (quiet or item.severity != "low")
    ]


def range_of(item: FindingItem, lines: Sequence[str]) -> types.Range:
    """Where a finding stands; columns in UTF-16 units, which every editor counts in (LSP 3.17, Position)."""
    first = lines[item.line - 1] if item.line <= len(lines) else ""
    last = lines[item.end_line - 1] if item.end_line <= len(lines) else ""
    column = min(item.column, len(first))
    start = types.Position(item.line - 1, _units(first[:column]))
    return types.Range(start, types.Position(item.end_line - 1, _units(last.rstrip())))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _diagnostic(item: FindingItem, lines: Sequence[str], root: Path | None) -> types.Diagnostic:
    parts = [item.message]
    if item.explanation:
        parts.append(item.explanation)
    parts += [f"{one.title}: {one.why}" for one in item.patterns]
    return types.Diagnostic(
        range=range_of(item, lines),
        message="\n".join(parts),
        severity=_SEVERITIES[item.severity],
        code=item.rule,
        source=SOURCE,
        related_information=[
            types.DiagnosticRelatedInformation(
                types.Location(
                    (root / one.path).as_uri(),
                    types.Range(types.Position(one.line - 1, 0), types.Position(one.line - 1, 0)),
                ),
                one.note,
            )
            for one in item.evidence
        ]
        if root is not None
        else None,
        data={"id": item.id, "patterns": [one.id for one in item.patterns]},
    )
