"""A post-mortem → its lesson and pattern in a catalog: the one way in for command line, service and assistants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.catalog.documents.identity import identify
from reviewer.catalog.documents.reading import Given, Reading, read_postmortem
from reviewer.catalog.learning import Learned, learn_and_keep
from reviewer.catalog_wiring import joined
from reviewer.domain.lesson import Statement
from reviewer.explain.secrets.redaction import redact
from reviewer.ports import CatalogStore

if TYPE_CHECKING:
    from reviewer.catalog.induce.workshop import Workshop
    from reviewer.counsel.lesson_counsel import LessonCounsel


def keep_lesson(
    content: bytes,
    name: str,
    given: Given,
    stores: Sequence[CatalogStore],
    *,
    workshop: Workshop | None = None,
    counsel: LessonCounsel | None = None,
) -> Learned:
    """Learn a post-mortem, and keep what it teaches. To learn the same again changes nothing.

    A lesson is committed, told in reviews and given to assistants, so that no secret of the document is kept in it.

    Args:
        content: the document.
        name: what a person calls it; its ending tells the format.
        given: what the person says beside it.
        stores: the catalogs that count; the first is written to.
        workshop: makes detectors from the repository of the fix; None where that is not at hand.
        counsel: a model that takes part; None for none.

    Raises:
        PostmortemError: it cannot be read.
        CatalogError: it cannot be kept.
    """
    reading = read_postmortem(content, name, given)
    adviser = None
    if counsel is not None:
        reading, adviser = counsel.reword(reading)
    reading = _without_secrets(reading)
    learned = learn_and_keep(reading, stores[0], lambda: joined(stores), workshop, adviser)
    if counsel is not None:
        counsel.settle(reading, adviser)
    return learned


def _without_secrets(reading: Reading) -> Reading:
    """The reading with a lesson that may be shown to anybody."""
    lesson = reading.lesson
    title, organisation = redact(lesson.title).text, redact(lesson.organisation).text
    named_anew = (title, organisation) != (lesson.title, lesson.organisation)
    clean = replace(
        lesson,
        id=identify(reading.document, title, organisation) if named_anew else lesson.id,
        title=title,
        organisation=organisation,
        source=redact(lesson.source).text,
        tags=tuple(redact(tag).text for tag in lesson.tags),
        fix=replace(lesson.fix, repository=redact(lesson.fix.repository).text) if lesson.fix is not None else None,
        statements={topic: _shown(statement) for topic, statement in lesson.statements.items()},
    )
    if clean == lesson:
        return reading
    note = "secrets in it are not kept; whoever can read the document has them: change them"
    return replace(reading, lesson=clean, notes=(*reading.notes, note))


def _shown(statement: Statement) -> Statement:
    quotes = tuple(replace(quote, text=redact(quote.text).text) for quote in statement.quotes)
    return replace(statement, words=redact(statement.words).text, quotes=quotes)
