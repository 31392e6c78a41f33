"""The catalog as a value, and what look-ups answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from reviewer.domain.lesson import Lesson
from reviewer.domain.pattern import Pattern

Verdict = Literal["useful", "wrong", "waived", "fixed"]
"""What became of a finding; "fixed": a later change on its lines made it go away."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """Patterns with the incidents that they come from; both sorted by id."""

    patterns: tuple[Pattern, ...] = ()
    lessons: tuple[Lesson, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a look-up is narrowed to; empty means any.

    Attributes:
        libraries: top-level packages.
        services: sorts of external calls (`library.CallKind`).
        failures: classes of failure (`pattern.FAILURES`).
        since, until: days of the incident, ISO 8601, both included.
        assistants: who wrote the failing code.
    """

    libraries: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    assistants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IncidentReference:
    """An incident as an answer names it."""

    title: str
    date: str
    source: str
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A pattern, or an incident that has none, as look-ups see it.

    Attributes:
        id: of the pattern or lesson.
        title: one line.
        incidents: where it happened.
        fields: the terms of each of its fields, as `catalog.lookup.listing` makes them.
    """

    id: str
    title: str
    incidents: tuple[IncidentReference, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """An entry with what it is found by.

    Attributes:
        entry: the entry.
        labels: what a look-up may be narrowed to: (sort, value), the sorts being the fields of `Wish`, "date" for days,
            "states" for the state of a pattern.
        passage: its own words, for the model of meaning.
    """

    entry: Entry
    labels: tuple[tuple[str, str], ...]
    passage: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer of a look-up.

    Attributes:
        id: of the pattern; of the lesson where an incident has no pattern.
        title: one line.
        score: between 0 and 1, comparable within one answer list.
        why: the reason for the hit, in words.
        incidents: where it happened.
    """

    id: str
    title: str
    score: float
    why: str
    incidents: tuple[IncidentReference, ...] = ()

    def data(self) -> dict[str, Any]:
        """As it is told to machines."""
        return {
            "id": self.id,
            "title": self.title,
            "score": round(self.score, 4),
            "why": self.why,
            "incidents": [{"title": one.title, "date": one.date, "source": one.source} for one in self.incidents],
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one finding.

    Attributes:
        finding: its fingerprint.
        rule: id of the rule.
        pattern: id of the pattern that it met; "" for none.
        repository: name of the repository; "" when unknown.
        verdict: what became of it.
        at: when, ISO 8601 in UTC.
        by: who said so: a person's name, "change", "reaction".
    """

    finding: str
    rule: str
    pattern: str
    repository: str
    verdict: Verdict
    at: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Quiet:
    """What is told quietly in a repository, because it was wrong too often: id -> why, in words."""

    rules: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    patterns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
