"""The files of cases and clean commits, each alone in a directory under its own path."""

from __future__ import annotations

import difflib
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.cases import extent
from reviewer.diff.patch import parse_patch
from reviewer.domain.change import ChangeKind

Lines = tuple[int, int]
"""First and last line of a range."""


@dataclass(frozen=True)
class Case:
    """A real bug and its fix.

    Attributes:
        before: the file before the fix.
        after: the file after it.
        size: lines of the file before.
        labelled: where a comment would have been right.
        inside: the function before.
        inside_after: the function after.
        carried: where the labelled lines stand after the fix.
    """

    before: Path
    after: Path
    size: int
    labelled: Lines
    inside: Lines
    inside_after: Lines
    carried: Lines


@dataclass(frozen=True)
class Clean:
    """A commit that turned out well.

    Attributes:
        files: its files with the lines that it added to each.
        added: how many lines it added.
    """

    files: Mapping[Path, frozenset[int]]
    added: int


@dataclass(frozen=True)
class Material:
    """All that the tools are asked about.

    Attributes:
        root: the directory of all files.
        cases: the real bugs.
        clean: the commits that turned out well.
        names: the path of each file in its repository.
        unreadable: cases that could not be read, with the reason.
    """

    root: Path
    cases: tuple[Case, ...]
    clean: tuple[Clean, ...]
    names: Mapping[Path, str]
    unreadable: tuple[str, ...]


class Gatherer:
    """Writes the files that cases and clean commits name.

    Args:
        mirror: directory of the bare clones.
        root: an empty directory; resolved, since tools print resolved names.
    """

    def __init__(self, mirror: Path, root: Path) -> None:
        self._mirror = mirror
        self._root = root.resolve()
        self._names: dict[Path, str] = {}
        self._known: dict[tuple[str, str, str], Path] = {}

    def gather(self, cases: Iterable[dict[str, Any]], clean: Iterable[dict[str, Any]]) -> Material:
        """Write everything."""
        found, commits, unreadable = [], [], []
        for case in cases:
            try:
                found.append(self._case(case))
            except (subprocess.CalledProcessError, ValueError) as error:
                unreadable.append(f"{case['id']}: {error}")
        for entry in clean:
            try:
                commits.append(self._clean(entry))
            except (subprocess.CalledProcessError, ValueError) as error:
                unreadable.append(f"{entry['id']}: {error}")
        return Material(self._root, tuple(found), tuple(commits), self._names, tuple(unreadable))

    def _case(self, case: dict[str, Any]) -> Case:
        before = self._write(case["repo"], case["buggy_commit"], case["file"])
        after = self._write(case["repo"], case["fixed_commit"], case["file"])
        old, new = before.read_bytes(), after.read_bytes()
        first, last = case["lines"]
        return Case(
            before=before,
            after=after,
            size=old.count(b"\n") + 1,
            labelled=(first, last),
            inside=extent(old, case["function"]) or (first, last),
            inside_after=extent(new, case["function"]) or (1, new.count(b"\n") + 1),
            carried=carried(_lines(old), _lines(new), (first, last)),
        )

    def _clean(self, entry: dict[str, Any]) -> Clean:
        commit = entry["commit"]
        patch = self._git(entry["repo"], "diff", f"{commit}^", commit, "--", *entry["files"])
        files = {
            self._write(entry["repo"], commit, file.path): file.added_lines
            for file in parse_patch(patch)
            if file.path in entry["files"] and file.kind is not ChangeKind.DELETED
        }
        return Clean(files, entry["added"])

    def _write(self, repository: str, commit: str, path: str) -> Path:
        key = (repository, commit, path)
        if key in self._known:
            return self._known[key]
        parts = Path(path).parts
        if Path(path).is_absolute() or ".." in parts or ".flow" in parts:
            # bubble-analysis runs what lies in a project's .flow/detectors
            raise ValueError(f"{path} is not written")
        file = self._root / f"f{len(self._known):04}" / path
        file.parent.mkdir(parents=True)
        file.write_bytes(self._git(repository, "show", f"{commit}:{path}"))
        self._known[key] = file
        self._names[file] = path
        return file

    def _git(self, repository: str, *arguments: str) -> bytes:
        place = self._mirror / repository.replace("/", "+", 1) / "repo"
        return subprocess.run(["git", "-C", str(place), *arguments], check=True, capture_output=True).stdout


def carried(before: list[str], after: list[str], lines: Lines) -> Lines:
    """Where lines of the old text stand in the new one, as the widest range.

    A block that was replaced by one of the same length is followed line by line, any other counts whole.

    Args:
        before: the old text.
        after: the new text.
        lines: first and last old line, from 1.
    """
    start, end = lines[0] - 1, lines[1]
    reached: list[Lines] = []
    blocks = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for _, old, old_end, new, new_end in blocks:
        inserted = old == old_end and start <= old < end
        if not inserted and (old >= end or old_end <= start):
            continue
        if old_end - old == new_end - new:
            reached.append((new + max(0, start - old), new_end - max(0, old_end - end)))
        else:
            reached.append((new, new_end))
    if not reached:
        return lines
    return min(new for new, _ in reached) + 1, max(new_end for _, new_end in reached)


def _lines(text: bytes) -> list[str]:
    return text.decode("utf-8", "replace").split("\n")
