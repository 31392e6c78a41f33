"""What the commands of `reviewer patterns` share: where the catalog is, and how it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reviewer.errors import UsageError

if TYPE_CHECKING:
    from reviewer.domain.catalog import Catalog, Hit
    from reviewer.domain.pattern import Pattern
    from reviewer.ports import CatalogStore

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


def open_stores(catalog: str | None, stack: ExitStack, start: Path = HERE) -> list[CatalogStore]:
    """The catalogs that count from a directory on, the team's own first; closed with the stack."""
    from reviewer.catalog_wiring import open_catalog, places

    return [stack.enter_context(closing(open_catalog(place))) for place in places(catalog, start)]


def load(catalog: str | None, start: Path = HERE) -> Catalog:
    """What all of them hold."""
    from reviewer.catalog_wiring import joined

    with ExitStack() as stack:
        return joined(open_stores(catalog, stack, start))


def look_up(
    catalog: str | None, ask: Callable[[CatalogStore], Sequence[Hit]], limit: int, start: Path = HERE
) -> list[Hit]:
    """The answers of all catalogs, the best first; of one id only the first."""
    with ExitStack() as stack:
        found = [hit for store in open_stores(catalog, stack, start) for hit in ask(store)]
    best: dict[str, Hit] = {}
    for hit in found:
        best.setdefault(hit.id, hit)
    return sorted(best.values(), key=lambda hit: (-hit.score, hit.id))[:limit]


def find(catalog: str | None, identity: str) -> tuple[Pattern, Catalog]:
    """A pattern with all that is known.

    Raises:
        UsageError: there is none of this id.
    """
    known = load(catalog)
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
