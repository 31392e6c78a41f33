"""What an editor offers at a finding: write the proved log line, accept it with a reason, read the incident."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types

from reviewer.surfaces.lsp.diagnostic import SOURCE

SHOW_PATTERN = "reviewer.showPattern"
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@")


def waive(uri: str, version: int | None, diagnostic: types.Diagnostic, lines: Sequence[str]) -> types.CodeAction:
    """Accept a finding in the code; it counts once a reason is written behind it.

    Args:
        uri, version: of the document.
        diagnostic: the finding.
        lines: the document's.
    """
    number = diagnostic.range.start.line
    line = lines[number] if number < len(lines) else ""
    indent = line[: len(line) - len(line.lstrip())]
    place = types.Position(number, 0)
    text = f"{indent}# reviewer: waive[{diagnostic.code}] \n"
    return types.CodeAction(
        title=f"Accept '{diagnostic.code}' here (write the reason)",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        edit=_edit(uri, version, [types.TextEdit(types.Range(place, place), text)]),
    )


def insert_log(uri: str, version: int | None, patch: str, diagnostic: types.Diagnostic | None) -> types.CodeAction:
    """Write the proved log line.

    Args:
        uri, version: of the document that the patch was made for.
        patch: a unified diff of it that only adds lines.
        diagnostic: the finding that it answers; None for none.
    """
    return types.CodeAction(
        title="Insert the missing log line (proved)",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic] if diagnostic is not None else None,
        edit=_edit(uri, version, edits_of(patch)),
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


def edits_of(patch: str) -> list[types.TextEdit]:
    """A unified diff that only adds lines, as an editor applies it.

    Args:
        patch: of one file.

    Raises:
        ValueError: it takes lines away.
    """
    edits: list[types.TextEdit] = []
    at, added = 0, ""
    for line in patch.split("\n")[: -1 if patch.endswith("\n") else None]:
        if found := _HUNK.match(line):
            _insert(edits, at, added)
            # "-N,0" names the line before; otherwise the hunk begins at line N, which is N - 1 here.
            at, added = int(found[1]) - (found[2] != "0"), ""
        elif line.startswith(("---", "+++", "diff ", "index ")):
            continue
        elif line.startswith("+"):
            added += line[1:] + "\n"
        elif line.startswith("-"):
            raise ValueError("the patch takes lines away")
        elif line.startswith(" "):
            _insert(edits, at, added)
            at, added = at + 1, ""
    _insert(edits, at, added)
    return edits


def ours(diagnostics: Sequence[types.Diagnostic]) -> list[types.Diagnostic]:
    """Those of some diagnostics that are the reviewer's."""
    return [one for one in diagnostics if one.source == SOURCE and one.code]


def _insert(edits: list[types.TextEdit], at: int, text: str) -> None:
    if text:
        place = types.Position(at, 0)
        edits.append(types.TextEdit(types.Range(place, place), text))


def _edit(uri: str, version: int | None, edits: Sequence[types.TextEdit]) -> types.WorkspaceEdit:
    document = types.OptionalVersionedTextDocumentIdentifier(uri, version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, list(edits))])
