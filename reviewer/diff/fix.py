"""Reads a mending commit: its files before and after, and the lines that it changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from reviewer.diff.comparison import Comparer, Comparison
from reviewer.diff.language import Language, judge_name
from reviewer.diff.objects import ObjectReader
from reviewer.diff.path import encode
from reviewer.diff.program import GitProgram
from reviewer.diff.remote import name_of_repository
from reviewer.diff.revision import DEEPEN, Commit, Revisions
from reviewer.domain.change import ChangeKind, FileChange
from reviewer.domain.file_role import is_test
from reviewer.domain.fix import Fix, FixedFile
from reviewer.errors import FixError, RevisionError

MOST_FILES = 300
"""Files that one fix may touch; what touches more is no single repair."""
MOST_PYTHON = 60
"""Python files beside tests that one fix may touch."""
MOST_MERGED = 30
"""Commits that a merge may bring; what brings more is a whole line of development."""
_MOST_MESSAGE = 20_000
"""Bytes of a message that are kept."""
_COMMITTER = re.compile(rb"^committer .*> (?P<seconds>\d{1,12}) [+-]\d{4}$", re.MULTILINE)
_ENCODING = re.compile(
    rb"^encoding (?P<name>iso-?8859-1?\d|latin-?1|windows-125\d|cp125\d|koi8-[ru]|euc-jp|shift_jis|gbk|gb18030|big5)$",
    re.MULTILINE | re.IGNORECASE,
)
"""What a message may be written in beside UTF-8; the name comes from the repository and may be any codec's."""


@dataclass(frozen=True, slots=True)
class _Ends:
    """The two commits that a fix lies between."""

    before: Commit
    after: Commit
    notes: tuple[str, ...] = ()


class FixReader:
    """Reads fixes of one repository.

    Args:
        program: git.
        objects: where contents are read.
        revisions: looks names up.
        comparer: tells what differs between two commits.
    """

    def __init__(self, program: GitProgram, objects: ObjectReader, revisions: Revisions, comparer: Comparer) -> None:
        self._program = program
        self._objects = objects
        self._revisions = revisions
        self._comparer = comparer

    def read(self, commit: str) -> Fix:
        """A commit with the contents of its Python files before and after.

        A merge is read as what it brought to its first parent, and a note says so. "BEFORE..AFTER" names several
        commits that mend together.

        Raises:
            FixError: as `ports.FixSource.fix`.
            RepositoryError: git failed.
        """
        ends = self._ends(commit)
        self._refuse_sweep(commit, ends)
        trees = Comparison(("diff-tree", "-r"), (ends.before.id, ends.after.id))
        changes = self._comparer.compare(trees, ())
        touched = [change for change in changes if change.skipped in (None, "deleted")]
        tests = sorted({change.path for change in touched if is_test(change.path) and _is_python(change)})
        wanted = [change for change in touched if not is_test(change.path) and _is_python(change)]
        if len(wanted) > MOST_PYTHON:
            reason = f"it touches {len(wanted)} Python files, more than the {MOST_PYTHON} of a fix that can be read"
            raise FixError(commit, f"{reason}; name the commit that holds the repair alone")
        files = tuple(sorted(self._files(wanted, ends.before), key=lambda file: file.path))
        if not files:
            raise FixError(commit, _nothing(wanted, tests))
        day, message = self._words(ends.after)
        return Fix(
            repository=name_of_repository(self._program),
            commit=ends.after.id,
            parent=ends.before.id,
            date=day,
            message=message,
            files=files,
            tests=tuple(tests),
            others=len(changes) - len(files) - len(tests),
            notes=ends.notes,
        )

    def _ends(self, name: str) -> _Ends:
        """The states before and after."""
        if ".." in name:
            return self._range(name)
        after = self._commit(name, name)
        if not after.parents:
            raise FixError(name, "it is the first commit, and there is nothing before it; name a later one")
        before = self._revisions.find(after.parents[0])
        if before is None:
            advice = DEEPEN if self._program.place.is_shallow else "fetch it with 'git fetch'"
            raise FixError(name, f"the commit before it is not here: {advice}")
        return _Ends(before, after, self._of_merge(name, after) if len(after.parents) > 1 else ())

    def _range(self, name: str) -> _Ends:
        first, _, last = name.partition("..")
        if not first or not last or last.startswith(".") or ".." in last:
            raise FixError(name, "it is no range of two commits; write BEFORE..AFTER, or the one commit of the fix")
        before, after = self._commit(name, first), self._commit(name, last)
        if before.id == after.id or self._program.try_run("merge-base", "--is-ancestor", before.id, after.id).status:
            raise FixError(name, f"{first} does not lead to {last}; name the state before the fix first")
        return _Ends(before, after, (f"the fix is what lies between {before.id[:12]} and {after.id[:12]}",))

    def _of_merge(self, name: str, merge: Commit) -> tuple[str, ...]:
        """What to say of a merge.

        Raises:
            FixError: it brings more than a fix.
        """
        first = merge.parents[0]
        counted = self._program.try_run("rev-list", "--count", "--no-merges", f"{first}..{merge.id}")
        number = int(counted.output) if counted.status == 0 and counted.output.strip().isdigit() else 0
        if number > MOST_MERGED:
            raise FixError(
                name,
                f"it is a merge of {number} commits, more than a fix has ({MOST_MERGED}); name the commit that holds "
                f"the repair, one of 'git log {first[:12]}..{merge.id[:12]}'",
            )
        return (f"it is a merge; the fix is what it brought to its first parent {first[:12]}",)

    def _commit(self, name: str, revision: str) -> Commit:
        try:
            return self._revisions.commit(revision)
        except RevisionError as error:
            raise FixError(name, error.reason) from error

    def _refuse_sweep(self, name: str, ends: _Ends) -> None:
        """Look at the list of files before any contents are read.

        Raises:
            FixError: there are too many, or none.
        """
        listed = self._program.run(
            "diff-tree", "-r", "-z", "--name-status", "--no-renames", ends.before.id, ends.after.id
        )
        kinds = listed.split(b"\0")[:-1:2]
        # Without looking for renames a renamed file is one that is added and one that is deleted.
        number = len(kinds) - min(kinds.count(b"A"), kinds.count(b"D"))
        if number > MOST_FILES:
            reason = f"it touches {number} files, more than the {MOST_FILES} of a fix that can be read"
            raise FixError(name, f"{reason}; name the commit that holds the repair alone")
        if not kinds:
            raise FixError(name, "it changes no file; name the commit that does")

    def _files(self, changes: Sequence[FileChange], before: Commit) -> Iterator[FixedFile]:
        deleted = [change.path for change in changes if change.kind is ChangeKind.DELETED]
        names = [before.id.encode() + b":" + encode(path) for path in deleted]
        gone = dict(zip(deleted, self._objects.read(names), strict=True))
        for change in changes:
            found = gone.get(change.path)
            file = _kept(change) if found is None else _deleted(change, found.data)
            if file is not None:
                yield file

    def _words(self, commit: Commit) -> tuple[str, str]:
        """Day and message."""
        found = self._objects.read([commit.id.encode()])[0]
        data = found.data if found is not None else None
        head, _, message = (data or b"").partition(b"\n\n")
        encoding = _ENCODING.search(head)
        name = encoding["name"].decode() if encoding is not None else "utf-8"
        return _day(head), message[:_MOST_MESSAGE].decode(name, "replace")


def _is_python(change: FileChange) -> bool:
    """Python, or a script without an ending that was read as such."""
    return judge_name(change.path) is Language.PYTHON or change.content is not None


def _kept(change: FileChange) -> FixedFile | None:
    """A file that is there after the fix; None where no line of it changed or it could not be read."""
    after = change.content
    if after is None or change.failed is not None:
        return None
    if change.kind in (ChangeKind.ADDED, ChangeKind.COPIED) or (change.whole and change.kind is ChangeKind.RENAMED):
        added = frozenset(range(1, _count_lines(after) + 1))
        return FixedFile(change.path, change.path, None, after, added=added, gaps=frozenset({0}))
    before = change.old_content
    if before is None:
        return None
    old_path = change.old_path or change.path
    if change.whole:  # git would not show its lines
        removed = frozenset(range(1, _count_lines(before) + 1))
        return FixedFile(change.path, old_path, before, after, removed, frozenset(range(1, _count_lines(after) + 1)))
    if not change.hunks:
        return None
    return FixedFile(
        path=change.path,
        old_path=old_path,
        before=before,
        after=after,
        removed=_deleted_lines(change),
        added=change.added_lines,
        gaps=frozenset(hunk.old_start for hunk in change.hunks if not hunk.deleted),
        gaps_after=change.deletion_points,
    )


def _deleted(change: FileChange, before: bytes | None) -> FixedFile | None:
    if before is None:
        return None
    removed = frozenset(range(1, _count_lines(before) + 1))
    return FixedFile(change.path, change.path, before, None, removed, gaps_after=frozenset({0}))


def _deleted_lines(change: FileChange) -> frozenset[int]:
    return frozenset(
        line for hunk in change.hunks for line in range(hunk.old_start, hunk.old_start + len(hunk.deleted))
    )


def _count_lines(data: bytes) -> int:
    return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


def _nothing(wanted: Sequence[FileChange], tests: Sequence[str]) -> str:
    """Why there is no Python to learn from."""
    unread = next((change for change in wanted if change.failed is not None), None)
    if unread is not None:
        return f"{unread.path} could not be read: {unread.failed}"
    if wanted:
        return "it changes no line of Python, only names or modes of files; name the commit that mends the code"
    if tests:
        more = f" and {len(tests) - 1} more" if len(tests) > 1 else ""
        return f"of Python it touches tests only ({tests[0]}{more}); name the commit that mends the code"
    return "it touches no Python; name a commit that does"


def _day(head: bytes) -> str:
    match = _COMMITTER.search(head)
    if match is None:
        return ""
    try:
        return datetime.fromtimestamp(int(match["seconds"]), tz=UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return ""
