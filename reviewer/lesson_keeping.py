"""A post-mortem → its lesson and pattern in a catalog: the one way in for command line, service and assistants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reviewer.catalog.documents.reading import Given, read_postmortem
from reviewer.catalog.learning import Learned, learn_and_keep
from reviewer.catalog_wiring import joined
from reviewer.ports import CatalogStore

if TYPE_CHECKING:
    from reviewer.catalog.induce.workshop import Workshop
    from reviewer.lesson_counsel import LessonCounsel


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
    learned = learn_and_keep(reading, stores[0], lambda: joined(stores), workshop, adviser)
    if counsel is not None:
        counsel.settle(reading, adviser)
    return learned
