"""Members of a catalog to test with."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

from reviewer.catalog.query.language import read_detector
from reviewer.domain.catalog import Catalog, Outcome
from reviewer.domain.finding import Question
from reviewer.domain.lesson import FixReference, Lesson, Quote, Statement
from reviewer.domain.pattern import Pattern, Replay, State

LESSON = Lesson(
    id="shop-prices-2026",
    version=2,
    title="Prices of another shop were shown",
    digest="ab" * 32,
    shape="markdown",
    source="https://shop.example/postmortems/12",
    organisation="Shop",
    date="2026-01-31",
    statements=MappingProxyType(
        {
            "symptom": Statement("Customers saw foreign prices.", (Quote(10, 39, "Customers saw foreign prices."),)),
            "cause": Statement(
                'A cancelled request\nleft its answer « ü » on the "pooled" connection.',
                (Quote(50, 90, "left its answer"), Quote(120, 130, "on the connection")),
                by="anthropic:claude",
            ),
        }
    ),
    tags=("redis", "connection-pool"),
    fix=FixReference("https://forge.example/shop/prices", "0123abcd"),
    assistant="claude",
)
PATTERN = Pattern(
    id="answer-left-on-connection",
    title="Answer that is left on a shared connection",
    failure="cancellation",
    question=Question.UNAVAILABLE,
    conditions="A reply is awaited on a pooled connection\nand nothing closes it on cancellation.",
    safe_form='try:\n\t...\nexcept BaseException:\n    connection.close()\n    raise  # \\ """\n',
    incidents=("shop-prices-2026",),
    detector=read_detector({"query": {"callee": "redis.Redis.get", "not": {"argument": "timeout"}}}, "sample"),
    state=State.ACTIVE,
    pinned=True,
    origin="model",
    replay=Replay("0123abcd", 1, 0, 2, 0.05, 12_000, 0.1, ("shop/prices.py:12",), "fires before, silent after"),
    libraries=("redis",),
    services=("cache",),
    assistants=(("aider", 1), ("claude", 2)),
    bad=("x = 1\n",),
    good=("x = 2\n", "x = 3\n"),
)
OUTCOME = Outcome("f00d", "no-timeout", PATTERN.id, "shop/prices", "useful", "2026-02-01T10:00:00+00:00", "ann")


def a_lesson(name: str, **changes: Any) -> Lesson:
    """The sample lesson under another name, and with other fields."""
    return replace(LESSON, id=name, **changes)


def a_pattern(name: str, **changes: Any) -> Pattern:
    """The sample pattern under another name, and with other fields."""
    return replace(PATTERN, id=name, **changes)


def in_words(title: str, words: str, *tags: str, name: str = "told") -> Lesson:
    """A lesson with nothing but what is said."""
    told = (
        MappingProxyType({"cause": Statement(words, (Quote(0, len(words), words),))}) if words else MappingProxyType({})
    )
    return Lesson(name, 1, title, "", "text", statements=told, tags=tags)  # type: ignore[arg-type]


def catalog(*members: Pattern | Lesson) -> Catalog:
    """A catalog of some members."""
    return Catalog(
        tuple(sorted((one for one in members if isinstance(one, Pattern)), key=lambda one: one.id)),
        tuple(sorted((one for one in members if isinstance(one, Lesson)), key=lambda one: one.id)),
    )
