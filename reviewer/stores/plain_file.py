"""Files in a folder that a stranger may have filled: read only where they are plain, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from reviewer.errors import CatalogError

_MOST_BYTES = 1024 * 1024
"""A larger file is no pattern or lesson."""


class VanishedError(Exception):
    """A file that was there a moment ago; a writer is at it, and it is looked for again."""


def read_plain(path: Path, place: str, most: int = _MOST_BYTES) -> bytes:
    """The bytes of a plain file; what a repository brings as a link, a pipe or a huge file is not read.

    Args:
        path: the file.
        place: what to call it in an error.
        most: bytes that it may have.

    Raises:
        VanishedError: it is not there.
        CatalogError: it is not a regular file, too large, or cannot be read.
    """
    descriptor = -1
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise CatalogError(place, "is not a regular file; replace it with one")
        if status.st_size > most:
            raise CatalogError(place, f"is larger than {most} bytes; shorten it")
        with os.fdopen(descriptor, "rb") as file:
            descriptor = -1
            return file.read(most + 1)
    except FileNotFoundError as error:
        raise VanishedError(place) from error
    except OSError as error:
        raise CatalogError(place, f"cannot be read ({error.strerror}); replace it with a plain file") from error
    finally:
        if descriptor >= 0:
            os.close(descriptor)


def write_whole(path: Path, data: bytes, *, settled: bool = False) -> None:
    """Write a file so that it is there whole, or as it was before.

    Args:
        path: the file.
        data: what it is to hold.
        settled: the caller sees to it that it outlasts a loss of power.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)  # left by a kill, or laid there as a link to something else
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:
        file.write(data)
        file.flush()
        if not settled:
            os.fsync(file.fileno())
    temporary.replace(path)


def settle(folder: Path) -> None:
    """Make the names in a folder outlast a loss of power, where the system lets one ask for that."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
