"""A folder of a repository as it is at one commit, whatever the work tree holds."""

from __future__ import annotations

from collections.abc import Mapping

from reviewer.diff.repository import GitRepository


class CommittedFolder:
    """Reads the files of a folder out of a commit. Not for several threads at once; it can be sent to another process.

    Args:
        directory: the repository.
        commit: full id.
        folder: from the root of the repository.
        identity: the id of its tree (`GitRepository.object_id`).
        file_bytes: a file of more bytes is not read.
    """

    def __init__(self, directory: str, commit: str, folder: str, identity: str, file_bytes: int) -> None:
        self._directory = directory
        self._commit = commit
        self._folder = folder
        self._identity = identity
        self._file_bytes = file_bytes
        self._repository: GitRepository | None = None
        self._ids: Mapping[str, str] = {}

    @property
    def name(self) -> str:
        """As a person is told it."""
        return f"{self._folder} at {self._commit[:12]}"

    @property
    def origin(self) -> str:
        """The repository, and the folder in it."""
        return f"{self._directory}: {self._folder}"

    @property
    def identity(self) -> str:
        """Changes whenever a file of the folder does."""
        return self._identity

    def files(self) -> Mapping[str, str]:
        """Files of the folder and those below it, from there -> what changes whenever the file does.

        Raises:
            RepositoryError: git failed.
        """
        self._ids = self._open().listed(self._folder, self._commit)
        return self._ids

    def read(self, file: str) -> bytes | None:
        """Contents of a plain file; None for a link, for what is too large, and for what is not there.

        Raises:
            RepositoryError: git failed.
        """
        mode, _, name = self._ids.get(file, "").partition(" ")
        return self._open().blob(name) if mode.startswith("100") else None

    def close(self) -> None:
        """End git's process."""
        if self._repository is not None:
            self._repository.close()
            self._repository = None

    def _open(self) -> GitRepository:
        if self._repository is None:
            self._repository = GitRepository(self._directory, file_bytes=self._file_bytes)
        return self._repository
