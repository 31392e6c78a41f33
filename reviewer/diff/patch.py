"""A strict parser of unified diffs, as git, GNU diff, Mercurial and Subversion write them.

Lines end at a line feed and nowhere else, so form feeds, carriage returns and Unicode line separators stay in the text.
The counts in a hunk's header decide where it ends, never the look of a line. What does not fit is a `DiffError`.

Source of the format: `git help diff`, "Generating patch text with -p", and the GNU diffutils manual, "Detailed
Unified". Combined diffs of merges (`@@@`) are refused, for their lines belong to no single old file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from reviewer.diff.header import Header, read_git_header, read_plain_names
from reviewer.diff.path import UNSAFE_PATH, decode, is_safe
from reviewer.domain.change import ChangeKind, FileChange, Hunk
from reviewer.errors import DiffError

COMBINED = (
    "a combined diff of a merge has no single old side; make it against one parent, for example with "
    "'git diff MERGE^1 MERGE'"
)
REPEATED = (
    "the file stands in the diff more than once, as in a series of patches; give one diff of the whole change "
    "('git diff BASE HEAD')"
)

_HUNK = re.compile(rb"@@ -(\d{1,10})(?:,(\d{1,10}))? \+(\d{1,10})(?:,(\d{1,10}))? @@")
_BINARY = re.compile(rb"Binary files .* differ$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Neighbouring lines of the new file that a hunk shows, context included.

    Attributes:
        start: new-file number of the first line, from 1.
        lines: the lines without their line feed.
    """

    start: int
    lines: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class FilePatch:
    """One file of a patch: the change, and what undoing it needs beside the change.

    Attributes:
        change: the file as the review knows it, without contents.
        excerpts: the new file's lines that the hunks show, in order.
        old_unterminated: the last deleted line ends the old file without a line feed.
        new_unterminated: the last added line ends the new file without a line feed.
        binary: git or diff only said that the contents differ.
    """

    change: FileChange
    excerpts: tuple[Excerpt, ...] = ()
    old_unterminated: bool = False
    new_unterminated: bool = False
    binary: bool = False


def parse_patch(data: bytes) -> tuple[FileChange, ...]:
    """The files that a unified diff changes, in its order, without contents.

    Raises:
        DiffError: the text is no unified diff, is cut short, or contradicts itself.
    """
    return tuple(patch.change for patch in read_patch(data))


def read_patch(data: bytes) -> tuple[FilePatch, ...]:
    """Like `parse_patch`, with the context and the line ends that joining with contents needs.

    Text before, between and after the files (a mail from `git format-patch`) is passed over. Blank text is an empty
    diff.

    Raises:
        DiffError: as for `parse_patch`.
    """
    patches = _Reader(data.split(b"\n")).read()
    if not patches and data.strip():
        raise DiffError(
            0,
            "not a unified diff: neither 'diff --git' nor '---'/'+++' in it; make one with 'git diff' or 'diff -u'",
        )
    return _merge_repeated(patches)


@dataclass(slots=True)
class _Body:
    """What the hunks of one file add up to while they are read."""

    hunks: list[Hunk] = field(default_factory=list)
    excerpts: list[Excerpt] = field(default_factory=list)
    old_end: int = 0
    new_end: int = 0
    old_unterminated: bool = False
    new_unterminated: bool = False


class _Reader:
    """Walks the lines once, from the first to the last."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines
        self._at = 0
        if lines[-1] == b"":
            lines.pop()

    def read(self) -> list[FilePatch]:
        patches: list[FilePatch] = []
        lines = self._lines
        while self._at < len(lines):
            line = lines[self._at]
            if line.startswith(b"diff --git "):
                patches.append(self._read_git_file())
            elif line.startswith((b"diff --cc ", b"diff --combined ")):
                raise DiffError(self._at + 1, COMBINED)
            elif line.startswith(b"--- ") and self._peek(1).startswith(b"+++ "):
                patches.append(self._read_plain_file())
            elif patches and line.startswith(b"@@"):
                raise DiffError(self._at + 1, "a hunk without the header of its file; make the diff again")
            else:
                self._at += 1
        return patches

    def _peek(self, ahead: int = 0) -> bytes:
        at = self._at + ahead
        return self._lines[at] if at < len(self._lines) else b""

    def _read_git_file(self) -> FilePatch:
        header, self._at = read_git_header(self._lines, self._at)
        body = _Body()
        line = self._peek()
        binary = line.startswith(b"GIT binary patch") or _BINARY.match(line.rstrip(b"\r")) is not None
        if binary:
            self._at += 1
        elif header.has_names:
            body = self._read_hunks()
        elif line.startswith(b"@@"):
            raise DiffError(self._at + 1, "expected '--- ' and '+++ ' before the first hunk; make the diff again")
        return _file_patch(header, body, binary=binary)

    def _read_plain_file(self) -> FilePatch:
        header = read_plain_names(self._lines, self._at)
        self._at += 2
        body = self._read_hunks()
        first = body.hunks[0] if body.hunks else None
        kind = ChangeKind.MODIFIED
        if header.kind is not None:
            kind = header.kind
        elif first is not None and len(body.hunks) == 1:
            if first.old_start == 0 and not first.deleted:
                kind = ChangeKind.ADDED
            elif first.new_start == 0 and not first.added:
                kind = ChangeKind.DELETED
        return _file_patch(replace(header, kind=kind), body, binary=False)

    def _read_hunks(self) -> _Body:
        body = _Body()
        while self._peek().startswith(b"@@"):
            self._read_hunk(body)
        if not body.excerpts and not body.hunks:
            raise DiffError(self._at + 1, "expected a hunk ('@@ -1,2 +1,3 @@') after the names of the file")
        after = self._peek()
        if after[:1] in {b" ", b"+", b"-"} and not after.startswith((b"-- ", b"--- ")) and after.rstrip(b"\r") != b"--":
            raise DiffError(self._at + 1, "more lines than the hunk's header counts; make the diff again")
        return body

    def _read_hunk(self, body: _Body) -> None:
        number = self._at + 1
        line = self._lines[self._at]
        if line.startswith(b"@@@"):
            raise DiffError(number, COMBINED)
        match = _HUNK.match(line)
        if match is None:
            raise DiffError(number, "expected '@@ -LINE,COUNT +LINE,COUNT @@'; make the diff again")
        old_start, new_start = int(match[1]), int(match[3])
        old_count = 1 if match[2] is None else int(match[2])
        new_count = 1 if match[4] is None else int(match[4])
        if not old_count and not new_count:
            raise DiffError(number, "a hunk without any line; make the diff again")
        if (old_count and not old_start) or (new_count and not new_start):
            raise DiffError(number, "a hunk that begins at line 0 cannot hold lines; make the diff again")
        # For an empty side the header names the line before; from here on both numbers are those of the next line.
        old = old_start + (0 if old_count else 1)
        new = new_start + (0 if new_count else 1)
        if old < body.old_end or new < body.new_end:
            raise DiffError(number, "hunks overlap or are out of order; make the diff again")
        self._at += 1
        self._read_lines(body, old, old + old_count, new, new + new_count)
        body.old_end, body.new_end = old + old_count, new + new_count

    def _read_lines(self, body: _Body, old: int, old_end: int, new: int, new_end: int) -> None:
        """Read the lines that the header promised: `old` and `new` are the next numbers, `…_end` one past the last."""
        lines, at = self._lines, self._at
        shown: list[bytes] = []
        deleted: list[bytes] = []
        added: list[bytes] = []
        new_start = new
        while old < old_end or new < new_end:
            if at >= len(lines):
                raise DiffError(
                    at, f"the diff is cut short: {max(old_end - old, new_end - new)} more lines of the hunk are missing"
                )
            line = lines[at]
            mark = line[:1]
            if mark == b"-" and old < old_end:
                if added:
                    # Deletions after additions open a new block.
                    _close_block(body, old, new, deleted, added)
                deleted.append(line[1:])
                old += 1
            elif mark == b"+" and new < new_end:
                added.append(line[1:])
                shown.append(line[1:])
                new += 1
            elif (mark == b" " or line in {b"", b"\r"}) and old < old_end and new < new_end:
                _close_block(body, old, new, deleted, added)
                shown.append(line[1:] if mark == b" " else line)
                old += 1
                new += 1
            elif mark == b"\\":
                self._mark_unterminated(body, at, old == old_end, new == new_end)
            else:
                raise DiffError(at + 1, "the line does not fit the counts in the hunk's header; make the diff again")
            at += 1
        if at < len(lines) and lines[at].startswith(b"\\ "):
            self._mark_unterminated(body, at, old == old_end, new == new_end)
            at += 1
        _close_block(body, old, new, deleted, added)
        if shown:
            body.excerpts.append(Excerpt(new_start, tuple(shown)))
        self._at = at

    def _mark_unterminated(self, body: _Body, at: int, old_done: bool, new_done: bool) -> None:
        """Take note that the line before `at` has no line feed, which only the last line of a side can lack."""
        previous = self._lines[at - 1][:1]
        if previous == b"-" and old_done:
            body.old_unterminated = True
        elif previous == b"+" and new_done:
            body.new_unterminated = True
        elif previous != b" " or not (old_done and new_done):
            raise DiffError(at + 1, "'\\ No newline' belongs after the last line of a file; make the diff again")


def _close_block(body: _Body, old: int, new: int, deleted: list[bytes], added: list[bytes]) -> None:
    """Turn the lines gathered since the last context line into a hunk; `old` and `new` are the next line's numbers."""
    if not deleted and not added:
        return
    body.hunks.append(
        Hunk(
            old_start=old - len(deleted) if deleted else old - 1,
            new_start=new - len(added) if added else new - 1,
            deleted=tuple(map(decode, deleted)),
            added=tuple(map(decode, added)),
        )
    )
    deleted.clear()
    added.clear()


def _file_patch(header: Header, body: _Body, *, binary: bool) -> FilePatch:
    kind = header.kind or (ChangeKind.MODIFIED if body.hunks or binary else ChangeKind.MODE)
    path = header.old_path if kind is ChangeKind.DELETED else header.new_path
    skipped: str | None = None
    if kind is ChangeKind.DELETED:
        skipped = "deleted"
    elif header.is_submodule:
        skipped = "submodule"
    elif header.is_symlink:
        skipped = "symlink"
    elif binary:
        skipped = "binary"
    safe = is_safe(path) and is_safe(header.old_path or path)
    change = FileChange(
        path=path,
        kind=kind,
        old_path=header.old_path if kind in {ChangeKind.RENAMED, ChangeKind.COPIED} else None,
        hunks=tuple(body.hunks),
        skipped=skipped if safe else None,
        failed=None if safe else UNSAFE_PATH,
    )
    return FilePatch(change, tuple(body.excerpts), body.old_unterminated, body.new_unterminated, binary)


def _merge_repeated(patches: list[FilePatch]) -> tuple[FilePatch, ...]:
    """Join the two halves of a change of type (deleted as one type, new as another); refuse other repetitions."""
    merged: dict[str, FilePatch] = {}
    for patch in patches:
        change = patch.change
        before = merged.get(change.path)
        if before is None:
            merged[change.path] = patch
        elif before.change.kind is ChangeKind.DELETED and change.kind is ChangeKind.ADDED:
            merged[change.path] = replace(patch, change=replace(change, kind=ChangeKind.MODIFIED))
        else:
            merged[change.path] = FilePatch(
                replace(before.change, kind=change.kind, hunks=(), skipped=None, failed=REPEATED)
            )
    return tuple(merged.values())
