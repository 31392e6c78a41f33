"""Reads git objects through one `git cat-file --batch` process, however many there are."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from reviewer.diff.program import GitProgram

_ASKED_BYTES = 16 * 1024
"""How much is asked before answers are read: less than a pipe holds, so that neither side waits for the other."""
_CHUNK_BYTES = 1024 * 1024
_SKIPPED_BYTES = 32 * 1024 * 1024
"""An object that is too large is read past up to this size; beyond it, a new process is cheaper."""


@dataclass(frozen=True, slots=True)
class GitObject:
    """An object of the repository.

    Attributes:
        id: its full hash.
        kind: "blob", "commit", "tree" or "tag".
        size: its bytes.
        data: its contents; None where they are larger than the reader's limit.
    """

    id: str
    kind: str
    size: int
    data: bytes | None


class ObjectReader:
    """Gives objects by name, in the order asked. Not for several threads at once.

    Args:
        program: git.
        limit: contents of more bytes are not kept.
    """

    def __init__(self, program: GitProgram, limit: int) -> None:
        self._program = program
        self._limit = limit
        self._process: subprocess.Popen[bytes] | None = None
        self._complaints: list[bytes] = []
        self._listener: threading.Thread | None = None

    def read(self, names: Sequence[bytes]) -> list[GitObject | None]:
        """Look up objects.

        Args:
            names: anything git takes for an object: a hash, "REVISION^{commit}", "REVISION:PATH" (symbolic links within
                the tree are followed). One that holds a line feed is never found.

        Returns:
            for each name the object, or None where there is none.

        Raises:
            RepositoryError: git failed.
        """
        found: list[GitObject | None] = []
        for asked in _portions(names):
            answered = 0
            while answered < len(asked):
                answered += self._ask(asked[answered:], found)
        return found

    def close(self) -> None:
        """End the process; the next read would start another."""
        if self._process is None:
            return
        process, self._process = self._process, None
        with contextlib.suppress(OSError):
            _stream(process.stdin).close()
        try:
            process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._listener is not None:
            self._listener.join(timeout=1)
        _stream(process.stdout).close()
        _stream(process.stderr).close()

    def _ask(self, names: Sequence[bytes], found: list[GitObject | None]) -> int:
        """Ask for all names, append the answers; stops early where an object was so large that the process was ended.

        Returns:
            how many names were answered.
        """
        process = self._running()
        wanted = [name for name in names if b"\n" not in name and len(name) < _ASKED_BYTES]
        try:
            _stream(process.stdin).write(b"".join(name + b"\n" for name in wanted))
            _stream(process.stdin).flush()
        except OSError:
            raise self._failure() from None
        for answered, name in enumerate(names, 1):
            if b"\n" in name or len(name) >= _ASKED_BYTES:
                found.append(None)
                continue
            found.append(self._receive(_stream(process.stdout)))
            if self._process is None:
                return answered
        return len(names)

    def _receive(self, answers: IO[bytes]) -> GitObject | None:
        header = answers.readline()
        if not header.endswith(b"\n"):
            raise self._failure()
        words = header.split()
        if header.rstrip().endswith((b" missing", b" ambiguous")):
            return None
        if len(words) == 2:  # "dangling", "loop", "notdir" or "symlink" (leads out of the tree), and a size
            answers.read(int(words[1]) + 1)
            return None
        name, kind, size = words[0].decode(), words[1].decode(), int(words[2])
        if size <= self._limit or kind != "blob":
            return GitObject(name, kind, size, answers.read(size + 1)[:-1])
        if size > _SKIPPED_BYTES:
            self._kill()
            return GitObject(name, kind, size, None)
        left = size + 1
        while left:
            chunk = answers.read(min(left, _CHUNK_BYTES))
            if not chunk:
                raise self._failure()
            left -= len(chunk)
        return GitObject(name, kind, size, None)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = self._program.start("cat-file", "--batch", "--follow-symlinks")
            self._complaints = []
            # Nobody reads the complaints while answers are awaited, and a full pipe would stop git for ever.
            self._listener = threading.Thread(
                target=_listen, args=(_stream(self._process.stderr), self._complaints), daemon=True
            )
            self._listener.start()
        return self._process

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self.close()

    def _failure(self) -> Exception:
        self._kill()
        return self._program.error(b"".join(self._complaints).decode("utf-8", "replace"))


def _portions(names: Sequence[bytes]) -> Iterator[list[bytes]]:
    portion: list[bytes] = []
    size = 0
    for name in names:
        if portion and size + len(name) >= _ASKED_BYTES:
            yield portion
            portion, size = [], 0
        portion.append(name)
        size += len(name) + 1
    if portion:
        yield portion


def _listen(complaints: IO[bytes], kept: list[bytes]) -> None:
    with contextlib.suppress(ValueError):  # closed while waiting
        for line in complaints:
            kept.append(line[:1000])
            del kept[:-20]


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("the process was started without this pipe")
    return stream
