"""What the commands of `reviewer patterns` share: where the catalog is, and how it is told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reviewer.errors import UsageError

if TYPE_CHECKING:
    from reviewer.domain.catalog import Catalog
    from reviewer.domain.pattern import Pattern

_JSON = "json"
HERE = Path()
"""The directory that a command is called in."""

CatalogOption = Annotated[
    str | None,
    typer.Option(
        "--catalog", metavar="PLACE", help="A folder or a database URL. Default: .reviewer/catalog of the repository."
    ),
]
FormatOption = Annotated[str, typer.Option("--format", help="text or json.")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The pattern's id.")]


def find(catalog: str | None, identity: str) -> tuple[Pattern, Catalog]:
    """A pattern with all that is known.

    Raises:
        UsageError: there is none of this id.
    """
    from reviewer.catalog_wiring import load_catalogs

    known = load_catalogs(catalog, HERE)
    for pattern in known.patterns:
        if pattern.id == identity:
            return pattern, known
    import difflib

    near = difflib.get_close_matches(identity, [pattern.id for pattern in known.patterns], n=1)
    hint = f"did you mean {near[0]}?" if near else "'reviewer patterns list' lists them"
    raise UsageError(f"no pattern {identity!r}; {hint}")


def short_record(pattern: Pattern) -> dict[str, object]:
    """A pattern in short, as the commands tell it to machines."""
    replay = pattern.replay
    return {
        "id": pattern.id,
        "title": pattern.title,
        "state": pattern.state.value,
        "failure": pattern.failure,
        "incidents": list(pattern.incidents),
        "replay": None
        if replay is None
        else {
            "before": replay.before,
            "after": replay.after,
            "variation": replay.variation,
            "background": replay.background,
            "lines": replay.lines,
            "reason": replay.reason,
        },
    }


def is_json(form: str) -> bool:
    """Whether JSON is wanted.

    Raises:
        UsageError: neither text nor JSON is.
    """
    if form not in ("text", _JSON):
        raise UsageError(f"--format {form}: take text or json")
    return form == _JSON
