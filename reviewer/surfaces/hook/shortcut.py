"""A push without Python is answered before anything is loaded that could review it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import BytesIO, TextIOWrapper
from pathlib import Path

from reviewer.errors import ReviewerError
from reviewer.surfaces.hook.push import Range, changed_paths, holds_interpreter_line, missing, ranges, read_lines

_OWN = ("pyproject.toml", ".reviewer/")
"""What a review says something of without being Python: settings, baseline, catalog."""
_SHIM_OPTIONS = frozenset(["--stop-code", "10", "--strict"])
"""What the shim says beside the remote; whoever says more wants the whole program."""
_MOST = 500
"""Names that one command line surely takes."""


def answer(arguments: Sequence[str]) -> int | None:
    """Answer a call of `reviewer hook run` as the shim makes it, if that needs git alone.

    Args:
        arguments: what follows "hook run".

    Returns:
        The exit code; None where the whole program has to run, which finds stdin as it was.
    """
    if "--" not in arguments or not set(arguments[: arguments.index("--")]) <= _SHIM_OPTIONS:
        return None
    if sys.stdin is None or sys.stdin.isatty():
        return None
    lines = sys.stdin.buffer.read()
    try:
        said = _said(Path(), lines.decode("utf-8", "surrogateescape"))
    except (ReviewerError, ValueError):
        said = None
    if said is None:
        sys.stdin = TextIOWrapper(BytesIO(lines), encoding="utf-8", errors="surrogateescape")
        return None
    sys.stdout.write(said)
    sys.stdout.flush()
    return 0


def _said(repo: Path, lines: str) -> str | None:
    """What is told of a push without anything to review; None where there may be something."""
    pushed = read_lines(lines)
    if missing(repo, pushed):
        return None
    said = []
    for part in ranges(repo, pushed):
        count = _changed(repo, part)
        if count is None:
            return None
        what = "no file to review" if not count else f"nothing to review in {count} changed file{'s'[: count > 1]}"
        said.append(f"reviewer: Pass: {what}.\n")
    return "".join(said)


def _changed(repo: Path, part: Range) -> int | None:
    """How many files a range changes; None where one of them may be of interest."""
    paths = changed_paths(repo, part)
    if paths is None or len(part.bases) > 1:
        return None
    unknown = []
    for path in paths:
        name = path.rpartition("/")[2].lower()
        if name.endswith((".py", ".pyw")) or path.startswith(_OWN):
            return None
        if "." not in name:
            unknown.append(path)
    if len(unknown) > _MOST or (unknown and holds_interpreter_line(repo, part.head, unknown)):
        return None
    return len(paths)
