"""What several groups of routes read and answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

Revision = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^-\x00-\x20][^\x00-\x20]*$")]
"""A revision of git: no option, no spaces, no control characters; short enough for an index of PostgreSQL."""
Place = Annotated[str, Field(min_length=1, max_length=600)]
"""A URL or a path of a repository; short enough for an index of PostgreSQL."""


class Body(BaseModel):
    """The body of a request whose text can be kept: PostgreSQL keeps no NUL, and UTF-8 has no half of a character."""

    @model_validator(mode="before")
    @classmethod
    def _can_be_kept(cls, data: Any) -> Any:
        if not all(map(is_kept, _texts(data))):
            raise ValueError("a text holds NUL, or half of a character; leave that out")
        return data


def is_kept(text: str) -> bool:
    """Whether a database can keep a text."""
    return "\0" not in text and (text.isascii() or text.encode("utf-8", "replace").decode() == text)


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _texts(key)
            yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)


class Accepted(BaseModel):
    """It is kept, and will be done."""

    model_config = ConfigDict(json_schema_extra={"example": {"id": "0b54c8f0a1f54e3f8e2f6d1b7c9a4e21"}})

    id: str
