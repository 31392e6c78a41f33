"""A lesson: what a post-mortem says of one incident, each statement with the place where the document says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Topic = Literal[
    "symptom",
    "cause",
    "trigger",
    "detection",  # how it was noticed
    "delay",  # how long that took
    "action",  # what ended it
    "regression-test",  # the test that was written afterwards
    "reached-production",  # why nothing stopped it before
    "missed-signal",  # what could have told earlier
    "catching-test",  # which test would have caught it
    "prevention",  # how the class of failure is prevented
]
"""What a lesson may tell; the last four are the questions of a post-mortem."""

TOPICS: tuple[Topic, ...] = (
    "symptom",
    "cause",
    "trigger",
    "detection",
    "delay",
    "action",
    "regression-test",
    "reached-production",
    "missed-signal",
    "catching-test",
    "prevention",
)

Shape = Literal["markdown", "text", "html", "github-issue", "github-advisory", "sentry"]
"""What sort of document a lesson was read from."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage of a document.

    Attributes:
        start, end: characters of the document's plain text (`Document.text`), end excluded.
        text: what stands there, white space folded.
    """

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What a lesson says about one topic.

    Attributes:
        words: in the document's words, or a model's, shortened.
        quotes: the passages that say it; never empty.
        by: the model whose words they are; None where they are the document's own.
    """

    words: str
    quotes: tuple[Quote, ...]
    by: str | None = None


@dataclass(frozen=True, slots=True)
class FixReference:
    """The commit that mended the cause.

    Attributes:
        repository: name or URL as the document or the person gave it; never a path of this machine.
        commit: revision as given, or its full id once it is resolved.
    """

    repository: str
    commit: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one incident teaches.

    Attributes:
        id: stable, made of organisation or repository and title; a corrected document keeps it.
        version: from 1; counts the corrected documents.
        title: one line.
        digest: SHA-256 of the document's plain text, white space folded; the same document is the same lesson.
        shape: what it was read from.
        source: where the document is to be found: a URL, or a path inside the repository; "" when unknown.
        organisation: whose incident it was; "" when unknown.
        date: day of the incident, ISO 8601; "" when unknown.
        statements: topic -> what is said; a topic that is not there is unknown.
        tags: libraries, services and failure classes that the document speaks of, lower case.
        fix: the mending commit; None when unknown.
        assistant: who wrote the failing code, where a trailer says it; "" when unknown.
    """

    id: str
    version: int
    title: str
    digest: str
    shape: Shape
    source: str = ""
    organisation: str = ""
    date: str = ""
    statements: Mapping[Topic, Statement] = field(default_factory=lambda: MappingProxyType({}))
    tags: tuple[str, ...] = ()
    fix: FixReference | None = None
    assistant: str = ""
