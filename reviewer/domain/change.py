"""A change as the review sees it: files, hunks, changed lines, and the text they stand in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate


class ChangeKind(StrEnum):
    """What happened to a file."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"
    COPIED = "copied"
    MODE = "mode"
    """Only the mode or the type changed; no line did."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """A contiguous block of a diff, without its context lines.

    Attributes:
        old_start: first old line of the block, from 1 (for a pure insertion, the line before it; may be 0).
        new_start: first new line of the block, from 1 (for a pure deletion, the line before it; may be 0).
        deleted: text of the deleted lines, in order, without line ends.
        added: text of the added lines, in order, without line ends.
    """

    old_start: int
    new_start: int
    deleted: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def added_lines(self) -> range:
        """New-file numbers of the added lines."""
        return range(self.new_start, self.new_start + len(self.added)) if self.added else range(0)


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a change.

    Attributes:
        path: path in the new tree, '/' between parts, relative to the root; bytes that are no UTF-8 are kept as
            surrogates (PEP 383). For a deleted file, the old path.
        old_path: the path before, where it differs (renamed, copied).
        kind: what happened to the file.
        hunks: the blocks, in order; empty for `whole`.
        content: the new file's bytes; None where they could not be had.
        old_content: the old file's bytes; None for an added file or where they were not asked for.
        whole: every line counts as changed (`--all`).
        partial: `content` is not the file but only what the hunks show, blank lines between them.
        skipped: why there is nothing to review here, an expected thing
            (binary, submodule, symlink, deleted, not Python).
        failed: why it could not be read, a fault: it ends up under `not_checked`.
    """

    path: str
    kind: ChangeKind
    old_path: str | None = None
    hunks: tuple[Hunk, ...] = ()
    content: bytes | None = None
    old_content: bytes | None = None
    whole: bool = False
    partial: bool = False
    skipped: str | None = None
    failed: str | None = None

    @property
    def added_lines(self) -> frozenset[int]:
        """Numbers of all added lines in the new file, as Python counts them (not meaningful for `whole`)."""
        lines = frozenset(line for hunk in self.hunks for line in hunk.added_lines)
        ends = self._ends_for_python()
        if ends is None:
            return lines
        known = (line for line in lines if 0 < line < len(ends))
        return frozenset(number for line in known for number in range(ends[line - 1] + 1, ends[line] + 1))

    @property
    def deletion_points(self) -> frozenset[int]:
        """New-file numbers after which lines were deleted without replacement; 0 is the top of the file."""
        points = frozenset(hunk.new_start for hunk in self.hunks if hunk.deleted and not hunk.added)
        ends = self._ends_for_python()
        return points if ends is None else frozenset(ends[point] for point in points if point < len(ends))

    def _ends_for_python(self) -> list[int] | None:
        """For each line as git numbers them the last of the lines that Python sees in it; None where they are the same.

        To Python a carriage return alone ends a line too: one in a comment would hide the code behind it.
        """
        content = self.content or b""
        if content.count(b"\r") == content.count(b"\r\n"):
            return None
        lines = content.split(b"\n")
        return [0, *accumulate(line.removesuffix(b"\r").count(b"\r") + 1 for line in lines)]


@dataclass(frozen=True, slots=True)
class Change:
    """All that one review looks at.

    Attributes:
        repository: name to show, a path or a URL; None for a bare diff.
        base: full id of the commit compared with; None where there is none (`--all`, first commit, a patch file).
        head: full id of the reviewed commit; None for the index, the work tree or a patch file.
        files: the changed files, sorted by path.
        notes: things about the whole change that a person should know (for example "reviewed from hunks only").
        failures: path and reason of what could not be read beside the files themselves, for example the settings; it
            ends up under `not_checked`.
    """

    repository: str | None
    base: str | None
    head: str | None
    files: tuple[FileChange, ...]
    notes: tuple[str, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()
