"""Joins a patch with the contents of the files it changes, so that it can be reviewed like a commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reviewer.diff.language import NUL_BYTES, Language, becomes_python, is_script, judge_name
from reviewer.diff.patch import FilePatch, read_patch
from reviewer.diff.path import encode
from reviewer.domain.change import Change, ChangeKind, FileChange
from reviewer.ports import Repository

_WITHOUT_LINES = "the diff calls it binary and shows no lines; make the diff with 'git diff --text'"


def change_from_patch(
    data: bytes, repository: Repository | None, head: str | None = None, *, file_bytes: int = 1024 * 1024
) -> Change:
    """The change that a unified diff describes.

    Contents are those after the change. They are held against every line that the diff shows; a file that does not fit
    is failed. Without contents a file consists of the shown lines at their numbers with blank lines between, and is
    `partial`; a new file is whole, for the diff shows all of it.

    Args:
        data: the diff.
        repository: where the contents are; None for nowhere.
        head: the revision that has them; None for the work tree.
        file_bytes: contents that are put together from hunks are not made larger than this.

    Raises:
        DiffError: `data` is no unified diff.
        RevisionError, RepositoryError: as `Repository.read`.
    """
    patches = read_patch(data)
    wanted = [patch.change.path for patch in patches if _is_wanted(patch)]
    contents = repository.read(wanted, head) if repository is not None and wanted else {}
    place = "the work tree" if head is None else head
    files = tuple(sorted((_join(patch, contents, place, file_bytes) for patch in patches), key=lambda file: file.path))
    partial = sum(file.partial for file in files)
    notes: tuple[str, ...] = () if files else ("the diff is empty; check the command that makes it",)
    if partial:
        where = f"they are not in {place} or too large" if repository is not None else "no repository was given"
        subject = "1 file was" if partial == 1 else f"{partial} files were"
        notes = (f"{subject} reviewed from the lines of the diff alone, without the rest of the file: {where}",)
    return Change(repository.name if repository is not None else None, None, None, files, notes)


def undo(content: bytes, patch: FilePatch) -> bytes | None:
    """The old file, made from the new one and the patch between them.

    Carriage returns at the end of a line may differ from the diff's, for mail loses them.

    Returns:
        None where the contents are not what the patch leads to.
    """
    lines = content.split(b"\n")
    terminated = lines[-1] == b""
    if terminated:
        lines.pop()
    if not _fits(lines, patch):
        return None
    hunks = patch.change.hunks
    if hunks:
        last = hunks[-1]
        touches_end = last.new_start - (1 if last.added else 0) + len(last.added) == len(lines)
        if touches_end:
            if last.added and terminated == patch.new_unterminated:
                return None
            terminated = not (last.deleted and patch.old_unterminated)
    for hunk in reversed(hunks):
        start = hunk.new_start - 1 if hunk.added else hunk.new_start
        lines[start : start + len(hunk.added)] = map(encode, hunk.deleted)
    return b"\n".join(lines) + (b"\n" if terminated and lines else b"")


def _is_wanted(patch: FilePatch) -> bool:
    change = patch.change
    return (
        change.skipped is None
        and change.failed is None
        and judge_name(change.path) in {Language.PYTHON, Language.UNKNOWN}
    )


def _join(patch: FilePatch, contents: Mapping[str, bytes], place: str, limit: int) -> FileChange:
    change = patch.change
    language = judge_name(change.path)
    if patch.binary and change.skipped == "binary" and language is Language.PYTHON:
        return replace(change, skipped=None, failed=_WITHOUT_LINES)
    if change.skipped is not None or change.failed is not None:
        return change
    if change.kind is ChangeKind.MODE:
        return replace(change, skipped="only its mode changed")
    if not _is_wanted(patch):
        return replace(change, skipped="type stub" if language is Language.STUB else "not Python")
    content = contents.get(change.path)
    joined = _without_contents(patch, limit) if content is None else _with_contents(patch, content, place)
    if language is Language.UNKNOWN and not is_script(joined.content or b""):
        return replace(change, skipped="not Python")
    return joined


def _with_contents(patch: FilePatch, content: bytes, place: str) -> FileChange:
    change = patch.change
    old = undo(content, patch)
    if old is None:
        reason = f"the diff does not match the contents of {place}; name the revision that it leads to with --head"
        return replace(change, failed=reason)
    if b"\0" in content:
        return replace(change, failed=NUL_BYTES)
    if becomes_python(change.old_path, change.path):
        return replace(change, content=content, old_content=old, hunks=(), whole=True)
    return replace(change, content=content, old_content=None if change.kind is ChangeKind.ADDED else old)


def _without_contents(patch: FilePatch, limit: int) -> FileChange:
    change = patch.change
    if not patch.excerpts and not change.hunks:
        return replace(change, skipped="no line of it changed")
    parts: list[bytes] = []
    size, line = 0, 1
    for excerpt in patch.excerpts:
        gap = excerpt.start - line
        size += gap + sum(len(text) + 1 for text in excerpt.lines)
        if size > limit:
            return replace(change, failed=f"the diff alone makes more than {limit:,} bytes; raise limits.file-bytes")
        parts.append(b"\n" * gap + b"".join(text + b"\n" for text in excerpt.lines))
        line = excerpt.start + len(excerpt.lines)
    content = b"".join(parts)
    if b"\0" in content:
        return replace(change, failed=NUL_BYTES)
    if change.kind is ChangeKind.ADDED:
        return replace(change, content=content[:-1] if patch.new_unterminated else content)
    return replace(change, content=content, partial=True)


def _fits(lines: list[bytes], patch: FilePatch) -> bool:
    """True where the new file has every line that the patch shows of it, at its number."""
    for excerpt in patch.excerpts:
        there = lines[excerpt.start - 1 : excerpt.start - 1 + len(excerpt.lines)]
        if there != list(excerpt.lines) and [line.rstrip(b"\r") for line in there] != [
            line.rstrip(b"\r") for line in excerpt.lines
        ]:
            return False
    change = patch.change
    if change.kind is ChangeKind.ADDED:
        return len(lines) == sum(len(hunk.added) for hunk in change.hunks)
    return all(hunk.new_start <= len(lines) for hunk in change.hunks)
