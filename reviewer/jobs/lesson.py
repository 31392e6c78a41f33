"""Learning a post-mortem, and looking things up: what is worked out in a process of its own over a tenant's catalog."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any


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

    Returns:
        The lesson and the pattern; where the fix cannot be read, a note says so.

    Raises:
        PostmortemError, CatalogError: it cannot be learned.
    """
    from reviewer.catalog.documents.reading import Given  # noqa: PLC0415 (heavy)
    from reviewer.catalog.form.lesson import write_lesson  # noqa: PLC0415
    from reviewer.catalog_wiring import open_catalogs, open_workshop  # noqa: PLC0415
    from reviewer.lesson_keeping import keep_lesson  # noqa: PLC0415

    progress(0, 1)
    given = Given(repository=document.repository, fix=document.fix or "")
    content = document.text.encode("utf-8", "surrogateescape")
    with ExitStack() as stack:
        stores = stack.enter_context(open_catalogs(document.catalog, Path()))
        workshop = None if document.folder is None else stack.enter_context(open_workshop(document.folder))
        learned = keep_lesson(content, document.name, given, stores, workshop=workshop)
    return {
        "lesson": write_lesson(learned.lesson),
        "pattern": described(learned.pattern),
        "news": learned.news,
        "notes": [*learned.notes, *([learned.unproved] if learned.unproved else [])],
    }


def described(pattern: Any) -> dict[str, Any]:
    """A pattern as its readable form, with its id and state first."""
    from reviewer.catalog.form.pattern import write_pattern  # noqa: PLC0415

    return dict(write_pattern(pattern))
