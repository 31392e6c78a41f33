"""A verified patch as a block that the forge can apply with one click.

Such a block replaces whole lines of the new file by others, and all of its lines must be shown by the diff. A patch of
which that cannot be said (several places far apart, lines nobody should apply unseen) stays a diff to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reviewer.diff.patch import FilePatch, read_patch
from reviewer.domain.report import FindingItem
from reviewer.errors import DiffError

MOST_LINES = 30
"""Lines that one block replaces at most."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """Lines of the new file and what is to stand in their place.

    Attributes:
        start: first line, from 1.
        end: last line; not before `start`.
        lines: the new ones, without line ends.
    """

    start: int
    end: int
    lines: tuple[str, ...]


def replacement_of(item: FindingItem) -> Replacement | None:
    """The lines that a finding's patch replaces, those of the finding among them; None where it is no such patch."""
    if item.suggestion is None:
        return None
    try:
        patches = read_patch(item.suggestion.patch.encode("utf-8", "surrogateescape"))
    except (DiffError, UnicodeEncodeError):
        return None
    if len(patches) != 1 or patches[0].change.path != item.path or not patches[0].change.hunks:
        return None
    return _replacement(patches[0], item.line, max(item.line, item.end_line))


def _replacement(patch: FilePatch, first: int, last: int) -> Replacement | None:
    hunks = patch.change.hunks
    start, end = first, last
    for hunk in hunks:
        # An insertion is told by the line before it; at the very top there is none.
        begin = hunk.old_start if hunk.deleted else max(1, hunk.old_start)
        start, end = min(start, begin), max(end, begin + max(1, len(hunk.deleted)) - 1)
    if end - start >= MOST_LINES or patch.new_unterminated or patch.old_unterminated:
        return None
    known = _old_lines(patch)
    added = {hunk.old_start: hunk.added for hunk in hunks if not hunk.deleted}
    lines: list[str] = list(added.get(start - 1, ())) if start == 1 else []
    at = start
    replaced = {hunk.old_start: hunk for hunk in hunks if hunk.deleted}
    while at <= end:
        if block := replaced.get(at):
            lines += block.added
            at += len(block.deleted)
            continue
        if at not in known:
            return None
        lines.append(known[at])
        lines += added.get(at, ())
        at += 1
    # What cannot be seen, or would close the block, is not to be applied with one click.
    if not lines or not all(_is_plain(line) for line in lines):
        return None
    return Replacement(start, end, tuple(lines))


def _old_lines(patch: FilePatch) -> Mapping[int, str]:
    """The unchanged lines that a patch shows, by their old numbers."""
    added = {line for hunk in patch.change.hunks for line in hunk.added_lines}
    known: dict[int, str] = {}
    for excerpt in patch.excerpts:
        for number, line in enumerate(excerpt.lines, start=excerpt.start):
            if number not in added:
                shift = sum(
                    len(hunk.deleted) - len(hunk.added)
                    for hunk in patch.change.hunks
                    if (hunk.new_start + len(hunk.added) if hunk.added else hunk.new_start + 1) <= number
                )
                known[number + shift] = line.decode("utf-8", "surrogateescape")
    return known


def _is_plain(line: str) -> bool:
    # A line that begins with a slash gives GitLab a command, should it ever not see the block around it.
    acts = "```" in line or "~~~" in line or line.startswith("/")
    return not acts and line.replace("\t", "").isprintable()
