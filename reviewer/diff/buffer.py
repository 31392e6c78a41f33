"""An editor's buffer → what changed in it since the last commit, as a review sees it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from reviewer.domain.change import ChangeKind, FileChange, Hunk

_MOST_COMPARED = 4_000
"""Lines, of both versions together, that are compared one by one; more of them count as replaced as a whole."""


def change_of(path: str, before: bytes | None, text: str) -> FileChange:
    """The change that a buffer makes to a file.

    Args:
        path: from the root of the repository.
        before: the file as it was committed; None for a new one, of which every line counts.
        text: the buffer.
    """
    content = text.encode("utf-8", "surrogatepass")
    if before is None:
        return FileChange(path, ChangeKind.ADDED, content=content, whole=True)
    hunks = tuple(hunks_between(_lines(before.decode("utf-8", "replace")), _lines(text)))
    return FileChange(path, ChangeKind.MODIFIED, hunks=hunks, content=content, old_content=before)


def hunks_between(old: Sequence[str], new: Sequence[str]) -> Iterator[Hunk]:
    """The blocks in which two versions of a file differ, without context lines.

    What both begin and end with is passed over first, so that a keystroke in a long file costs little.

    Args:
        old, new: lines without their ends.
    """
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    before, after = old[start : len(old) - end], new[start : len(new) - end]
    if not before and not after:
        return
    if len(before) + len(after) > _MOST_COMPARED:
        yield _hunk(start, start, before, after)
        return
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            yield _hunk(start + i1, start + j1, before[i1:i2], after[j1:j2])


def _hunk(old: int, new: int, deleted: Sequence[str], added: Sequence[str]) -> Hunk:
    return Hunk(old + bool(deleted), new + bool(added), tuple(deleted), tuple(added))


def _lines(text: str) -> list[str]:
    """The lines as git numbers them."""
    return text.replace("\r\n", "\n").split("\n")
