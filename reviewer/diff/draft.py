"""What `git diff --raw -p` says of each file, before its contents are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from reviewer.diff.language import Language, becomes_python, judge_name
from reviewer.diff.patch import FilePatch, read_patch
from reviewer.diff.path import UNSAFE_PATH, decode, is_safe
from reviewer.domain.change import ChangeKind, FileChange, Hunk
from reviewer.errors import RepositoryError

_REGULAR, _SYMLINK, _SUBMODULE = "100", "120000", "160000"
_KINDS = {
    "A": ChangeKind.ADDED,
    "D": ChangeKind.DELETED,
    "M": ChangeKind.MODIFIED,
    "T": ChangeKind.MODIFIED,
    "R": ChangeKind.RENAMED,
    "C": ChangeKind.COPIED,
    "U": ChangeKind.MODIFIED,
}
_FIRST_FILE = re.compile(rb"^diff --git ", re.MULTILINE)
_UNMERGED = "it has merge conflicts; resolve them and review again"


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of `git diff --raw`; ids of all zeros (not known to git, or no such side) are empty."""

    old_mode: str
    new_mode: str
    old_id: str
    new_id: str
    status: str
    path: str
    old_path: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A changed file that may still lack its contents.

    Attributes:
        change: all that is known without contents.
        wanted: the contents are to be read.
        new_id: blob of the new contents; "" for those in the work tree.
        old_id: blob of the old contents; "" where there are none to be had.
        script: only a first line that names Python makes it Python.
        hidden: git did not show its lines: it takes the file for binary, or does not know it.
    """

    change: FileChange
    wanted: bool = False
    new_id: str = ""
    old_id: str = ""
    script: bool = False
    hidden: bool = False


def read_drafts(output: bytes) -> list[Draft]:
    """Understand the output of `git diff-tree` or `diff-index` with `--raw -z -p`, in its order.

    Raises:
        RepositoryError, DiffError: git wrote what it is not known to write.
    """
    entries, patch = _split(output)
    first = _FIRST_FILE.search(patch)  # "* Unmerged path …" may stand before it, or alone
    patches = {file.change.path: file for file in read_patch(patch[first.start() :] if first is not None else b"")}
    unmerged = {entry.path for entry in entries if entry.status == "U"}
    drafts: list[Draft] = []
    for entry in entries:
        if entry.path not in unmerged:
            drafts.extend(_draft(entry, patches))
    drafts.extend(Draft(FileChange(path=path, kind=ChangeKind.MODIFIED, failed=_UNMERGED)) for path in sorted(unmerged))
    return drafts


def read_uncommitted_paths(output: bytes) -> list[str]:
    """The files that a listing (`diff-index --raw -z`) says to have contents that only the work tree has."""
    entries, _ = _split(output)
    return [entry.path for entry in entries if not entry.new_id and entry.new_mode.startswith(_REGULAR)]


def draft_whole(draft: Draft) -> Draft:
    """The same file with every line counted as changed."""
    return replace(draft, change=replace(draft.change, hunks=(), whole=True)) if draft.wanted else draft


def draft_untracked(path: str) -> Draft:
    """A file of the work tree that git does not know yet."""
    return _wanting(FileChange(path=path, kind=ChangeKind.ADDED), "", "", hidden=True)


def whole_hunk(data: bytes) -> tuple[Hunk, ...]:
    """The one hunk that adds all of a file; none for an empty file."""
    lines = data.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return (Hunk(0, 1, (), tuple(map(decode, lines))),) if lines else ()


def _split(output: bytes) -> tuple[list[Entry], bytes]:
    entries: list[Entry] = []
    at = 0
    while output.startswith(b":", at):
        end = output.find(b"\0", at)
        fields = output[at + 1 : end].decode("ascii", "replace").split(" ")
        count = 2 if fields[-1][:1] in {"R", "C"} else 1
        paths: list[str] = []
        for _ in range(count):
            at, end = end + 1, output.find(b"\0", end + 1)
            if end < 0:
                raise RepositoryError("git gave a list of files that is cut short; check it with 'git fsck'")
            paths.append(decode(output[at:end]))
        if len(fields) != 5:
            raise RepositoryError("git gave a list of files in an unknown form; update git")
        ids = ["" if not id.strip("0") else id for id in fields[2:4]]
        entries.append(
            Entry(fields[0], fields[1], ids[0], ids[1], fields[4][:1], paths[-1], paths[0] if count == 2 else None)
        )
        at = end + 1
    return entries, output[at:].removeprefix(b"\0")


def _draft(entry: Entry, patches: Mapping[str, FilePatch]) -> list[Draft]:
    patch = patches.get(entry.path)
    change = FileChange(
        path=entry.path,
        old_path=entry.old_path,
        kind=_KINDS.get(entry.status, ChangeKind.MODIFIED),
        hunks=patch.change.hunks if patch is not None else (),
    )
    binary = patch is not None and patch.binary
    if not is_safe(entry.path) or (entry.old_path is not None and not is_safe(entry.old_path)):
        return [Draft(replace(change, failed=UNSAFE_PATH))]
    reason = {_SYMLINK: "symlink", _SUBMODULE: "submodule"}.get(entry.new_mode)
    if entry.status == "D":
        reason = "deleted"
    elif entry.status == "M" and reason is None and not change.hunks and not binary:
        if entry.old_mode == entry.new_mode:
            return []  # git only saw a newer time stamp
        change, reason = replace(change, kind=ChangeKind.MODE), "only its mode changed"
    if reason is not None:
        return [Draft(replace(change, skipped=reason))]
    old_id = entry.old_id if entry.status != "A" and entry.old_mode.startswith(_REGULAR) else ""
    draft = _wanting(change, entry.new_id, old_id, hidden=binary)
    return [replace(draft, change=replace(draft.change, skipped="binary")) if binary and not draft.wanted else draft]


def _wanting(change: FileChange, new_id: str, old_id: str, *, hidden: bool) -> Draft:
    """A draft whose contents are read if they may be Python."""
    language = judge_name(change.path)
    if language is Language.STUB:
        return Draft(replace(change, skipped="type stub"))
    if language is Language.OTHER:
        return Draft(replace(change, skipped="not Python"))
    if becomes_python(change.old_path, change.path):
        change, hidden = replace(change, hunks=(), whole=True), False
    script = language is Language.UNKNOWN
    return Draft(change, wanted=True, new_id=new_id, old_id=old_id, script=script, hidden=hidden)
