"""The hook as the shim calls it, without the parser of options; a push without Python is answered by git alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from reviewer.errors import ReviewerError
from reviewer.surfaces.hook.push import (
    Push,
    Range,
    changed_paths,
    holds_interpreter_line,
    read_lines,
    repository_of_hook,
    resolve,
)
from reviewer.surfaces.hook.shim import STOP_CODE

_OWN = ("pyproject.toml", ".reviewer/")
"""What a review says something of without being Python: settings, baseline, catalog."""
_SHIM_OPTIONS = frozenset(["--stop-code", str(STOP_CODE), "--strict"])
"""What the shim says beside the remote; whoever says more wants the whole program."""
_MOST = 500
"""Names that one command line surely takes."""


def answer(arguments: Sequence[str]) -> int | None:
    """Answer a call of `reviewer hook run` as the shim makes it.

    Args:
        arguments: what follows "hook run".

    Returns:
        The exit code; None for any other call, which finds stdin as it was.
    """
    if "--" not in arguments:
        return None
    options = arguments[: arguments.index("--")]
    if not set(options) <= _SHIM_OPTIONS or sys.stdin is None or sys.stdin.isatty():
        return None
    lines = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    repo = repository_of_hook(os.environ)
    push = said = None
    try:
        push = resolve(repo, read_lines(lines))
        said = _said(repo, push)
    except (ReviewerError, ValueError):
        pass  # the review meets the same, and says it
    if said is None:
        return _review(repo, lines, push, strict="--strict" in options)
    sys.stdout.write(said)
    sys.stdout.flush()
    return 0


def _review(repo: Path, lines: str, push: Push | None, *, strict: bool) -> int:
    from reviewer.surfaces.cli.edge import guarded, prepare
    from reviewer.surfaces.hook.running import Wish, run

    prepare()

    def review() -> int:
        return STOP_CODE if run(repo, lines, Wish(strict=strict), push) else 0

    return guarded(review, ["hook", "run", "--stop-code"])


def _said(repo: Path, push: Push) -> str | None:
    """What is told of a push without anything to review; None where there may be something."""
    if push.missing:
        return None
    said = []
    for part in push.ranges:
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
