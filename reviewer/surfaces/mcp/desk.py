"""Where the server works: one repository, one catalog, one model, as the person who started it has said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewer.domain.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Desk:
    """What all tools share. An assistant chooses none of it.

    Attributes:
        repository: the directory that is worked on; nothing outside of its repository is read.
        model: who explains, as for `--model`; None leaves it to the settings.
        catalog: a folder or a database URL; None for the usual place.
        learns: post-mortems may be recorded.
    """

    repository: Path
    model: str | None = None
    catalog: str | None = None
    learns: bool = True

    def known(self) -> Catalog:
        """All that the catalogs hold.

        Raises:
            CatalogError: one of them cannot be read.
        """
        from reviewer.catalog_wiring import load_catalogs

        return load_catalogs(self.catalog, self.repository)
