"""Findings as an editor shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from lsprotocol import types

from reviewer.domain.report import FindingItem
from reviewer.render.summary import SUSPICION, added, is_suspicion, seen_before

SOURCE = "reviewer"
_SEVERITIES = {
    "high": types.DiagnosticSeverity.Error,
    "medium": types.DiagnosticSeverity.Warning,
    "low": types.DiagnosticSeverity.Hint,
}


Units = Callable[[str], int]
"""How long a text is in the units that the client counts columns in: bytes of UTF-8, UTF-16 units or characters."""


def diagnostics_of(
    items: Sequence[FindingItem], text: str, root: Path | None, units: Units, *, quiet: bool
) -> list[types.Diagnostic]:
    """What an editor marks in a buffer.

    Args:
        items: the findings of a review; those that are accepted are left out.
        text: the buffer that was reviewed.
        root: of the work tree, for the places that a finding leads to; None for no such places.
        units: the client's measure of a column.
        quiet: mark low findings too.
    """
    lines = text.split("\n")
    return [
        _diagnostic(item, lines, root, units)
        for item in items
        if item.status == "new" and (quiet or item.severity != "low")
    ]


def range_of(item: FindingItem, lines: Sequence[str], units: Units) -> types.Range:
    """Where a finding stands; columns in the client's units (LSP 3.17, Position)."""
    first = lines[item.line - 1] if item.line <= len(lines) else ""
    last = lines[item.end_line - 1] if item.end_line <= len(lines) else ""
    start = types.Position(item.line - 1, units(first[: max(0, item.column - 1)]))
    return types.Range(start, types.Position(item.end_line - 1, units(last.rstrip())))


def _diagnostic(item: FindingItem, lines: Sequence[str], root: Path | None, units: Units) -> types.Diagnostic:
    parts = [item.message]
    if explanation := added(item):
        parts.append(explanation)
    parts += [f"{one.title}: {one.why}" for one in seen_before(item)]
    if is_suspicion(item):
        parts.append(f"({SUSPICION})")
    return types.Diagnostic(
        range=range_of(item, lines, units),
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
