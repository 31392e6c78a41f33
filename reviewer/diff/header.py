"""The lines before a file's first hunk: names, modes, renames."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reviewer.diff.path import decode, unquote
from reviewer.domain.change import ChangeKind
from reviewer.errors import DiffError

_NOWHERE = b"/dev/null"
_SYMLINK, _SUBMODULE = b"120000", b"160000"
_INDEX = re.compile(rb"index [0-9a-f]+\.\.[0-9a-f]+(?: ([0-7]{6}))?$")
_EXTENDED = (
    b"old mode ",
    b"new mode ",
    b"deleted file mode ",
    b"new file mode ",
    b"copy from ",
    b"copy to ",
    b"rename from ",
    b"rename to ",
    b"rename old ",
    b"rename new ",
    b"similarity index ",
    b"dissimilarity index ",
    b"index ",
)


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the hunks of one file.

    Attributes:
        old_path, new_path: without the prefixes that diff programs add; for a file that is new or gone, both are the
            same.
        kind: what the header says happened; None where only the hunks can tell.
        has_names: there were '---' and '+++' lines, so that a hunk must follow.
        is_symlink, is_submodule: by the mode of the new file (of the old one, when deleted).
    """

    old_path: str
    new_path: str
    kind: ChangeKind | None
    has_names: bool
    is_symlink: bool = False
    is_submodule: bool = False


def read_git_header(lines: list[bytes], start: int) -> tuple[Header, int]:
    """Read from the `diff --git` line on.

    Args:
        lines: all lines of the diff.
        start: index of the `diff --git` line.

    Returns:
        the header, and the index of the first line after it.

    Raises:
        DiffError: names are missing, broken or contradict one another.
    """
    at = start + 1
    extended: dict[bytes, bytes] = {}
    mode = b""
    while at < len(lines):
        line = lines[at].rstrip(b"\r")
        key = next((name for name in _EXTENDED if line.startswith(name)), None)
        if key is None:
            break
        extended[key] = line[len(key) :]
        match = _INDEX.match(line)
        if match is not None and match[1] is not None:
            mode = match[1]
        at += 1
    first = _split_git_line(lines[start].rstrip(b"\r")[len(b"diff --git ") :])
    names: tuple[bytes, bytes] | None = None
    if at + 1 < len(lines) and lines[at].startswith(b"--- ") and lines[at + 1].startswith(b"+++ "):
        names = _read_name(lines[at], at + 1), _read_name(lines[at + 1], at + 2)
        at += 2
    kind, old, new = _git_paths(extended, first, names, start + 1)
    mode = (
        extended.get(b"new file mode ") or extended.get(b"deleted file mode ") or extended.get(b"new mode ") or mode
    ).strip()
    header = Header(
        decode(old),
        decode(new),
        kind,
        has_names=names is not None,
        is_symlink=mode == _SYMLINK,
        is_submodule=mode == _SUBMODULE,
    )
    return header, at


def read_plain_names(lines: list[bytes], start: int) -> Header:
    """Read the two lines `--- OLD` and `+++ NEW` of a diff without a git header.

    Prefixes (`a/` and `b/`, or the names of two compared directories) and time stamps are taken off.

    Raises:
        DiffError: both names are /dev/null, or the quoting is broken.
    """
    old, new = _read_name(lines[start], start + 1), _read_name(lines[start + 1], start + 2)
    kind: ChangeKind | None = None
    if old == _NOWHERE and new == _NOWHERE:
        raise DiffError(start + 1, "both names are /dev/null; make the diff again")
    if old == _NOWHERE:
        kind, new = ChangeKind.ADDED, _without_prefix(new)
        old = new
    elif new == _NOWHERE:
        kind, old = ChangeKind.DELETED, _without_prefix(old)
        new = old
    else:
        old, new = _without_prefixes(old, new)
    return Header(decode(old), decode(new), kind, has_names=True)


def _git_paths(
    extended: dict[bytes, bytes],
    first: tuple[bytes, bytes] | None,
    names: tuple[bytes, bytes] | None,
    number: int,
) -> tuple[ChangeKind | None, bytes, bytes]:
    """Decide kind, old and new path from all the places where a git header names them; they must agree."""
    for kind, from_key, to_key in (
        (ChangeKind.RENAMED, b"rename from ", b"rename to "),
        (ChangeKind.RENAMED, b"rename old ", b"rename new "),
        (ChangeKind.COPIED, b"copy from ", b"copy to "),
    ):
        if from_key in extended and to_key in extended:
            old, new = _name(extended[from_key], number), _name(extended[to_key], number)
            if names is not None and not (names[0].endswith(old) and names[1].endswith(new)):
                raise DiffError(number, "the names in the header contradict one another; make the diff again")
            return kind, old, new
    pair = names or first
    if pair is None:
        raise DiffError(number, "the names of the file cannot be read from the header; make the diff again")
    old, new = pair
    if names is not None and first is not None:
        if (old not in {first[0], _NOWHERE}) or (new not in {first[1], _NOWHERE}):
            raise DiffError(number, "the names in the header contradict one another; make the diff again")
        old, new = first
    elif _NOWHERE in pair:
        old = new = _without_prefix(new if old == _NOWHERE else old)
    old, new = _without_prefixes(old, new)
    if b"new file mode " in extended or (names is not None and names[0] == _NOWHERE):
        return ChangeKind.ADDED, new, new
    if b"deleted file mode " in extended or (names is not None and names[1] == _NOWHERE):
        return ChangeKind.DELETED, old, old
    return None, old, new


def _split_git_line(rest: bytes) -> tuple[bytes, bytes] | None:
    """The two names of a `diff --git` line, prefixes included; None where it cannot be cut with certainty.

    Unquoted names may hold spaces. Git itself relies on both being the same but for their prefixes, and names renames
    and copies on lines of their own.
    """
    if rest.startswith(b'"'):
        quoted = unquote(rest)
        if quoted is None or not quoted[1].startswith(b" "):
            return None
        left, right = quoted[0], quoted[1][1:]
        if right.startswith(b'"'):
            second = unquote(right)
            return (left, second[0]) if second is not None and not second[1] else None
        return left, right
    if rest.endswith(b'"'):
        at = rest.find(b' "')
        second = unquote(rest[at + 1 :]) if at > 0 else None
        return (rest[:at], second[0]) if second is not None and not second[1] else None
    middle = len(rest) // 2
    if len(rest) % 2 and rest[middle : middle + 1] == b" ":
        left, right = rest[:middle], rest[middle + 1 :]
        if left == right or (left[1:] == right[1:] and left[1:2] == b"/"):
            return left, right
    return None


def _read_name(line: bytes, number: int) -> bytes:
    """The name on a `--- ` or `+++ ` line, prefix included, time stamp taken off."""
    return _name(line.rstrip(b"\r")[4:].partition(b"\t")[0] if line[4:5] != b'"' else line.rstrip(b"\r")[4:], number)


def _name(raw: bytes, number: int) -> bytes:
    if raw.startswith(b'"'):
        quoted = unquote(raw)
        if quoted is None:
            raise DiffError(number, "a quoted name is broken; make the diff again")
        raw = quoted[0]
    if not raw:
        raise DiffError(number, "a name is empty; make the diff again")
    return raw


def _without_prefixes(old: bytes, new: bytes) -> tuple[bytes, bytes]:
    """Take off what differs only because a diff program put it there."""
    if old == new:
        return old, new
    old_tail, new_tail = old.partition(b"/")[2], new.partition(b"/")[2]
    if old_tail and old_tail == new_tail:
        return old_tail, new_tail
    if old.startswith(b"a/") and new.startswith(b"b/"):
        return old[2:], new[2:]
    return new, new


def _without_prefix(name: bytes) -> bytes:
    return name[2:] if name[:2] in {b"a/", b"b/", b"i/", b"w/", b"c/", b"o/"} else name
