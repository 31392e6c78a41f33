"""What an editor offers at a finding: write the proved log line, accept it with a reason, read the incident."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types

from reviewer.acceptance.waiver import waived_as
from reviewer.acceptance.waiver_comment import write_waiver
from reviewer.errors import UsageError
from reviewer.surfaces.lsp.diagnostic import SOURCE, Units

SHOW_PATTERN = "reviewer.showPattern"
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@")


def patterns_of(diagnostic: types.Diagnostic) -> list[str]:
    """Ids of the patterns that a finding meets."""
    data = diagnostic.data if isinstance(diagnostic.data, dict) else {}
    return [str(one) for one in data.get("patterns", ())]


def waive(
    uri: str, version: int | None, diagnostic: types.Diagnostic, text: str, units: Units
) -> types.CodeAction | None:
    """Accept a finding in the code; it counts once a reason is written behind it.

    Args:
        uri, version: of the document.
        diagnostic: the finding.
        text: the document's.
        units: the client's measure of a column.

    Returns:
        The comment above the line, or behind it where that would be inside of a statement; None where it fits nowhere.
    """
    number, rule = diagnostic.range.start.line, waived_as(str(diagnostic.code), patterns_of(diagnostic))
    try:
        waived = write_waiver(text.encode("utf-8", "surrogatepass"), number + 1, rule, "reason")
    except UsageError:
        return None
    line = text.split("\n")[number]
    code = line.removesuffix("\r")
    comment = f"# reviewer: waive[{rule}] "
    if waived.count(b"\n") > text.count("\n"):
        indent = line[: len(line) - len(line.lstrip(" \t\f"))]
        place, new = types.Position(number, 0), f"{indent}{comment}{line[len(code) :]}\n"
    else:
        place, new = types.Position(number, units(code)), f"  {comment}"
    return types.CodeAction(
        title=f"Accept '{diagnostic.code}' here (write the reason)",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        edit=_edit(uri, version, [types.TextEdit(types.Range(place, place), new)]),
    )


def insert_log(
    uri: str, version: int | None, patch: str, diagnostic: types.Diagnostic | None, units: Units
) -> types.CodeAction:
    """Write the proved log line.

    Args:
        uri, version: of the document that the patch was made for.
        patch: a unified diff of it.
        diagnostic: the finding that it answers; None for none.
        units: the client's measure of a column.
    """
    return types.CodeAction(
        title="Insert the missing log line (proved)",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic] if diagnostic is not None else None,
        edit=_edit(uri, version, edits_of(patch, units)),
    )


def show_pattern(identity: str, diagnostic: types.Diagnostic) -> types.CodeAction:
    """Read what happened before.

    Args:
        identity: the pattern's.
        diagnostic: the finding that meets it.
    """
    return types.CodeAction(
        title=f"Show the incident behind '{identity}'",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        command=types.Command(title="Show the incident", command=SHOW_PATTERN, arguments=[identity]),
    )


def edits_of(patch: str, units: Units) -> list[types.TextEdit]:
    """A unified diff as an editor applies it.

    Args:
        patch: of one file.
        units: the client's measure of a column.
    """
    edits: list[types.TextEdit] = []
    first, at, added, removed = 0, 0, "", ""
    end: types.Position | None = None
    sign = ""

    def finish() -> None:
        if added or at > first:
            place = types.Range(types.Position(first, 0), end or types.Position(at, 0))
            edits.append(types.TextEdit(place, added))

    for line in patch.split("\n")[: -1 if patch.endswith("\n") else None]:
        if found := _HUNK.match(line):
            finish()
            # "-N,0" names the line before; otherwise the hunk begins at line N, which is N - 1 here.
            first = at = int(found[1]) - (found[2] != "0")
            added, end, sign = "", None, "@"
        elif not sign:
            continue  # the names of the file
        elif line.startswith("\\"):
            # The line above has no line end: one that goes ends where the document does.
            added = added.removesuffix("\n") if sign == "+" else added
            end = types.Position(at - 1, units(removed)) if sign == "-" else end
        else:
            sign = line[:1]
            if sign == "+":
                added += line[1:] + "\n"
            elif sign == "-":
                at, removed = at + 1, line[1:]
            else:
                finish()
                first = at = at + 1
                added, end = "", None
    finish()
    return edits


def ours(diagnostics: Sequence[types.Diagnostic]) -> list[types.Diagnostic]:
    """Those of some diagnostics that are the reviewer's."""
    return [one for one in diagnostics if one.source == SOURCE and one.code]


def _edit(uri: str, version: int | None, edits: Sequence[types.TextEdit]) -> types.WorkspaceEdit:
    document = types.OptionalVersionedTextDocumentIdentifier(uri, version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, list(edits))])
