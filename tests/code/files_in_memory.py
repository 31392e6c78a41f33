"""The files of a project, for tests that need no repository."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence


class Files:
    """Sources in memory, which tell what was given of them.

    Args:
        files: path -> text; it may be indented as a whole.
    """

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = {path: textwrap.dedent(text).lstrip("\n").encode() for path, text in files.items()}
        self.given: list[str] = []

    def read(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        """Those of the files that there are."""
        found = {path: self.files[path] for path in paths if path in self.files}
        self.given += found
        return found

    def mentioning(self, word: str, folders: Sequence[str]) -> Sequence[str]:
        """Files in the folders, or in a folder in them, whose text holds the word."""
        places = {path: path.rpartition("/")[0] for path in self.files}
        near = [path for path, place in places.items() if {place, place.rpartition("/")[0]} & set(folders)]
        return sorted(path for path in near if word in self.files[path].decode())

    def close(self) -> None:
        """Nothing is held open."""
