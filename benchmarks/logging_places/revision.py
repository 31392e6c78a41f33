"""The files of a commit, read from git without a work tree."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

FILE_BYTES = 1_000_000


def python_files(repository: Path, commit: str) -> Iterator[tuple[str, bytes]]:
    """The Python files of a commit with their contents; those that a partial clone does not have are left out."""
    listing = _git(repository, "ls-tree", "-r", "-z", "--name-only", commit).split(b"\0")
    names = [name for name in listing if name.endswith(b".py") and b"\n" not in name]
    wanted = b"".join(b"%s:%s\n" % (commit.encode(), name) for name in names)
    stream = io.BytesIO(_git(repository, "cat-file", "--batch", given=wanted))
    for name in names:
        header = stream.readline().split()
        if header[-1] == b"missing":
            continue
        content = stream.read(int(header[-1]))
        stream.read(1)
        if header[-2] == b"blob" and len(content) <= FILE_BYTES:
            yield name.decode("utf-8", "surrogateescape"), content


def read_file(repository: Path, commit: str, path: str) -> bytes:
    """The contents of one file."""
    return _git(repository, "cat-file", "blob", f"{commit}:{path}")


def unpack(repository: Path, commit: str, folder: Path) -> None:
    """Write the files of a commit into a directory."""
    folder.mkdir(parents=True, exist_ok=True)
    archive = _git(repository, "archive", "--format=tar", commit)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)


def _git(repository: Path, *arguments: str, given: bytes | None = None) -> bytes:
    environment = os.environ | {"GIT_NO_LAZY_FETCH": "1"}
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, capture_output=True, check=True, input=given, env=environment).stdout
