"""The turns of phrase of `cues.toml`, searched for in sentences and in their clauses.

Every pattern is searched for in a sentence of bounded length, so that no text can make the search long.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, get_args

from reviewer.domain.lesson import Topic

LONGEST = 600
"""Characters of a sentence that is searched; a longer one says nothing by itself."""
_LEAST_CLAUSE = 20
_NAME = re.compile(r"<([a-z-]+)>")
_CLAUSE = re.compile(r"; |, (?:but|yet) ")
_NOT_KNOWN = re.compile(
    r"(?:\b(?:not|never|nothing|no one|nobody|no)|n't)\b.{0,40}"
    r"\b(?:record(?:ed)?|stated|known?|documented|said|described|linked|mentioned|clear|sure|certain|idea)\b"
    r"|\b(?:unknown|unclear|unrecorded)\b",
    re.IGNORECASE,
)
"""A sentence that says that something is not known."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A turn of phrase.

    Attributes:
        topic: what the sentence tells of.
        weight: 3 where it says so itself, 2 where it can hardly mean something else.
        says: what to search for.
        unless: what must not be there; None for nothing.
        early: it counts in the first sentences of a document only.
        under: it counts in a part of this sort only; "" for any.
    """

    topic: Topic
    weight: int
    says: re.Pattern[str]
    unless: re.Pattern[str] | None
    early: bool
    under: str


@dataclass(frozen=True, slots=True)
class Cued:
    """What a sentence tells of by itself.

    Attributes:
        topic: the topic.
        weight: of the strongest cue.
        start, end: the characters of the sentence that say it: a clause, or all of them.
    """

    topic: Topic
    weight: int
    start: int
    end: int


def cues_in(sentence: str, *, early: bool, under: str = "") -> Iterator[Cued]:
    """The topics that a sentence tells of by itself.

    Args:
        sentence: its text, as it stands or with white space folded.
        early: it is one of the first of its document.
        under: the sort of the part that it stands in, as `Role.other`.
    """
    if len(sentence) > LONGEST or sentence.rstrip().endswith("?") or _NOT_KNOWN.search(sentence):
        return
    told: dict[Topic, Cued] = {}
    clauses = list(_clauses(sentence))
    for cue in _cues():
        known = told.get(cue.topic)
        if (
            (known is not None and known.weight >= cue.weight)
            or (cue.early and not early)
            or cue.under not in ("", under)
        ):
            continue
        for start, end in clauses:
            part = sentence[start:end]
            if cue.says.search(part) and not (cue.unless is not None and cue.unless.search(part)):
                told[cue.topic] = Cued(cue.topic, cue.weight, start, end)
                break
    yield from told.values()


def _clauses(sentence: str) -> Iterator[tuple[int, int]]:
    """The clauses of a sentence that could stand by themselves, and then the whole of it."""
    start = 0
    places = []
    for found in _CLAUSE.finditer(sentence):
        places.append((start, found.start()))
        start = found.end()
    places.append((start, len(sentence)))
    if len(places) > 1 and all(end - begin >= _LEAST_CLAUSE for begin, end in places):
        yield from places
    yield 0, len(sentence)


@cache
def _cues() -> tuple[Cue, ...]:
    text = resources.files("reviewer.catalog.documents").joinpath("cues.toml").read_text(encoding="utf-8")
    data: Mapping[str, Any] = tomllib.loads(text)
    parts: Mapping[str, str] = data["parts"]
    topics: tuple[Topic, ...] = get_args(Topic)
    return tuple(
        Cue(
            topic,
            one["weight"],
            _compiled(one["says"], parts),
            _compiled(one["unless"], parts) if "unless" in one else None,
            one.get("early", False),
            one.get("under", ""),
        )
        for topic in topics
        for one in data[topic]
    )


def _compiled(pattern: str, parts: Mapping[str, str]) -> re.Pattern[str]:
    while _NAME.search(pattern):
        pattern = _NAME.sub(lambda found: parts[found[1]], pattern)
    return re.compile(pattern, re.IGNORECASE)
