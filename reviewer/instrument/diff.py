"""The unified diff of a file with log lines in it, and the proof that git applies it."""

from __future__ import annotations

import difflib
import os
import subprocess
import tempfile
from pathlib import Path

_PATIENCE = 30
"""Seconds that git may take."""
_CONTEXT = 3
_NO_NEWLINE = b"\n\\ No newline at end of file\n"


def make_diff(path: str, old: bytes, new: bytes) -> bytes:
    """The unified diff between two states of a file, as git writes it.

    Args:
        path: from the root of the repository.
        old: the bytes before.
        new: the bytes after.
    """
    before, after = _lines(old), _lines(new)
    name_old, name_new = quote_path(f"a/{path}"), quote_path(f"b/{path}")
    body = difflib.diff_bytes(difflib.unified_diff, before, after, b"", b"", n=_CONTEXT)
    parts = [b"diff --git %s %s\n" % (name_old, name_new), b"--- %s\n" % name_old, b"+++ %s\n" % name_new]
    for number, line in enumerate(body):
        if number >= 2:  # difflib's own two header lines
            parts.append(line if line.endswith(b"\n") else line + _NO_NEWLINE)
    return b"".join(parts)


def _lines(data: bytes) -> list[bytes]:
    """Lines as git counts them: only a line feed ends one."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    last = lines.pop()
    return [*lines, last[:-1]] if last != b"\n" else lines


def quote_path(path: str) -> bytes:
    """A path as it stands in a diff: git puts those in quotes, with escapes, that hold anything but plain signs."""
    data = os.fsencode(path)
    named = {
        0x07: b"a",
        0x08: b"b",
        0x09: b"t",
        0x0A: b"n",
        0x0B: b"v",
        0x0C: b"f",
        0x0D: b"r",
        0x22: b'"',
        0x5C: b"\\",
    }
    escaped = b"".join(
        b"\\" + named[byte] if byte in named else b"\\%03o" % byte if byte < 0x20 or byte >= 0x7F else bytes((byte,))
        for byte in data
    )
    return b'"%s"' % escaped if escaped != data else data


def is_plain_path(path: str) -> bool:
    """Whether a path stays inside the directory that a patch is applied in, and out of git's own."""
    parts = path.split("/")
    if not path or path.startswith("/") or "\0" in path or "\\" in path:
        return False
    return not any(part in ("", ".", "..") or (part.lower().startswith(".git") and part.lower().rstrip(". ") == ".git")
                   for part in parts)  # fmt: skip


def applies(path: str, old: bytes, new: bytes, diff: bytes) -> bool:
    """Whether `git apply`, in an empty directory with the file in it, makes the new state out of the old one.

    Args:
        path: from the root of the repository.
        old: the bytes before.
        new: the bytes after.
        diff: the patch.
    """
    if not is_plain_path(path):
        return False
    with tempfile.TemporaryDirectory(prefix="reviewer-apply-", ignore_cleanup_errors=True) as folder:
        root = Path(folder).resolve()
        file = root.joinpath(*path.split("/"))
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(old)
            return _git_apply(root, diff) and file.read_bytes() == new
        except (OSError, ValueError):  # a name that this disk does not take
            return False


def _git_apply(root: Path, diff: bytes) -> bool:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(root.parent),
        "GIT_TERMINAL_PROMPT": "0",
    }
    try:
        done = subprocess.run(
            ["git", "-c", "core.autocrlf=false", "-c", "apply.whitespace=nowarn", "apply", "--whitespace=nowarn", "-"],
            cwd=root,
            env=environment,
            input=diff,
            capture_output=True,
            check=False,
            timeout=_PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
