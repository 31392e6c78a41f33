"""Joins the parts for the catalog: where it is kept, what ships with the reviewer, and where fixes are read.

A team's catalog is the folder `.reviewer/catalog` of its repository, reviewed like code, or what `--catalog` or the
environment variable REVIEWER_CATALOG names: another folder, or the URL of a database. Outside of a repository it is a
folder in the user's own data directory. The starter catalog ships with the reviewer and is only read.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.domain.settings import Limits
from reviewer.errors import RepositoryError
from reviewer.ports import CatalogStore
from reviewer.work.job import Patterns

if TYPE_CHECKING:
    from reviewer.catalog.induce.workshop import Workshop
    from reviewer.catalog.meeting import KnownPatterns

FOLDER = ".reviewer/catalog"
STARTER = Path(__file__).parent / "catalog" / "starter"


@dataclass(frozen=True, slots=True)
class CatalogPlace:
    """Where a catalog is.

    Attributes:
        name: a URL or a path, as a person is told.
        own: it is the team's, and may be written.
    """

    name: str
    own: bool


def places(given: str | None, start: Path) -> tuple[CatalogPlace, ...]:
    """The catalogs that count, the team's own first, then the one that ships with the reviewer.

    Args:
        given: what a person named: a folder or a URL; None for the usual place.
        start: a directory in the repository that is worked on.
    """
    own = given or os.environ.get("REVIEWER_CATALOG") or str(_usual(start))
    return CatalogPlace(own, own=True), CatalogPlace(str(STARTER), own=False)


def open_catalog(place: CatalogPlace) -> CatalogStore:
    """Open a catalog; close it after use.

    Raises:
        CatalogError: it cannot be opened.
    """
    from platformdirs import user_cache_path, user_data_path  # noqa: PLC0415 (start-up)

    from reviewer.wiring import installed_version  # noqa: PLC0415 (start-up)

    if "://" in place.name:
        from reviewer.stores.catalog_sql import SqlCatalog  # noqa: PLC0415 (start-up)

        return SqlCatalog(place.name)
    from reviewer.stores.catalog_folder import FolderCatalog  # noqa: PLC0415 (start-up)

    cache = os.environ.get("REVIEWER_CACHE", "")
    folder = None if cache == "off" else Path(cache) if cache else user_cache_path("reviewer", appauthor=False)
    data = user_data_path("reviewer", appauthor=False)
    return FolderCatalog(Path(place.name), data / "outcomes.jsonl", folder, installed_version())


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


def known_patterns(repository: str | None, given: str | None = None) -> Patterns:
    """The patterns of the catalogs that count in a review.

    Args:
        repository: root of the work tree that is reviewed, or the bare repository; None where there is none.
        given: where the team's catalog is; None for the usual place.
    """
    found = places(given, Path(repository or "."))
    return Patterns(partial(_open_patterns, found, repository or ""), _state_of(found))


def _open_patterns(found: Sequence[CatalogPlace], repository: str) -> KnownPatterns:
    from reviewer.catalog.meeting import KnownPatterns  # noqa: PLC0415 (start-up)
    from reviewer.catalog.outcome import quiet_subjects  # noqa: PLC0415 (start-up)

    stores = [open_catalog(place) for place in found]
    indexes = [(store.index(), place.own) for store, place in zip(stores, found, strict=True)]
    quiet = quiet_subjects(stores[0].outcomes(), "pattern", repository)

    def close() -> None:
        for store in stores:
            store.close()

    return KnownPatterns(indexes, quiet, close)


def _state_of(found: Sequence[CatalogPlace]) -> str | None:
    """Names, sizes and times of the files of the team's catalog; the starter catalog changes with the reviewer only."""
    seen = hashlib.sha256()
    for place in found:
        if "://" in place.name:
            return None
        if place.own:
            for path in sorted(Path(place.name).glob("*/*.toml")):
                status = path.stat()
                seen.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return seen.hexdigest()
