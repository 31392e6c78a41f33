"""`reviewer patterns export`, `import` and `pin`: keeping a catalog."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from reviewer.errors import UsageError
from reviewer.surfaces.cli.patterns.shared import HERE, CatalogOption, IdArgument, find
from reviewer.surfaces.cli.review import FINE, rule_ids
from reviewer.surfaces.cli.terminal import check_file, emit, tell, write_file

_TARGETS = ("agents-md", "json")


def export(
    *,
    to: Annotated[str, typer.Option("--to", help="agents-md: a block for AGENTS.md and its like; json: all of it.")],
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write here; of agents-md only the block.")
    ] = None,
    catalog: CatalogOption = None,
) -> int:
    """Write what assistants are to be told, or the whole catalog."""
    if to not in _TARGETS:
        raise UsageError(f"--to {to}: take {' or '.join(_TARGETS)}")
    if output is not None:
        check_file(output)
    if to == "json":
        from reviewer.catalog.form.exchange import export_catalog
        from reviewer.catalog_wiring import load_catalogs

        _write(output, export_catalog(load_catalogs(catalog, HERE)))
        return FINE
    from reviewer.catalog.instructions import block, instructions, place
    from reviewer.catalog_wiring import open_catalogs

    with open_catalogs(catalog, HERE) as (own, *_):
        # What has failed here, and not what the reviewer brings of the failures of others.
        text = block(instructions(own.load(), own.outcomes()))
    if output is not None:
        text = place(_present(output), text, str(output))
    _write(output, text)
    return FINE


def import_from(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A catalog that `export --to json` wrote.")],
    *,
    catalog: CatalogOption = None,
) -> int:
    """Merge another catalog into this one; what differs is told."""
    from reviewer.catalog.form.exchange import import_catalog
    from reviewer.catalog.merging import merge_catalogs
    from reviewer.catalog_wiring import open_catalog, places

    try:
        theirs = import_catalog(file.read_bytes(), file=str(file))
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}; name a readable file") from error
    place, *_ = places(catalog, Path())
    with closing(open_catalog(place)) as store:
        merged, conflicts = merge_catalogs(store.load(), theirs)
        store.put(merged.patterns, merged.lessons)
    for conflict in conflicts:
        tell(f"{conflict.id}: {conflict.kept} is kept: {conflict.reason}")
    emit(f"{len(theirs.patterns)} patterns and {len(theirs.lessons)} lessons merged into {place.name}\n")
    return FINE


def pin(
    identity: IdArgument,
    state: Annotated[
        str, typer.Argument(metavar="STATE", help="candidate, shadow, active or retired; auto lets outcomes decide.")
    ],
    *,
    catalog: CatalogOption = None,
) -> int:
    """Decide on the state of a pattern, whatever its outcomes say."""
    from dataclasses import replace

    from reviewer.catalog_wiring import open_catalog, places
    from reviewer.domain.pattern import State

    states = [one.value for one in State]
    if state not in (*states, "auto"):
        raise UsageError(f"state {state!r}: take {', '.join(states)} or auto")
    if identity in rule_ids():
        line = f'rules-pinned = ["{identity}"]'
        raise UsageError(f"{identity} is a rule; to pin it, write {line} under [tool.reviewer] in pyproject.toml")
    place, *_ = places(catalog, Path())
    pattern, _ = find(catalog, identity)
    if state == "active" and pattern.detector is None:
        raise UsageError(f"{identity} has no detector, so that it cannot be active; it informs look-ups as it is")
    pinned = replace(pattern, pinned=False) if state == "auto" else replace(pattern, state=State(state), pinned=True)
    with closing(open_catalog(place)) as store:
        store.put([pinned])
    emit(f"{identity}: {pinned.state}{', pinned' if pinned.pinned else ''}\n")
    return FINE


def _present(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read as UTF-8 text; name another file") from error


def _write(output: Path | None, text: str) -> None:
    if output is None:
        emit(text)
    else:
        write_file(output, text)
