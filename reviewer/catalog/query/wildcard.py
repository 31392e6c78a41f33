"""Comparing values with what is wanted, where `*` stands for any characters."""

from __future__ import annotations

from collections.abc import Iterable

ANY = "*"


def meets(wanted: str, values: frozenset[str]) -> bool:
    """Whether one of the values is the wanted one."""
    if ANY not in wanted:
        return wanted in values
    return any(fits(wanted, value) for value in values)


def met(wanted: Iterable[str], values: frozenset[str]) -> tuple[str, ...]:
    """The values that one of the wanted ones fits, sorted."""
    return tuple(sorted(value for value in values if any(fits(one, value) for one in wanted)))


def fits(wanted: str, value: str) -> bool:
    """Whether a text fits; the time it takes grows with the lengths alone, whatever is wanted."""
    first, *others = wanted.split(ANY)
    if not others:
        return wanted == value
    last = others.pop()
    if len(value) < len(first) + len(last) or not value.startswith(first) or not value.endswith(last):
        return False
    at, end = len(first), len(value) - len(last)
    for part in others:
        at = value.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True
