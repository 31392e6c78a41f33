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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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
    """

    name: str
    own: bool
    commit: str = ""


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
    from reviewer.wiring import installed_version  # noqa: PLC0415 (start-up)

    if "://" in place.name:
        from reviewer.stores.catalog_sql import SqlCatalog  # noqa: PLC0415 (start-up)

        return SqlCatalog(place.name)
    from reviewer.stores.catalog_folder import FolderCatalog  # noqa: PLC0415 (start-up)

    return FolderCatalog(Path(place.name), _outcome_file(), _cache(), installed_version())


def _cache() -> Path | None:
    from platformdirs import user_cache_path  # noqa: PLC0415 (start-up)

    cache = os.environ.get("REVIEWER_CACHE", "")
    return None if cache == "off" else Path(cache) if cache else user_cache_path("reviewer", appauthor=False)


def _outcome_file() -> Path:
    from platformdirs import user_data_path  # noqa: PLC0415 (start-up)

    return user_data_path("reviewer", appauthor=False) / "outcomes.jsonl"


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


def catalog_of_review(change: Change, authority: str | None, given: str | None = None) -> ReviewCatalog:
    """What the catalogs that count bring into a review. Nothing in them ends it; what cannot be read is told.

    Args:
        change: what is reviewed.
        authority: the revision whose catalog counts; None for the work tree (`wiring.Prepared`).
        given: where the team's catalog is; None for the usual place.
    """
    failures: list[tuple[str, str]] = []
    found: Sequence[CatalogPlace] = places(given, Path(change.repository or "."))
    notes: tuple[str, ...] = ()
    state: str | None
    chosen = given or os.environ.get("REVIEWER_CATALOG")
    if not chosen and change.repository is not None and authority is not None:
        found = (CatalogPlace(change.repository, own=True, commit=authority), *found[1:])
        state, notes = _committed(change, authority)
    else:
        state = _state_of(found[0])
    quiet = Quiet()
    try:
        from reviewer.catalog.outcome import quiet_by  # noqa: PLC0415 (start-up)

        quiet = quiet_by(_outcomes(found[0]), change.repository or "")
    except CatalogError as error:
        failures.append(("what became of earlier findings", str(error)))
    named = None if state is None else f"{state} {sorted(quiet.patterns.items())}"
    patterns = Patterns(partial(_open_patterns, found, quiet.patterns), named)
    return ReviewCatalog(patterns, quiet, notes, tuple(failures))


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
    from reviewer.stores.catalog_snapshot import SnapshotCatalog  # noqa: PLC0415 (start-up)
    from reviewer.wiring import installed_version  # noqa: PLC0415 (start-up)

    folder = CommittedFolder(place.name, place.commit, FOLDER, Limits().file_bytes)
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


def _committed(change: Change, authority: str) -> tuple[str | None, tuple[str, ...]]:
    """A name for the catalog at the revision that counts, and notes where the one of the change is another."""
    from reviewer.wiring import open_repository  # noqa: PLC0415 (start-up)

    try:
        with open_repository(change.repository or ".") as repository:
            counts = repository.object_id(FOLDER, authority)
            brought = counts if change.head is None else repository.object_id(FOLDER, change.head)
    except (RepositoryError, RevisionError):
        return None, ()  # whoever opens the patterns tells what is wrong
    touched = any(file.path.startswith(f"{FOLDER}/") for file in change.files)
    if change.base is not None and (counts != brought or touched):
        note = f"the change brings another catalog; that of its base counts until it is merged ({FOLDER})"
    elif counts is None and brought is None and _has_patterns(Path(change.repository or ".", FOLDER)):
        note = f"the catalog of the work tree is in no commit yet, and does not count before it is ({FOLDER})"
    else:
        note = ""
    return counts or "none", (note,) if note else ()


def _has_patterns(folder: Path) -> bool:
    return next(folder.glob("patterns/*.toml"), None) is not None


def _state_of(place: CatalogPlace) -> str | None:
    """Names, sizes and times of the files of a team's catalog; None for a database.

    The starter catalog changes with the reviewer only.
    """
    if "://" in place.name:
        return None
    seen = hashlib.sha256()
    for path in sorted(Path(place.name).glob("*/*.toml")):
        status = path.stat()
        seen.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return seen.hexdigest()
