"""A model that is a folder: each question is written there, and answered by whoever puts an answer beside it.

So a review can be answered elsewhere, replayed without anybody, or read by a person.
"""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reviewer.domain.model import ModelReply, ModelRequest
from reviewer.errors import ModelError, UnansweredError
from reviewer.llm.body import sendable
from reviewer.llm.schema import in_words

MOST_BYTES = 1024 * 1024
"""The largest answer that is read; a model's is a hundredth of it."""
_FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW


class _NotPlainError(OSError):
    """Something else stands where a file should."""


class FilesModel:
    """Asks nobody: `HASH.request.md` holds what a model would read, `HASH.answer.json` what it would answer.

    Several processes may share the folder. No symbolic link in it is followed.

    Args:
        folder: where; it is made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        """As a person names it."""
        return f"files:{self._folder}"

    @property
    def identity(self) -> str:
        """The folder."""
        return self.name

    async def ask(self, request: ModelRequest, seconds: float) -> ModelReply:
        """Write the question down, and take its answer where there is one.

        Raises:
            ModelError: there is none yet, it cannot be read, or the folder cannot be used.
        """
        try:
            async with asyncio.timeout(max(seconds, 0)):
                answer = await asyncio.to_thread(self._exchange, request)
        except TimeoutError as error:
            raise self._failure(f"the folder did not answer within {seconds:.3g} s; take a faster one") from error
        return ModelReply(answer, self.name, calls=0)

    async def close(self) -> None:
        """Nothing is held open."""

    def _exchange(self, request: ModelRequest) -> str:
        answer = f"{request.digest}.answer.json"
        try:
            with _opened(self._folder) as folder:
                _put(folder, f"{request.digest}.request.md", render(request).encode())
                data = _take(folder, answer, MOST_BYTES + 1)
        except _NotPlainError as error:
            raise self._failure(f"{answer} is {error}; put the answer itself there") from error
        except OSError as error:
            raise self._failure(f"{error.strerror or error}; name a folder that can be written to") from error
        if data is None:
            raise UnansweredError(self.name, "not answered yet; put HASH.answer.json beside each question", calls=0)
        if len(data) > MOST_BYTES:
            raise self._failure(f"{answer} is larger than {MOST_BYTES // 1024} KiB; put one answer into it")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise self._failure(f"{answer} is not UTF-8; write it as UTF-8") from error

    def _failure(self, reason: str) -> ModelError:
        return ModelError(self.name, reason, calls=0)


def render(request: ModelRequest) -> str:
    """All that a model would read, for a person or another program; the same for the same question."""
    return sendable(
        f"<!-- prompt {request.prompt}, version {request.version} -->\n\n"
        f"{request.system.rstrip()}\n\n"
        f"{in_words(request.schema)}\n\n"
        "---\n\n"
        f"{request.text.rstrip()}\n"
    )


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _take(folder: int, name: str, most: int) -> bytes | None:
    """The beginning of a regular file; None where there is none of this name.

    Raises:
        _NotPlainError: it is something else.
        OSError: it cannot be read.
    """
    try:
        # Without O_NONBLOCK a named pipe would wait for its writer.
        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | _FLAGS, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _NotPlainError("a symbolic link, which is not followed") from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _NotPlainError("not a regular file")
    with os.fdopen(descriptor, "rb") as file:
        return file.read(most)


def _put(folder: int, name: str, data: bytes) -> None:
    """Give a file its contents at once, or leave it as it is; a link of that name is replaced, not followed."""
    with suppress(OSError):
        if _take(folder, name, len(data) + 1) == data:
            return
    draft = f".{name}.{secrets.token_hex(8)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft, dir_fd=folder)
        raise
