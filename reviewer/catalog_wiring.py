"""Joins the parts for the catalog: where it is kept, what ships with the reviewer, and where fixes are read.

A team's catalog is the folder `.reviewer/catalog` of its repository, reviewed like code, or what `--catalog` or the
environment variable REVIEWER_CATALOG names: another folder, or the URL of a database. Outside of a repository it is a
folder in the user's own data directory. The starter catalog ships with the reviewer and is only read.

Whose folder counts in a review: that of the **base** commit, as with settings (`wiring`), since the head is what is
reviewed and must not silence a pattern, nor add one that shouts; a note tells when the head's differs. Without a base
that of the head counts, else that of the work tree. What was named by hand or in the environment is taken as it is.
What became of findings is kept in the user's data directory or in the database, where no change reaches it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.domain.catalog import Outcome, Quiet
from reviewer.domain.change import Change
from reviewer.domain.settings import Limits
from reviewer.errors import CatalogError, RepositoryError, RevisionError
from reviewer.ports import CatalogIndex, CatalogStore
from reviewer.work.job import Patterns

if TYPE_CHECKING:
    from reviewer.catalog.induce.workshop import Workshop
    from reviewer.catalog.meeting import KnownPatterns
    from reviewer.domain.catalog import Catalog, Hit
    from reviewer.domain.lesson import Lesson
    from reviewer.domain.pattern import Pattern
    from reviewer.stores.catalog_snapshot import SnapshotCatalog

FOLDER = ".reviewer/catalog"
STARTER = Path(__file__).parent / "catalog" / "starter"


@dataclass(frozen=True, slots=True)
class CatalogPlace:
    """Where a catalog is.

    Attributes:
        name: a URL or a path, as a person is told.
        own: it is the team's, and may be written.
        commit: it is `FOLDER` as it is at this commit of the repository `name`, only read; "" for what is there now.
        identity: the id of its tree there.
    """

    name: str
    own: bool
    commit: str = ""
    identity: str = ""


@dataclass(frozen=True, slots=True)
class ReviewCatalog:
    """What the catalogs bring into a review.

    Attributes:
        patterns: their patterns.
        quiet: rules and patterns that are told quietly for having been wrong too often.
        notes: what a person should know of whose catalog counts.
        failures: what could not be read, and why.
    """

    patterns: Patterns
    quiet: Quiet
    notes: tuple[str, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()


def places(given: str | None, start: Path) -> tuple[CatalogPlace, ...]:
    """The catalogs that count, the team's own first, then the one that ships with the reviewer.

    Args:
        given: what a person named: a folder or a URL; None for the usual place.
        start: a directory in the repository that is worked on.
    """
    own = given or os.environ.get("REVIEWER_CATALOG") or str(_usual(start))
    return CatalogPlace(own, own=True), CatalogPlace(str(STARTER), own=False)


def open_catalog(place: CatalogPlace) -> CatalogStore:
    """Open a catalog that may be written; close it after use.

    Raises:
        CatalogError: it cannot be opened.
    """
    from reviewer.memory_wiring import installed_version  # noqa: PLC0415 (start-up)

    if "://" in place.name:
        from reviewer.stores.catalog_sql import SqlCatalog  # noqa: PLC0415 (start-up)

        return SqlCatalog(place.name)
    from reviewer.stores.catalog_folder import FolderCatalog  # noqa: PLC0415 (start-up)

    folder = Path(place.name)
    # What a repository brings must not have something elsewhere read or written.
    if folder.parts[-2:] == Path(FOLDER).parts and (folder.is_symlink() or folder.parent.is_symlink()):
        raise CatalogError(place.name, "is a link; replace it with what it leads to, or name that with --catalog")
    return FolderCatalog(folder, _outcome_file(), _cache(), installed_version())


@contextmanager
def open_catalogs(given: str | None, start: Path) -> Iterator[list[CatalogStore]]:
    """Open the catalogs that count, as `places` names them: the team's own first.

    Raises:
        CatalogError: one of them cannot be opened.
    """
    with ExitStack() as stack:
        yield [stack.enter_context(closing(open_catalog(place))) for place in places(given, start)]


def load_catalogs(given: str | None, start: Path) -> Catalog:
    """What the catalogs that count hold together, as `joined`."""
    with open_catalogs(given, start) as stores:
        return joined(stores)


def look_up(given: str | None, start: Path, ask: Callable[[CatalogStore], Sequence[Hit]], limit: int) -> list[Hit]:
    """The answers of all catalogs that count, the best first; of one id only the first.

    Args:
        given, start: as for `places`.
        ask: asks one of them.
        limit: most answers.

    Raises:
        CatalogError: one of them cannot be read.
    """
    best: dict[str, Hit] = {}
    with open_catalogs(given, start) as stores:
        for hit in (hit for store in stores for hit in ask(store)):
            best.setdefault(hit.id, hit)
    return sorted(best.values(), key=lambda hit: (-hit.score, hit.id))[:limit]


def _cache() -> Path | None:
    from platformdirs import user_cache_path  # noqa: PLC0415 (start-up)

    cache = os.environ.get("REVIEWER_CACHE", "")
    return None if cache == "off" else Path(cache) if cache else user_cache_path("reviewer", appauthor=False)


def _outcome_file() -> Path:
    from platformdirs import user_data_path  # noqa: PLC0415 (start-up)

    return user_data_path("reviewer", appauthor=False) / "outcomes.jsonl"


def joined(stores: Sequence[CatalogStore]) -> Catalog:
    """What some catalogs hold, the first of them deciding where two hold the same id.

    Raises:
        CatalogError: one of them cannot be read.
    """
    from reviewer.domain.catalog import Catalog  # noqa: PLC0415 (start-up)

    patterns: dict[str, Pattern] = {}
    lessons: dict[str, Lesson] = {}
    for store in stores:
        found = store.load()
        for pattern in found.patterns:
            patterns.setdefault(pattern.id, pattern)
        for lesson in found.lessons:
            lessons.setdefault(lesson.id, lesson)
    return Catalog(tuple(patterns[one] for one in sorted(patterns)), tuple(lessons[one] for one in sorted(lessons)))


@contextmanager
def open_workshop(repository: Path | str) -> Iterator[Workshop]:
    """Makes detectors from the fixes of a repository.

    Raises:
        RepositoryError: there is no repository.
    """
    from reviewer.catalog.induce.workshop import Workshop  # noqa: PLC0415 (start-up)
    from reviewer.diff.repository import GitRepository  # noqa: PLC0415 (start-up)
    from reviewer.diff.sources import RevisionSources  # noqa: PLC0415 (start-up)
    from reviewer.knowledge.lookup import Knowledge  # noqa: PLC0415 (start-up)

    limit = Limits().file_bytes
    with GitRepository(repository, file_bytes=limit) as opened:
        yield Workshop(opened, lambda commit: RevisionSources(str(repository), commit, limit), Knowledge())


def _usual(start: Path) -> Path:
    from platformdirs import user_data_path  # noqa: PLC0415 (start-up)

    from reviewer.diff.place import locate  # noqa: PLC0415 (start-up)

    try:
        place = locate(start)
    except RepositoryError:
        place = None
    if place is not None and place.work_tree is not None:
        return place.work_tree / FOLDER
    return user_data_path("reviewer", appauthor=False) / "catalog"


def catalog_of_review(
    change: Change, authority: str | None, given: str | None = None, *, beside: str | None = None
) -> ReviewCatalog:
    """What the catalogs that count bring into a review. Nothing in them ends it; what cannot be read is told.

    Args:
        change: what is reviewed.
        authority: the revision whose catalog counts; None for the work tree (`wiring.Prepared`).
        given: where the team's catalog is; None for the usual place.
        beside: where another catalog of the team is, which counts too, and which knows what became of findings; None
            for none.
    """
    found: Sequence[CatalogPlace] = places(given, Path(change.repository or "."))
    own, starter = found
    notes: tuple[str, ...] = ()
    state: str | None
    if given or os.environ.get("REVIEWER_CATALOG") or change.repository is None or authority is None:
        state = _state_of(own)
    else:
        committed, notes = _committed(change, authority)
        found = (starter,) if committed is None else (committed, starter)
        state = "none" if committed is None else committed.identity
    told = own
    if beside is not None:
        told = CatalogPlace(beside, own=True)
        found = (*found[:-1], told, starter)
        more = _state_of(told)
        state = None if state is None or more is None else f"{state} {more}"
    failures: list[tuple[str, str]] = []
    quiet = Quiet()
    try:
        from reviewer.catalog.outcome import quiet_by  # noqa: PLC0415 (start-up)

        quiet = quiet_by(_outcomes(told), change.repository or "")
    except CatalogError as error:
        failures.append(("what became of earlier findings", str(error)))
    named = None if state is None else f"{state} {sorted(quiet.patterns.items())}"
    return ReviewCatalog(Patterns(partial(_open_patterns, found, quiet.patterns), named), quiet, notes, tuple(failures))


def _open_patterns(found: Sequence[CatalogPlace], quiet: Mapping[str, str]) -> KnownPatterns:
    from reviewer.catalog.meeting import KnownPatterns  # noqa: PLC0415 (start-up)

    stores = [_open_committed(place) if place.commit else open_catalog(place) for place in found]
    indexes: list[tuple[CatalogIndex, bool]]
    indexes = [(store.index(), place.own) for store, place in zip(stores, found, strict=True)]

    def close() -> None:
        for store in stores:
            store.close()

    return KnownPatterns(indexes, quiet, close)


def _open_committed(place: CatalogPlace) -> SnapshotCatalog:
    from reviewer.diff.folder import CommittedFolder  # noqa: PLC0415 (start-up)
    from reviewer.memory_wiring import installed_version  # noqa: PLC0415 (start-up)
    from reviewer.stores.catalog_snapshot import SnapshotCatalog  # noqa: PLC0415 (start-up)

    folder = CommittedFolder(place.name, place.commit, FOLDER, place.identity, Limits().file_bytes)
    return SnapshotCatalog(folder, _cache(), installed_version())


def _outcomes(place: CatalogPlace) -> Sequence[Outcome]:
    if "://" in place.name:
        store = open_catalog(place)
        try:
            return store.outcomes()
        finally:
            store.close()
    from reviewer.stores.outcome_file import OutcomeFile  # noqa: PLC0415 (start-up)

    return OutcomeFile(_outcome_file()).read()


def _committed(change: Change, authority: str) -> tuple[CatalogPlace | None, tuple[str, ...]]:
    """The catalog at the revision that counts, None where it has none, and notes where the change has another."""
    from reviewer.wiring import open_repository  # noqa: PLC0415 (start-up)

    name = change.repository or "."
    place = CatalogPlace(name, own=True, commit=authority)
    try:
        with open_repository(name) as repository:
            counts = repository.object_id(FOLDER, authority)
            brought = counts if change.head is None else repository.object_id(FOLDER, change.head)
    except (RepositoryError, RevisionError):
        return place, ()  # whoever opens the patterns tells what is wrong
    touched = any(file.path.startswith(f"{FOLDER}/") for file in change.files)
    notes: tuple[str, ...] = ()
    if change.base is not None and (counts != brought or touched):
        notes = (f"the change brings another catalog; that of its base counts until it is merged ({FOLDER})",)
    elif counts is None and brought is None and _has_patterns(Path(name, FOLDER)):
        notes = (f"the catalog of the work tree is in no commit yet, and does not count before it is ({FOLDER})",)
    # A link that leads nowhere is not found either, and is refused when it is opened.
    is_there = counts is not None or Path(name, FOLDER).is_symlink()
    return replace(place, identity=counts or "") if is_there else None, notes


def _has_patterns(folder: Path) -> bool:
    return next(folder.glob("patterns/*.toml"), None) is not None


def _state_of(place: CatalogPlace) -> str | None:
    """Names, sizes and times of the files of a team's catalog, or what a database says; None where it says nothing.

    The starter catalog changes with the reviewer only.
    """
    if "://" in place.name:
        from reviewer.stores.catalog_sql import SqlCatalog  # noqa: PLC0415 (start-up)

        try:
            with closing(SqlCatalog(place.name)) as store:
                return store.state()
        except CatalogError:
            return None  # whoever opens the patterns tells what is wrong
    seen = hashlib.sha256()
    try:
        for path in sorted(Path(place.name).glob("*/*.toml")):
            status = path.lstat()
            seen.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    except OSError:
        return None  # somebody takes it away at this moment, or it cannot be read, which whoever opens it tells
    return seen.hexdigest()
