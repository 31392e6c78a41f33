"""Reads files of a work tree without being led out of it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from reviewer.diff.path import encode, is_safe


@dataclass(frozen=True, slots=True)
class FileContent:
    """What became of reading a file.

    Attributes:
        data: its bytes; None where they could not be had.
        reason: why not; None where they could.
        too_large: the reason is the limit.
    """

    data: bytes | None
    reason: str | None = None
    too_large: bool = False


def too_large(size: int, limit: int) -> FileContent:
    """What is told of a file of more bytes than the limit."""
    reason = f"its {size:,} bytes are larger than the limit of {limit:,}; raise limits.file-bytes"
    return FileContent(None, reason, too_large=True)


def read_file(root: Path, path: str, limit: int) -> FileContent | None:
    """Read one file of a work tree.

    Symbolic links are followed only to places inside the tree; nothing is read from git's own directory, from pipes or
    from devices.

    Args:
        root: the tree's root.
        path: relative to the root, '/' between parts.
        limit: a file of more bytes is not read.

    Returns:
        None where there is no such file.
    """
    if not is_safe(path):
        return None
    top = os.path.realpath(os.fsencode(root))
    try:
        real = os.path.realpath(os.path.join(top, encode(path)), strict=True)  # noqa: PTH118 (bytes)
    except FileNotFoundError:
        return None
    except OSError as error:  # a loop of links, a name too long, a directory that may not be entered
        return None if isinstance(error, NotADirectoryError) else FileContent(None, _unreadable(error))
    inside = os.path.relpath(real, top).split(os.fsencode(os.sep))
    if inside[0] == b".." or b".git" in inside:
        return FileContent(None, "it is a symbolic link out of the repository, which is not followed")
    try:
        descriptor = os.open(real, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        return FileContent(None, _unreadable(error))
    try:
        return _read_open(descriptor, limit)
    except OSError as error:
        return FileContent(None, _unreadable(error))
    finally:
        os.close(descriptor)


def _read_open(descriptor: int, limit: int) -> FileContent | None:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        return None
    if status.st_size > limit:
        return too_large(status.st_size, limit)
    with open(descriptor, "rb", closefd=False) as file:
        data = file.read(limit + 1)
    return FileContent(data) if len(data) <= limit else too_large(len(data), limit)


def _unreadable(error: OSError) -> str:
    return f"it cannot be read ({error.strerror or type(error).__name__}); check its permissions"
