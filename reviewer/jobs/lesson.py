"""Learning a post-mortem, and looking things up: what is worked out in a process of its own over a tenant's catalog."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reviewer.domain.catalog import Catalog
    from reviewer.ports import CatalogStore


@dataclass(frozen=True, slots=True)
class Document:
    """A post-mortem to learn.

    Attributes:
        name: its ending tells the format.
        text: the document.
        catalog: URL of the tenant's catalog.
        folder: the repository of the fix, on this machine; None for none.
        repository: what that is called; "" for nothing.
        fix: the commit; None for none.
    """

    name: str
    text: str
    catalog: str
    folder: str | None = None
    repository: str = ""
    fix: str | None = None


def learn_document(document: Document, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Keep the lesson and the pattern of a post-mortem, as `reviewer patterns learn` does.

    Raises:
        PostmortemError, FixError, CatalogError: it cannot be learned.
    """
    from reviewer.catalog.documents.reading import Given, read_postmortem  # noqa: PLC0415 (heavy)
    from reviewer.catalog.form.lesson import write_lesson  # noqa: PLC0415
    from reviewer.catalog.learning import learn  # noqa: PLC0415
    from reviewer.catalog_wiring import open_catalog, open_workshop, places  # noqa: PLC0415

    progress(0, 1)
    given = Given(repository=document.repository, fix=document.fix or "")
    reading = read_postmortem(document.text.encode("utf-8", "surrogateescape"), document.name, given)
    with ExitStack() as stack:
        own, *others = [stack.enter_context(closing(open_catalog(place))) for place in places(document.catalog, Path())]
        workshop = None if document.folder is None else stack.enter_context(open_workshop(document.folder))
        learned = learn(reading, joined([own, *others]), workshop)
        own.put([learned.pattern], [learned.lesson])
    return {
        "lesson": write_lesson(learned.lesson),
        "pattern": described(learned.pattern),
        "news": learned.news,
        "notes": list(learned.notes),
    }


def joined(stores: list[CatalogStore]) -> Catalog:
    """What some catalogs hold, the first of them deciding where two hold the same id."""
    from reviewer.domain.catalog import Catalog  # noqa: PLC0415

    patterns: dict[str, Any] = {}
    lessons: dict[str, Any] = {}
    for store in stores:
        found = store.load()
        for pattern in found.patterns:
            patterns.setdefault(pattern.id, pattern)
        for lesson in found.lessons:
            lessons.setdefault(lesson.id, lesson)
    return Catalog(tuple(patterns[one] for one in sorted(patterns)), tuple(lessons[one] for one in sorted(lessons)))


def described(pattern: Any) -> dict[str, Any]:
    """A pattern as its readable form, with its id and state first."""
    from reviewer.catalog.form.pattern import write_pattern  # noqa: PLC0415

    return dict(write_pattern(pattern))
