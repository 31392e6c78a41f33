"""A sample of a commit's Python files, the same each time."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from reviewer.diff.language import Language, judge_name
from reviewer.diff.objects import ObjectReader
from reviewer.diff.path import decode, is_safe
from reviewer.diff.program import GitProgram
from reviewer.domain.file_role import is_test

_AT_ONCE = 32
"""Files asked for together."""


def sample_python(
    program: GitProgram, objects: ObjectReader, commit: str, lines: int, left_out: Collection[str]
) -> dict[str, bytes]:
    """Python files of a commit, tests left out, in an order that only their paths decide.

    Args:
        program: git.
        objects: where contents are read.
        commit: full id.
        lines: with so many lines there are enough; the last file may go beyond.
        left_out: paths that are not wanted.

    Returns:
        path -> contents.

    Raises:
        RepositoryError: git failed.
    """
    listed = program.run("ls-tree", "-r", "-z", "--full-tree", commit)
    blobs: dict[str, bytes] = {}
    for entry in listed.split(b"\0"):
        head, _, name = entry.partition(b"\t")
        path = decode(name)
        regular = head.startswith(b"100") and is_safe(path) and path not in left_out
        if regular and judge_name(path) is Language.PYTHON and not is_test(path):
            blobs[path] = head.split(b" ")[2]
    order = sorted(blobs, key=lambda path: hashlib.sha256(path.encode("utf-8", "surrogateescape")).digest())
    found: dict[str, bytes] = {}
    seen = 0
    for start in range(0, len(order), _AT_ONCE):
        some = order[start : start + _AT_ONCE]
        for path, blob in zip(some, objects.read([blobs[path] for path in some]), strict=True):
            if blob is None or blob.data is None:
                continue
            found[path] = blob.data
            seen += blob.data.count(b"\n")
            if seen >= lines:
                return found
    return found
