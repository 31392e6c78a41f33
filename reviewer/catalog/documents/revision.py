"""What becomes of a lesson when its document is read again."""

from __future__ import annotations

from dataclasses import replace

from reviewer.domain.lesson import Lesson


def revise(old: Lesson, new: Lesson) -> Lesson:
    """The lesson to keep after a document was read again.

    The same document is the same lesson: it keeps its version, and what was known of it and is not said now stays, so
    that reading without a model takes nothing from a reading with one. A corrected document is the next version, and
    takes from the former only who made the fix and the failure, which a corrected text does not change.

    Args:
        old: the lesson that is kept.
        new: what was read now; its id is that of `old`.

    Returns:
        The lesson; `old` itself where nothing is new.

    Raises:
        ValueError: they are lessons of different incidents.
    """
    if old.id != new.id:
        raise ValueError(f"{new.id} is another incident than {old.id}")
    fix, assistant = new.fix or old.fix, new.assistant or old.assistant
    if old.digest != new.digest:
        return replace(new, version=old.version + 1, fix=fix, assistant=assistant)
    statements = dict(old.statements)
    for topic, statement in new.statements.items():
        if topic not in statements or statement.by is not None or statements[topic].by is None:
            statements[topic] = statement
    revised = replace(
        new,
        version=old.version,
        statements=statements,
        source=new.source or old.source,
        organisation=new.organisation or old.organisation,
        date=new.date or old.date,
        tags=tuple(sorted({*old.tags, *new.tags})),
        fix=fix,
        assistant=assistant,
    )
    return old if revised == old else revised
