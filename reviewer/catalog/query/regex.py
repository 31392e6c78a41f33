"""What a regular expression risks, told from how it is built. It is parsed by Python's own parser and never run.

Source: https://docs.python.org/3/library/re.html, https://owasp.org/www-community/attacks/Regular_expression_Denial_of_Service_-_ReDoS
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from reviewer.domain.syntax import unwarned

TRAITS = (
    "nested-quantifier",
    "overlapping-repeats",
    "late-anchor",
    "unbounded-wildcard",
    "unanchored-end",
    "dollar-end",
    "matches-empty",
    "dynamic",
    "dynamic-escaped",
)
"""What is told of a pattern; the last two by whoever reads it from the source."""

MAX_LENGTH = 3000
"""Characters of a pattern that is looked at."""
_MANY = 10
"""Repetitions that count as no limit."""
_NEAR = 8
"""Repetitions behind one that are compared with it."""
_DEEPEST = 30
"""Groups and repetitions inside each other."""
_OTHER = 128
"""Stands for every character that is not ASCII."""
_EVERY = frozenset(range(_OTHER + 1))
_CATEGORIES = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}

Chars = frozenset[int]
Items = Sequence[tuple[Any, Any]]
"""A sequence of Python's parser: operations with their arguments."""


@lru_cache(maxsize=512)
def traits_of(pattern: str | bytes) -> frozenset[str]:
    """The traits of a pattern: some of `TRAITS`; none where it is no valid or too long a pattern.

    - nested-quantifier: something repeated without limit stands in what is itself repeated, and both can match the
      same text, so that the ways to match double with each character.
    - overlapping-repeats: two repetitions without limit that can share the text between them.
    - late-anchor: a search that begins with a repetition and can only end at the end of the text.
    - unbounded-wildcard: `.*` or `.+`.
    - unanchored-end: what stands behind the match is not looked at.
    - dollar-end: it ends with `$`, which a line end at the end of the text passes.
    - matches-empty: it matches nothing at all.
    """
    items = _parse(pattern)
    return frozenset() if items is None or _is_deep(items) else frozenset(_traits(items))


def _parse(pattern: str | bytes) -> Items | None:
    if len(pattern) > MAX_LENGTH:
        return None
    try:
        with unwarned():
            return list(re._parser.parse(pattern))  # type: ignore[attr-defined]
    except (re.error, RecursionError, OverflowError, ValueError):
        return None


def _traits(items: Items) -> Iterator[str]:
    for sequence in _sequences(items):
        if any(_is_nested(item) for item in sequence):
            yield "nested-quantifier"
        if _overlaps(sequence):
            yield "overlapping-repeats"
        if any(_is_wildcard(item) for item in sequence):
            yield "unbounded-wildcard"
    ways = list(_alternatives(items))
    if any(_is_late(way) for way in ways):
        yield "late-anchor"
    if any(_ending(way) is None for way in ways):
        yield "unanchored-end"
    if any(_ending(way) == "AT_END" for way in ways):
        yield "dollar-end"
    if _within(items, frozenset()):
        yield "matches-empty"


def _name(operation: object) -> str:
    return str(operation)


def _is_repeat(item: tuple[Any, Any]) -> bool:
    return _name(item[0]) in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


def _is_unbounded(item: tuple[Any, Any]) -> bool:
    return _is_repeat(item) and _name(item[0]) != "POSSESSIVE_REPEAT" and item[1][1] >= _MANY


def _bodies(item: tuple[Any, Any]) -> list[Items]:
    """The sequences that an operation holds."""
    operation, argument = _name(item[0]), item[1]
    if _is_repeat(item):
        return [argument[2]]
    if operation == "SUBPATTERN":
        return [argument[3]]
    if operation == "BRANCH":
        return list(argument[1])
    if operation == "ATOMIC_GROUP":
        return [argument]
    if operation == "GROUPREF_EXISTS":
        return [body for body in argument[1:] if body is not None]
    return []


def _sequences(items: Items, *, atomic: bool = True) -> Iterator[Items]:
    """A sequence and all those inside it; the content of groups stands in for the groups.

    Args:
        items: the sequence.
        atomic: look into groups too that are matched in one way only.
    """
    pending: list[Items] = [items]
    while pending:
        sequence = list(_flat(pending.pop()))
        yield sequence
        known = (item for item in sequence if atomic or _name(item[0]) != "ATOMIC_GROUP")
        pending.extend(body for item in known for body in _bodies(item))


def _is_deep(items: Items) -> bool:
    """Whether groups and repetitions stand deeper in each other than anybody writes."""
    level: list[Items] = [items]
    for _ in range(_DEEPEST):
        level = [body for sequence in level for item in sequence for body in _bodies(item)]
        if not level:
            return False
    return True


def _flat(items: Items) -> Iterator[tuple[Any, Any]]:
    for item in items:
        if _name(item[0]) == "SUBPATTERN":
            yield from _flat(item[1][3])
        else:
            yield item


def _alternatives(items: Items) -> Iterator[Items]:
    flat = list(_flat(items))
    if len(flat) == 1 and _name(flat[0][0]) == "BRANCH":
        for body in flat[0][1][1]:
            yield from _alternatives(body)
    else:
        yield flat


def _is_nested(item: tuple[Any, Any]) -> bool:
    if not _is_unbounded(item):
        return False
    body = item[1][2]
    inner = (one for sequence in _sequences(body, atomic=False) for one in sequence if _is_unbounded(one))
    return any(_within(body, _chars(one[1][2])) for one in inner)


def _overlaps(sequence: Items) -> bool:
    """Whether two repetitions can share a stretch of the text, with nothing between them that is not in it."""
    repeats = [(index, _chars(item[1][2])) for index, item in enumerate(sequence) if _is_unbounded(item)]
    for index, (first, ours) in enumerate(repeats):
        for second, theirs in repeats[index + 1 : index + 1 + _NEAR]:
            shared = ours & theirs
            if shared and _within(sequence[first + 1 : second], shared):
                return True
    return False


def _is_wildcard(item: tuple[Any, Any]) -> bool:
    return _is_unbounded(item) and [_name(one[0]) for one in _flat(item[1][2])] == ["ANY"]


def _is_late(way: Items) -> bool:
    return len(way) > 1 and _is_unbounded(way[0]) and _ending(way) is not None


def _ending(way: Items) -> str | None:
    """The anchor that a way ends with; None where it ends without one."""
    last = way[-1] if way else None
    if last is None or _name(last[0]) != "AT":
        return None
    kind = _name(last[1])
    return kind if kind in ("AT_END", "AT_END_STRING") else None


def _within(items: Items, chars: Chars) -> bool:
    """Whether a sequence can match some text of these characters alone, the empty one included."""
    return all(_item_within(item, chars) for item in items)


def _item_within(item: tuple[Any, Any], chars: Chars) -> bool:
    operation, argument = _name(item[0]), item[1]
    if _is_repeat(item):
        return argument[0] == 0 or _within(argument[2], chars)
    if operation == "BRANCH":
        return any(_within(body, chars) for body in argument[1])
    if bodies := _bodies(item):
        return all(_within(body, chars) for body in bodies)
    own = _chars_of(item)
    return own is None or bool(own & chars)


def _chars(items: Items) -> Chars:
    """The characters that a sequence may match, in whatever order."""
    found: set[int] = set()
    for sequence in _sequences(items):
        for item in sequence:
            found |= _chars_of(item) or frozenset()
    return frozenset(found)


def _chars_of(item: tuple[Any, Any]) -> Chars | None:
    """The characters of one that takes exactly one; None for what takes none by itself."""
    operation, argument = _name(item[0]), item[1]
    if operation == "LITERAL":
        return frozenset({min(argument, _OTHER)})
    if operation == "NOT_LITERAL":
        return _EVERY - ({argument} if argument < _OTHER else frozenset())
    if operation == "ANY":
        return _EVERY - {ord("\n")}
    return _class_of(argument) if operation == "IN" else None


def _class_of(parts: Sequence[tuple[Any, Any]]) -> Chars:
    found: set[int] = set()
    negated = False
    for operation, argument in parts:
        name = _name(operation)
        if name == "NEGATE":
            negated = True
        elif name == "LITERAL":
            found.add(min(argument, _OTHER))
        elif name == "RANGE":
            found.update(range(min(argument[0], _OTHER), min(argument[1], _OTHER) + 1))
        elif name == "CATEGORY":
            found |= _category(_name(argument))
    return frozenset(_EVERY - found if negated else found)


@lru_cache(maxsize=16)
def _category(name: str) -> Chars:
    """`CATEGORY_NOT_DIGIT` and its like."""
    kind = next((written for part, written in _CATEGORIES.items() if name.endswith(part)), ".")
    own = {code for code in range(_OTHER) if re.match(kind, chr(code))}
    if kind == r"\w":
        own.add(_OTHER)
    return frozenset(_EVERY - own if "_NOT_" in name else own)
