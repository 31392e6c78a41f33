"""Reads what a provider sent without trusting its shape.

The SDKs build their types around whatever arrives, so a wrong field shows only where it is used. Here it is looked at
once, and what is not as it should be counts as absent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from reviewer.llm.failure import Asked, unreadable


def read_object(data: bytes, asked: Asked) -> Mapping[str, Any]:
    """The JSON object in a body.

    Raises:
        ModelError: there is none.
    """
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise unreadable(asked) from error
    if not isinstance(body, dict):
        raise unreadable(asked)
    return body


def mapping(value: object) -> Mapping[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def objects(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects of a list, where it is one."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, Mapping))


def text(value: object) -> str:
    """The value where it is text, else none, able to be written as UTF-8 (JSON can spell half a surrogate pair)."""
    return sendable(value) if isinstance(value, str) else ""


def sendable(value: str) -> str:
    """Text with a question mark for each half surrogate, which no body may hold."""
    return value.encode("utf-8", "replace").decode("utf-8")


def count(value: object) -> int:
    """The value where it counts something, else 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
