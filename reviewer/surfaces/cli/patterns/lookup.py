"""`reviewer patterns search`, `match`, `siblings`, `list` and `show`: what is known, and where it fits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reviewer.errors import UsageError
from reviewer.surfaces.cli.patterns.shared import (
    HERE,
    CatalogOption,
    FormatOption,
    IdArgument,
    find,
    is_json,
    short_record,
)
from reviewer.surfaces.cli.review import FINE, INCOMPLETE, RepoOption, prepare
from reviewer.surfaces.cli.terminal import emit, progress, read_stdin, tell

if TYPE_CHECKING:
    from reviewer.domain.catalog import Hit, Wish

_STDIO = "-"
_MOST_RESULTS = 10

LibraryOption = Annotated[list[str] | None, typer.Option("--library", help="Only of this library; may be repeated.")]
ServiceOption = Annotated[
    list[str] | None, typer.Option("--service", help="Only of this sort of call (http, db, cache, …).")
]
ClassOption = Annotated[list[str] | None, typer.Option("--class", help="Only of this class of failure.")]
SinceOption = Annotated[str, typer.Option("--since", metavar="DAY", help="Only incidents from this day on.")]
UntilOption = Annotated[str, typer.Option("--until", metavar="DAY", help="Only incidents up to this day.")]
AssistantOption = Annotated[
    list[str] | None, typer.Option("--assistant", help="Only of code that this assistant wrote.")
]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=100, help="Most answers.")]


def search(
    words: Annotated[list[str], typer.Argument(metavar="TEXT...", help="What you want to know, in words.")],
    *,
    library: LibraryOption = None,
    service: ServiceOption = None,
    failure: ClassOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    assistant: AssistantOption = None,
    limit: LimitOption = _MOST_RESULTS,
    catalog: CatalogOption = None,
    form: FormatOption = "text",
) -> int:
    """Look up what has happened, in words or with a few lines of code. Nothing is said where nothing fits."""
    as_json = is_json(form)
    wish = _wish(library, service, failure, since=since, until=until, assistant=assistant)
    text = " ".join(words)
    from reviewer.catalog.lookup.search import search as search_in
    from reviewer.catalog_wiring import look_up

    hits = look_up(catalog, HERE, lambda store: search_in(store.index(), text, wish, limit), limit)
    _answer(text, hits, as_json=as_json)
    return FINE


def match(
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="Python code, - for stdin. Default: what changed.")
    ] = None,
    *,
    diff: Annotated[str | None, typer.Option(metavar="FILE", help="A unified diff out of this file, or -.")] = None,
    base: Annotated[str | None, typer.Option(metavar="REV", help="Compare with this revision.")] = None,
    head: Annotated[str | None, typer.Option(metavar="REV", help="Look at this revision.")] = None,
    repo: RepoOption = None,
    library: LibraryOption = None,
    service: ServiceOption = None,
    failure: ClassOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    assistant: AssistantOption = None,
    limit: LimitOption = _MOST_RESULTS,
    catalog: CatalogOption = None,
    form: FormatOption = "text",
) -> int:
    """Look up which patterns some code meets: a file, a diff, or the commits that the upstream does not have."""
    as_json = is_json(form)
    wish = _wish(library, service, failure, since=since, until=until, assistant=assistant)
    if file is not None and (diff is not None or base is not None or head is not None):
        raise UsageError("FILE and a diff do not go together; name one of them")
    from reviewer.catalog.lookup.match import match as match_in
    from reviewer.catalog_wiring import look_up
    from reviewer.pattern_review import code_of_change, code_of_text

    if file is not None:
        source = read_stdin() if file == _STDIO else _source(Path(file))
        code, asked = code_of_text(source), file
    else:
        prepared = prepare(repo, base=base, head=head, diff=diff)
        code, asked = code_of_change(prepared.change, prepared.sources), diff or "the change"
    hits = look_up(catalog, HERE, lambda store: match_in(store.index(), code, wish, limit), limit)
    _answer(asked, hits, as_json=as_json)
    return FINE


def siblings(
    identity: IdArgument,
    *,
    repo: RepoOption = None,
    head: Annotated[str | None, typer.Option(metavar="REV", help="Search this revision. Default: HEAD.")] = None,
    catalog: CatalogOption = None,
    form: FormatOption = "text",
) -> int:
    """Search a whole project for the places that a pattern finds, after an incident.

    Exit codes: 0 searched, 2 wrong usage, 3 some files could not be searched.
    """
    as_json = is_json(form)
    pattern, _ = find(catalog, identity)
    if pattern.detector is None:
        raise UsageError(f"{identity} has no detector; 'reviewer patterns show {identity}' tells what is known of it")
    from reviewer.pattern_review import find_siblings

    prepared = prepare(repo, head=head, everything=True)
    with progress("searching") as count:
        found = find_siblings(pattern.detector, prepared.change, prepared.sources, count)
    if as_json:
        emit(json.dumps({"id": pattern.id, "title": pattern.title, **found.data()}, indent=2) + "\n")
    else:
        emit("".join(f"{place.path}:{place.match.line}: {place.match.code}\n" for place in found.places))
        tell(f"{len(found.places)} places in {found.files} files")
    for path, reason in found.not_checked:
        tell(f"not searched: {path}: {reason}")
    return INCOMPLETE if found.not_checked else FINE


def list_all(*, catalog: CatalogOption = None, form: FormatOption = "text") -> int:
    """List all patterns with their state and class of failure."""
    as_json = is_json(form)
    from reviewer.catalog_wiring import load_catalogs

    patterns = load_catalogs(catalog, HERE).patterns
    if as_json:
        emit(json.dumps([short_record(pattern) for pattern in patterns], indent=2) + "\n")
        return FINE
    widest = max((len(pattern.id) for pattern in patterns), default=0)
    emit("".join(f"{p.id:<{widest}}  {p.state:<9}  {p.failure:<18}  {p.title}\n" for p in patterns))
    return FINE


def show(
    identity: IdArgument,
    *,
    catalog: CatalogOption = None,
    form: FormatOption = "text",
) -> int:
    """Show one pattern: when code fails, what to do instead, where it happened, and the record of its replay."""
    as_json = is_json(form)
    pattern, known = find(catalog, identity)
    from reviewer.catalog.form.pattern import write_pattern
    from reviewer.render.pattern import pattern_page

    emit(json.dumps(write_pattern(pattern), indent=2) + "\n" if as_json else pattern_page(pattern, known.lessons))
    return FINE


def _source(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}; name a readable file, or - for stdin") from error


def _wish(
    library: Sequence[str] | None,
    service: Sequence[str] | None,
    failure: Sequence[str] | None,
    *,
    since: str,
    until: str,
    assistant: Sequence[str] | None,
) -> Wish:
    from datetime import date

    from reviewer.domain.catalog import Wish
    from reviewer.domain.pattern import FAILURES

    for option, day in (("--since", since), ("--until", until)):
        try:
            if day:
                date.fromisoformat(day)
        except ValueError as error:
            raise UsageError(f"{option} {day}: write a day as 2026-03-31") from error
    for name in failure or ():
        if name not in FAILURES:
            raise UsageError(f"--class {name}: take {', '.join(FAILURES)}")
    return Wish(tuple(library or ()), tuple(service or ()), tuple(failure or ()), since, until, tuple(assistant or ()))


def _answer(asked: str, hits: Sequence[Hit], *, as_json: bool) -> None:
    if as_json:
        emit(json.dumps({"query": asked, "results": [hit.data() for hit in hits]}, indent=2) + "\n")
        return
    if not hits:
        tell("nothing that is known here fits")
    from reviewer.render.pattern import hit_lines

    emit("".join(hit_lines(hit) for hit in hits))
