"""What a merge brings that neither side had: two comparisons of the same files, reduced to what both call new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reviewer.domain.change import FileChange, Hunk


def new_against_both(files: Sequence[FileChange], others: Iterable[FileChange]) -> list[FileChange]:
    """The files that differ from both states, with the lines that do.

    Args:
        files: the comparison whose files, old contents and deleted lines are kept.
        others: the comparison of the same new state with another old one.
    """
    known = {file.path: file for file in others}
    return [_narrowed(file, known[file.path]) for file in files if file.path in known]


def _narrowed(file: FileChange, other: FileChange) -> FileChange:
    if other.whole or not other.hunks:
        return file if other.whole else replace(file, hunks=())
    lines = frozenset(line for hunk in other.hunks for line in hunk.added_lines)
    points = frozenset(hunk.new_start for hunk in other.hunks if hunk.deleted and not hunk.added)
    hunks: list[Hunk] = []
    for hunk in file.hunks:
        if not hunk.added:
            hunks += [hunk] if hunk.new_start in points else []
        else:
            hunks += _parts(hunk, lines)
    return replace(file, hunks=tuple(hunks))


def _parts(hunk: Hunk, lines: frozenset[int]) -> list[Hunk]:
    """The runs of a hunk's added lines that are among some lines; all of it where that is all."""
    kept = [number for number in hunk.added_lines if number in lines]
    if len(kept) == len(hunk.added):
        return [hunk]
    parts: list[Hunk] = []
    for number in kept:
        text = hunk.added[number - hunk.new_start]
        if parts and number == parts[-1].added_lines.stop:
            parts[-1] = replace(parts[-1], added=(*parts[-1].added, text))
        else:
            parts.append(Hunk(hunk.old_start, number, (), (text,)))
    return parts
