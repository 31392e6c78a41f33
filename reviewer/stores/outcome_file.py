"""Outcomes in a file that only grows: one JSON table a line."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from reviewer.catalog.form.outcome import moment_of, read_outcome, write_outcome
from reviewer.domain.catalog import Outcome
from reviewer.errors import CatalogError

_PATIENCE = 30.0
"""Seconds to wait for another writer."""


class OutcomeFile:
    """Outcomes of findings.

    Args:
        path: the file, made at need and for this user alone.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.complaint: str | None = None

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Append outcomes, each whole or not at all.

        Raises:
            CatalogError: the file cannot be written.
        """
        if not outcomes:
            return
        from filelock import FileLock, Timeout  # noqa: PLC0415 (only writing needs it)

        lines = "".join(f"{json.dumps(write_outcome(outcome))}\n" for outcome in outcomes).encode()
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with FileLock(f"{self._path}.lock", timeout=_PATIENCE):
                descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
                with os.fdopen(descriptor, "r+b", buffering=0) as file:
                    _append(file.fileno(), lines)
        except Timeout as error:
            raise CatalogError(
                str(self._path), f"another process has held it for {_PATIENCE:g} s; try again"
            ) from error
        except OSError as error:
            raise CatalogError(
                str(self._path), f"cannot be written ({error.strerror}); check its permissions and the disk"
            ) from error

    def read(self) -> Sequence[Outcome]:
        """All outcomes, the oldest first, each once. A line that is damaged is passed over, and complained of."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise CatalogError(str(self._path), f"cannot be read ({error.strerror}); check its permissions") from error
        found: dict[Outcome, None] = {}
        damaged = 0
        # What stands behind the last line end is the beginning of a write that was cut off.
        for number, line in enumerate(data.split(b"\n")[:-1], start=1):
            if not line.strip():
                continue
            try:
                found[read_outcome(json.loads(line), f"{self._path}: line {number}")] = None
            except (ValueError, RecursionError, CatalogError):
                damaged += 1
        if damaged:
            self.complaint = f"{self._path}: {damaged} damaged lines are passed over"
        return tuple(sorted(found, key=moment_of))


def _append(descriptor: int, lines: bytes) -> None:
    """Append whole lines, behind a line end where a write was cut off before; under the lock."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    if end and os.pread(descriptor, 1, end - 1) != b"\n":
        lines = b"\n" + lines
    while lines:
        lines = lines[os.write(descriptor, lines) :]
    os.fsync(descriptor)
