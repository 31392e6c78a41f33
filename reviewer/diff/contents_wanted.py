"""Which files of two commits a review reads, and which of those are not here yet."""

from __future__ import annotations

import posixpath
import tomllib

from reviewer.diff.language import Language, judge_name
from reviewer.diff.path import decode
from reviewer.diff.program import GitProgram

_SETTINGS = frozenset({"pyproject.toml", "ruff.toml", ".ruff.toml", ".flake8", "setup.cfg", "tox.ini"})
_BASELINES = ".reviewer/"


def missing_contents(program: GitProgram, base: str, head: str) -> list[str]:
    """Ids of the blobs that a review of two commits reads and that are not here.

    Those are all of Python and of settings at both, for a review looks around, and whatever differs between them, for
    git compares it.

    Args:
        program: git in the clone, which has the commits with their trees.
        base, head: full ids.

    Raises:
        RepositoryError: the commits are not here.
    """
    fork = program.try_run("merge-base", base, head)
    start = decode(fork.output).split("\n")[0] if fork.status == 0 else base
    wanted = _changed(program, start, head)
    for commit in dict.fromkeys((start, head)):
        missing = _missing(program, commit)
        if not missing:
            continue
        files = _files(program, commit)
        named = _baseline(program, files.get("pyproject.toml"), missing)
        wanted |= {blob for path, blob in files.items() if blob in missing and (path == named or _is_read(path))}
    absent = _missing(program, start) | _missing(program, head)
    return sorted(wanted & absent)


def _is_read(path: str) -> bool:
    return (
        judge_name(path) is not Language.OTHER or posixpath.basename(path) in _SETTINGS or path.startswith(_BASELINES)
    )


def _changed(program: GitProgram, start: str, head: str) -> set[str]:
    """Blobs of both sides of what differs."""
    raw = decode(program.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", start, head))
    found: set[str] = set()
    for part in raw.split("\0"):
        if part.startswith(":"):
            old_mode, new_mode, old, new, _ = part[1:].split(" ")
            found |= {blob for mode, blob in ((old_mode, old), (new_mode, new)) if mode.startswith("1")}
    return found


def _missing(program: GitProgram, commit: str) -> set[str]:
    """Objects of a commit that are not here."""
    listed = decode(program.run("rev-list", "--objects", "--no-object-names", "--no-walk", "--missing=print", commit))
    return {line[1:] for line in listed.split("\n") if line.startswith("?")}


def _files(program: GitProgram, commit: str) -> dict[str, str]:
    """Path -> blob of all regular files of a commit."""
    listed = decode(program.run("ls-tree", "-r", "-z", "--full-tree", commit))
    found: dict[str, str] = {}
    for entry in listed.split("\0"):
        described, _, path = entry.partition("\t")
        parts = described.split(" ")
        if len(parts) == 3 and parts[0].startswith("1"):
            found[path] = parts[2]
    return found


def _baseline(program: GitProgram, settings: str | None, missing: set[str]) -> str | None:
    """The baseline that the settings name, where those are here; a first look may have to fetch them."""
    if settings is None or settings in missing:
        return None
    try:
        data = tomllib.loads(decode(program.run("cat-file", "blob", settings)))
        named = data["tool"]["reviewer"]["baseline"]
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return None
    return named if isinstance(named, str) else None
