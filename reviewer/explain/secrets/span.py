"""Where a secret lies in a text, and the text as the readers of secrets see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.explain.secrets.value import Strength, fixed_parts, is_plain, is_secret, without_templates


@dataclass(frozen=True)
class SecretSpan:
    """From a character to before another, and the kind of what lies there."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class SearchedText:
    """A text without line numbers, with what was removed before masked.

    Attributes:
        text: the characters.
        lower: the same with the letters A to Z in lower case, place by place.
        numbered: whether the lines were numbered, as lines of code are.
    """

    text: str
    lower: str
    numbered: bool


CODE = re.compile(r"(?:await |not |lambda )|[({\[]|[A-Za-z_][\w.]*[(\[]|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+[),]*$")
"""What begins an expression or is a dotted name: no literal value."""


def fixed_spans(start: int, value: str, kind: str, strength: Strength, *, least: int) -> Iterator[SecretSpan]:
    """The fixed parts of a value that holds templates."""
    rest = without_templates(value)
    if rest == value:
        if least == 1 or is_secret(value, strength):
            yield SecretSpan(start, start + len(value), kind)
        return
    for begin, end in fixed_parts(value):
        part = value[begin:end]
        if len(part.strip(" :/@.-_&?=,;")) >= least and (
            is_secret(part, "some") or (strength == "any" and part.isalnum() and not is_plain(part))
        ):
            yield SecretSpan(start + begin, start + end, kind)
