"""The fields of parsed JSON that came from outside: each is asked for as what it should be, and may be anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fields:
    """An object of JSON.

    Attributes:
        values: its fields.
    """

    values: dict[str, Any]

    def text(self, *names: str) -> str:
        """The first of some fields that is a text with something in it; "" where none is."""
        for name in names:
            value = self.values.get(name)
            if isinstance(value, str) and value.strip():
                return value
        return ""

    def number(self, name: str) -> str:
        """A whole number, or text that holds one, as text; "" where it is none."""
        value = self.values.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15:
            return str(value)
        return value if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16 else ""

    def inside(self, *names: str) -> Fields:
        """The first of some fields that is an object; an empty one where none is."""
        for name in names:
            value = self.values.get(name)
            if isinstance(value, dict):
                return Fields(value)
        return Fields({})

    def each(self, name: str) -> Iterator[Fields]:
        """The objects in a list."""
        value = self.values.get(name)
        for item in value if isinstance(value, list) else ():
            if isinstance(item, dict):
                yield Fields(item)

    def texts(self, name: str) -> Iterator[str]:
        """The texts in a list."""
        value = self.values.get(name)
        for item in value if isinstance(value, list) else ():
            if isinstance(item, str) and item.strip():
                yield item

    def has(self, *names: str) -> bool:
        """Whether it has all of some fields, whatever they hold."""
        return all(name in self.values for name in names)

    def __bool__(self) -> bool:
        return bool(self.values)
