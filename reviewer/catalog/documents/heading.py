"""What the headings and labels of a post-mortem say of the text under them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import get_args

from reviewer.domain.lesson import Topic

_LONGEST = 80
_NUMBER = re.compile(r"(?:\d{1,2}(?:[.)]|(?=\s))|[ivx]{1,4}[.)])[\d.]{0,8}\s*")
_EMOJI = re.compile(r":[a-z0-9_+-]{1,40}:")
_MARKS = re.compile(r"[^\w\s'&/().;-]")
_ARTICLES = re.compile(r"\b(?:the|our|a|an|incident's)\s+")
_BETWEEN = re.compile(r"\s*(?:&|/|,|\band\b)\s*")
_OF_IT = re.compile(r"\s+(?:of|for|to|during) (?:this |that )?(?:incident|outage|problem|event|issue|failure)$")


@dataclass(frozen=True, slots=True)
class Role:
    """What stands under a heading.

    Attributes:
        topic: the topic that it tells of; None where it tells several things, or nothing that a lesson asks for.
        rank: of several parts for one topic that with the lowest is taken.
        other: "summary", "leadup", "timeline", "badly" or "aside" where there is no topic.
    """

    topic: Topic | None = None
    rank: int = 0
    other: str = ""


def role_of(heading: str) -> Role | None:
    """What a heading or label says of the text under it; None for one that says nothing known.

    A heading of several topics ("Impact and root cause") says nothing of which sentence is which, and counts as a
    summary.
    """
    if len(heading) > _LONGEST:
        return None
    plain = _plain(heading)
    found = _lookup(plain)
    if found is not None:
        return found
    parts = [_lookup(part) for part in _BETWEEN.split(plain)]
    if len(parts) < 2 or None in parts:
        return None
    topics = {part.topic for part in parts if part is not None}
    return parts[0] if len(topics) == 1 else Role(other="summary")


def _lookup(plain: str) -> Role | None:
    shorter = _OF_IT.sub("", plain)
    for role, pattern in _roles():
        if pattern.fullmatch(plain) or pattern.fullmatch(shorter):
            return role
    return None


def _plain(heading: str) -> str:
    text = " ".join(_EMOJI.sub(" ", heading.lower()).replace("’", "'").replace("(s)", "s").replace("–", "-").split())
    text = _NUMBER.sub("", text, count=1) if _NUMBER.match(text) else text
    text = _MARKS.sub(" ", text)
    return " ".join(_ARTICLES.sub("", text).strip(" .;:-?").split())


@cache
def _roles() -> tuple[tuple[Role, re.Pattern[str]], ...]:
    text = resources.files("reviewer.catalog.documents").joinpath("headings.toml").read_text(encoding="utf-8")
    data: Mapping[str, list[str]] = tomllib.loads(text)
    other: Mapping[str, list[str]] = tomllib.loads(text)["other"]
    topics: tuple[Topic, ...] = get_args(Topic)
    roles = [(Role(topic, rank), pattern) for topic in topics for rank, pattern in enumerate(data.get(topic, ()))]
    roles += [(Role(other=name), pattern) for name, patterns in other.items() for pattern in patterns]
    return tuple((role, re.compile(pattern)) for role, pattern in roles)
