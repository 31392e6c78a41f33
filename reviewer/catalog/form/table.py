"""A parsed table of TOML or JSON, read field by field; whatever does not belong there is refused with its place."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection, Sequence
from typing import TypeVar

from reviewer.errors import CatalogError

_ID = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,148}[a-z0-9_-])?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_SHOWN = 60

T = TypeVar("T", bound=str)


class Table:
    """One table.

    Args:
        data: what stands there; anything at all.
        place: what to call it in an error: the file, then the field.
        fields: the fields that it may have.

    Raises:
        CatalogError: it is no table, or has other fields.
    """

    def __init__(self, data: object, place: str, fields: Sequence[str]) -> None:
        if not isinstance(data, dict):
            raise CatalogError(place, f"{shown(data)} is no table; give it {', '.join(fields[:3])} …")
        for key in data:
            if key not in fields:
                near = difflib.get_close_matches(str(key), fields, 1)
                hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(fields)}"
                raise CatalogError(place, f"unknown field {shown(key)}{hint}")
        self._data = data
        self._place = place

    def at(self, field: str) -> str:
        """What to call a field in an error."""
        return f"{self._place}: {field}"

    def has(self, field: str) -> bool:
        """Whether it is there."""
        return field in self._data

    def value(self, field: str) -> object:
        """Whatever stands there; None where nothing does."""
        return self._data.get(field)

    def text(self, field: str, default: str | None = None) -> str:
        """A text; it has to be there and not be empty unless there is a default."""
        if field not in self._data:
            if default is None:
                raise CatalogError(self.at(field), "is missing; give a text")
            return default
        found = check_text(self._data[field], self.at(field))
        if default is None and not found.strip():
            raise CatalogError(self.at(field), "is empty; give a text")
        return found

    def name(self, field: str) -> str:
        """The id of a pattern or lesson."""
        return check_id(self.text(field), self.at(field))

    def day(self, field: str) -> str:
        """A day, ISO 8601; "" where it is not given."""
        found = self._data.get(field, "")
        found = found.isoformat() if type(found).__name__ == "date" else found
        text = check_text(found, self.at(field))
        if text and not _DAY.fullmatch(text):
            raise CatalogError(self.at(field), f"{shown(text)} is no day; write it as 2026-01-31, or leave it out")
        return text

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of texts; empty where it is not given."""
        found = self.list(field)
        return tuple(check_text(item, f"{self.at(field)}[{at}]") for at, item in enumerate(found))

    def choice(self, field: str, allowed: Collection[T], default: T | None = None) -> T:
        """One of some words."""
        if field not in self._data and default is not None:
            return default
        found = self.text(field)
        for word in allowed:
            if word == found:
                return word
        near = difflib.get_close_matches(found, list(allowed), 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise CatalogError(self.at(field), f"{shown(found)} is not allowed{hint}; one of {', '.join(allowed)}")

    def whole(self, field: str, default: int | None = None, *, least: int = 0) -> int:
        """A whole number."""
        found = self._data.get(field, default)
        if isinstance(found, bool) or not isinstance(found, int) or not least <= found < 2**53:
            raise CatalogError(self.at(field), f"{shown(found)} is no whole number of at least {least}; give one")
        return found

    def number(self, field: str, default: float = 0.0) -> float:
        """A number that is not negative."""
        found = self._data.get(field, default)
        if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < math.inf:
            raise CatalogError(self.at(field), f"{shown(found)} is no number of at least 0; give one")
        return float(found)

    def flag(self, field: str) -> bool:
        """True or false; false where it is not given."""
        found = self._data.get(field, False)
        if not isinstance(found, bool):
            raise CatalogError(self.at(field), f"{shown(found)} is neither true nor false; give one of them")
        return found

    def list(self, field: str) -> Sequence[object]:
        """A list; empty where it is not given."""
        found = self._data.get(field, [])
        if not isinstance(found, list):
            raise CatalogError(self.at(field), f"{shown(found)} is no list; put it into square brackets")
        return found

    def table(self, field: str, fields: Sequence[str]) -> Table:
        """A table inside this one."""
        return Table(self._data.get(field), self.at(field), fields)


def check_text(value: object, place: str) -> str:
    """A text that every store can hold.

    Raises:
        CatalogError: it is none, or holds what no file or database takes: a zero byte, half of a surrogate pair.
    """
    if not isinstance(value, str):
        raise CatalogError(place, f"{shown(value)} is no text; put it into quotes")
    if "\0" in value:
        raise CatalogError(place, "holds a zero byte; take it out")
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        raise CatalogError(place, "holds half of a surrogate pair; take it out")
    return value


def check_id(value: str, place: str) -> str:
    """The id of a pattern or lesson, which is the name of its file too.

    Raises:
        CatalogError: it could not be one.
    """
    if not _ID.fullmatch(value) or _RESERVED.fullmatch(value) or ".." in value:
        raise CatalogError(
            place, f"{shown(value)} is no id; use at most 150 small letters, digits, dashes, dots and underscores"
        )
    return value


def shown(value: object) -> str:
    """A value in an error: short, on one line, every character visible."""
    text = ascii(value) if isinstance(value, str | int | float | bool) or value is None else type(value).__name__
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
