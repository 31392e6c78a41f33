"""Path patterns in the manner of `.gitignore`.

Matching takes time in proportion to pattern and path, whatever the pattern is, since a pattern may come out of the
repository under review; this is why it is no regular expression. Source: https://git-scm.com/docs/gitignore
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


def matches_any(patterns: Sequence[str], path: str) -> bool:
    """Whether the path is matched; the last pattern that fits decides, and one that begins with '!' takes back.

    Args:
        patterns: as in `.gitignore`: '*' and '?' stop at '/', '**' does not, a '/' at the end means a directory and
            all below it, a '/' at the start or in the middle ties the pattern to the root.
        path: relative, '/' between its parts.
    """
    matched = False
    for pattern in patterns:
        negated = pattern.startswith("!")
        if matched == negated and _matches(pattern[1:] if negated else pattern, path):
            matched = not negated
    return matched


def _matches(pattern: str, path: str) -> bool:
    directory_only = pattern.endswith("/")
    body = pattern.rstrip("/")
    anchored = "/" in body
    wanted = [part for part in body.split("/") if part]
    if not wanted:
        return False
    if not anchored:
        wanted.insert(0, "**")
    parts = path.split("/")
    # A pattern that fits a directory takes all that is below it.
    longest = len(parts) - 1 if directory_only else len(parts)
    return any(fits >= 1 for fits in _prefixes(wanted, parts) if fits <= longest)


def _prefixes(wanted: Sequence[str], parts: Sequence[str]) -> list[int]:
    """Lengths of the beginnings of the path that the whole pattern fits."""
    reached = {0}
    for index, part in enumerate(wanted):
        if part == "**":
            last = index == len(wanted) - 1
            # At the end "**" needs something below; elsewhere it may stand for nothing.
            start = min(reached, default=len(parts) + 1) + (1 if last else 0)
            reached = set(range(start, len(parts) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(parts) and _fits(part, parts[at])}
    return sorted(reached)


@dataclass(frozen=True, slots=True)
class _One:
    """What one character may be: any, or one of (or none of) some ranges."""

    ranges: tuple[tuple[str, str], ...] | None = None
    negated: bool = False

    def takes(self, character: str) -> bool:
        if self.ranges is None:
            return True
        return any(low <= character <= high for low, high in self.ranges) != self.negated


def _fits(pattern: str, name: str) -> bool:
    """Whether a pattern without '/' fits a whole name: at each star the shortest stretch that works is taken."""
    items = _compile(pattern)
    at, position = 0, 0
    star, retry = -1, 0
    while position < len(name):
        item = items[at] if at < len(items) else None
        if at < len(items) and item is None:
            star, retry = at, position
            at += 1
        elif item is not None and item.takes(name[position]):
            at += 1
            position += 1
        elif star >= 0:
            retry += 1
            at, position = star + 1, retry
        else:
            return False
    return all(item is None for item in items[at:])


def _compile(pattern: str) -> list[_One | None]:
    """The pattern as a list of characters; None is a star."""
    items: list[_One | None] = []
    index = 0
    while index < len(pattern):
        character = pattern[index]
        index += 1
        if character == "*":
            if not items or items[-1] is not None:
                items.append(None)
        elif character == "?":
            items.append(_One())
        elif (
            character == "["
            and (end := pattern.find("]", index + 2 if pattern[index : index + 1] in "!^" else index + 1)) > 0
        ):
            items.append(_read_class(pattern[index:end]))
            index = end + 1
        else:
            if character == "\\" and index < len(pattern):
                character = pattern[index]
                index += 1
            items.append(_One(((character, character),)))
    return items


def _read_class(text: str) -> _One:
    negated = text[:1] in ("!", "^")
    text = text[1:] if negated else text
    ranges: list[tuple[str, str]] = []
    while text:
        if len(text) >= 3 and text[1] == "-":
            ranges.append((text[0], text[2]))
            text = text[3:]
        else:
            ranges.append((text[0], text[0]))
            text = text[1:]
    return _One(tuple(ranges), negated)
