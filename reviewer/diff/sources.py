"""The files of one revision of a repository, for those who follow a change into files that it does not touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reviewer.diff.repository import GitRepository
from reviewer.errors import RepositoryError, RevisionError


class RevisionSources:
    """Reads files as they are at a revision. Not for several threads at once.

    Args:
        directory: the repository.
        revision: a commit, ":" for the index, None for the work tree.
        file_bytes: a file of more bytes is not read.
    """

    def __init__(self, directory: str, revision: str | None, file_bytes: int) -> None:
        self._directory = directory
        self._revision = revision
        self._file_bytes = file_bytes
        self._repository: GitRepository | None = None

    def read(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        """Contents of those of the paths that exist and may be read."""
        try:
            return self._open().read(paths, self._revision)
        except (RepositoryError, RevisionError):
            return {}  # the change itself was read from there; what lies beside it is then simply not known

    def mentioning(self, word: str, folders: Sequence[str]) -> Sequence[str]:
        """Python files directly in some folders, or in a folder directly in them, whose text holds a word; sorted."""
        try:
            return self._open().mentioning(word, folders, self._revision)
        except (RepositoryError, RevisionError):
            return ()

    def _open(self) -> GitRepository:
        if self._repository is None:
            self._repository = GitRepository(self._directory, file_bytes=self._file_bytes)
        return self._repository

    def close(self) -> None:
        """End git's process."""
        if self._repository is not None:
            self._repository.close()
            self._repository = None
