"""A team's catalog as it is at one commit of its repository: read only, and compiled once for each state of it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.catalog.form.table import shown
from reviewer.errors import CatalogError, RepositoryError, RevisionError
from reviewer.stores.catalog_folder import is_member, member_of
from reviewer.stores.compiled import Compiled, Member, Signature

if TYPE_CHECKING:
    from reviewer.ports import CatalogIndex, Folder


class SnapshotCatalog:
    """The patterns and lessons of a folder that does not change. Not for several threads at once.

    Args:
        folder: the folder; closed with the catalog.
        cache: folder for the compiled form; None for memory alone.
        version: of the reviewer; another one compiles anew.
    """

    def __init__(self, folder: Folder, cache: Path | None = None, version: str = "") -> None:
        self._folder = folder
        # A file for each state, and none that several states share: a review of another base may run meanwhile.
        self._compiled = Compiled(*_compiled_files(folder, cache, version))

    @property
    def complaint(self) -> str | None:
        """What a person should know of its state; None where all is well."""
        return self._compiled.complaint

    def index(self) -> CatalogIndex:
        """What finds its members.

        Raises:
            CatalogError: something in it cannot be understood or read; the error names it and the reason.
        """
        try:
            self._compiled.refresh_as(self._folder.identity, self._list, self._read)
        except (RepositoryError, RevisionError) as error:
            raise CatalogError(self._folder.name, str(error)) from error
        return self._compiled.finder()

    def close(self) -> None:
        """Let go of what is held open."""
        self._compiled.close()
        self._folder.close()

    def _list(self) -> dict[str, Signature]:
        files = self._folder.files()
        if "" in files:
            raise CatalogError(self._folder.name, "is a link; replace it with what it leads to")
        return {file: files[file] for file in files if is_member(file)}

    def _read(self, file: str) -> Member:
        place = f"{self._folder.name}: {file if file.isprintable() else shown(file)}"
        data = self._folder.read(file)
        if data is None:
            raise CatalogError(place, "is not a regular file, or too large; replace it with one")
        return member_of(file, data, place)


def _compiled_files(folder: Folder, cache: Path | None, version: str) -> tuple[Path | None, Path | None]:
    """Where its compiled form is kept, and where that of an earlier state of the same folder is, the last one used."""
    if cache is None:
        return None, None
    state, origin = (hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]
                     for text in (folder.identity, folder.origin))  # fmt: skip
    file = cache / f"catalog-{origin}-{state}-{version}.sqlite"
    return file, max(cache.glob(f"catalog-{origin}-*-{version}.sqlite"), key=_age, default=None)


def _age(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:  # deleted meanwhile
        return 0.0
