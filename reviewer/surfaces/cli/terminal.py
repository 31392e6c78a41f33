"""Writing to stdout, stderr and files: what was asked for on stdout, one line at a time on stderr."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import cast

from reviewer.errors import IncompleteReviewError, UsageError
from reviewer.render.safe import visible

PLAIN_WIDTH = 100
"""Columns of a report that goes to no terminal."""
_MOMENT = 0.1
"""Seconds between two counts; more of them nobody could read."""


def emit(text: str) -> None:
    """Write to stdout. Whoever reads may have gone (`| head`): then the rest is dropped without a word.

    Raises:
        IncompleteReviewError: stdout takes no more, for example because the disk is full.
    """
    if sys.stdout is None:
        raise IncompleteReviewError("there is no stdout to write the report to; give --output FILE")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes stdout once more at its end; that must find something that takes it.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise IncompleteReviewError(f"the report cannot be written to stdout: {error.strerror}; free it") from error


def emit_bytes(data: bytes) -> None:
    """Write bytes to stdout as they are, for a program that reads them.

    Raises:
        IncompleteReviewError: stdout takes no more.
    """
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        emit(data.decode("utf-8", "backslashreplace"))
        return
    try:
        sys.stdout.flush()
        buffer.write(data)
        buffer.flush()
    except BrokenPipeError:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise IncompleteReviewError(f"the patch cannot be written to stdout: {error.strerror}; free it") from error


def is_terminal() -> bool:
    """Whether a person reads stdout."""
    return sys.stdout is not None and sys.stdout.isatty()


def read_stdin() -> bytes:
    """All of stdin, in pieces: inside one long read, Ctrl-C would wait for the other side to close.

    Raises:
        UsageError: it is closed, or cannot be read.
    """
    if sys.stdin is None:
        raise UsageError("there is no stdin to read; give it with '<' or '|'")
    try:
        return b"".join(iter(lambda: cast("BufferedReader", sys.stdin.buffer).read1(1 << 16), b""))
    except OSError as error:
        raise UsageError(f"stdin cannot be read: {error.strerror}; give it with '<' or '|'") from error


def tell(line: str) -> None:
    """Write one line about the run itself to stderr."""
    if sys.stderr is None:
        return
    with suppress(OSError):
        sys.stderr.write(f"reviewer: {visible(line, sys.stderr.encoding or 'ascii')}\n")
        sys.stderr.flush()


def write_file(path: Path, text: str) -> None:
    """Write a whole file or nothing: it appears under its name when it is complete.

    Args:
        path: where; what is no regular file (a pipe, /dev/stdout) is written to as it is.
        text: written as UTF-8.

    Raises:
        UsageError: it cannot be written there.
    """
    data = text.encode("utf-8", "backslashreplace")
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        target = path.resolve()
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        with written_beside(target, data, mode):
            pass  # nothing there that must not be lost
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}; name another file") from error


@contextmanager
def written_beside(target: Path, data: bytes, mode: int) -> Iterator[None]:
    """New contents of a file, whole on the disk beside it, which take its place if the block is left without an error.

    Args:
        target: the file, which need not exist; no link.
        data: what it is to hold.
        mode: its permissions.

    Raises:
        OSError: they cannot be written.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:50]}.", dir=target.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        part.chmod(mode)
        yield
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def check_file(path: Path) -> None:
    """Refuse early what `write_file` would refuse, before the work is done that it is to hold.

    Raises:
        UsageError: it cannot be written there.
    """
    folder = path.parent
    if path.is_dir():
        reason = "it is a directory"
    elif not folder.is_dir():
        reason = f"there is no directory {folder}"
    elif path.exists() and not os.access(path, os.W_OK):
        # A file of that name would be replaced, which its permissions do not prevent; they are a wish all the same.
        reason = "it is write-protected"
    elif not os.access(folder, os.W_OK) and (path.is_file() or not path.exists()):
        reason = f"{folder} takes no files from you"
    else:
        return
    raise UsageError(f"{path} cannot be written: {reason}; name another file")


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def encoding() -> str:
    """What stdout can take."""
    return (sys.stdout.encoding if sys.stdout is not None else None) or "ascii"


def has_colour(wanted: bool = True) -> bool:
    """Whether stdout shows colours: a terminal that can, and nobody against it (https://no-color.org)."""
    if not wanted or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout is not None and sys.stdout.isatty()


def width() -> int:
    """Columns of the terminal; `PLAIN_WIDTH` where there is none."""
    if sys.stdout is not None and sys.stdout.isatty():
        return shutil.get_terminal_size((80, 24)).columns
    return PLAIN_WIDTH


@contextmanager
def progress(line: str) -> Iterator[Callable[[int, int], None]]:
    """Show a line on the terminal while something runs, and take it away after; nothing where stderr is none.

    Yields:
        A function that adds to the line how many files are done, and of how many.
    """
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda done, total: None
        return
    shown = 0.0

    def count(done: int, total: int) -> None:
        nonlocal shown
        if time.monotonic() - shown >= _MOMENT:
            shown = time.monotonic()
            _write_over(f"{line}: {done} of {total} files")

    _write_over(line)
    try:
        yield count
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def _write_over(line: str) -> None:
    encoding = sys.stderr.encoding or "ascii"
    sys.stderr.write(f"\r\x1b[K{visible(line, encoding)} {'…' if visible('…', encoding) == '…' else '...'}\r")
    sys.stderr.flush()
