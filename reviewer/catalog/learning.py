"""A post-mortem, read → its lesson and pattern in the catalog: new, corrected, or met before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain, count
from typing import Protocol

from reviewer.catalog.distillation import distil
from reviewer.catalog.documents.reading import Reading
from reviewer.catalog.documents.revision import revise
from reviewer.catalog.induce.advice import Adviser
from reviewer.catalog.induce.workshop import Proof
from reviewer.domain.catalog import Catalog
from reviewer.domain.lesson import FixReference, Lesson
from reviewer.domain.pattern import Pattern, State
from reviewer.errors import CatalogChangedError, FixError, RepositoryError, RevisionError
from reviewer.ports import CatalogStore

RUNNING = (State.ACTIVE, State.SHADOW)
_WRITTEN = ("person", "starter")
"""Origins of detectors that no program replaces by its own."""
_LONGEST_ID = 80
_SAME = timedelta(days=3)
"""Days of one incident: it may go on over night, be told in two time zones, or be dated anew by a correction."""


class Workplace(Protocol):
    """Where a fix is made into a detector: `induce.workshop.Workshop`."""

    def work(self, commit: str, known: Sequence[Pattern], adviser: Adviser | None = None) -> Proof:
        """Find what tells the code before a fix from the code after it.

        Raises:
            FixError: it is no fix that can be read.
            RepositoryError: git failed.
        """


@dataclass(frozen=True, slots=True)
class Learned:
    """What one document came to.

    Attributes:
        lesson: its lesson, as it is to be kept.
        pattern: the pattern that the incident belongs to, as it is to be kept.
        news: "new", "corrected", or "known" where nothing of it is new.
        notes: what a person should know.
        unproved: why nothing was learned from its fix, where that could not be read; "" where it could, or there is
            none.
    """

    lesson: Lesson
    pattern: Pattern
    news: str
    notes: tuple[str, ...] = ()
    unproved: str = ""


def learn(reading: Reading, catalog: Catalog, workshop: Workplace | None, adviser: Adviser | None = None) -> Learned:
    """What is to be kept of a post-mortem.

    The incident joins the pattern that it came from before, or one that its fix proves; else it founds one.

    Args:
        reading: the document, read.
        catalog: what is known already.
        workshop: makes detectors from the repository of the fix; None where there is no repository.
        adviser: proposes queries where the workshop finds none that holds; None for nobody.

    Returns:
        What it came to. A fix that cannot be read costs the detector, and nothing of the lesson.
    """
    old, lesson = _before(reading, catalog)
    lesson = revise(old, lesson) if old is not None else lesson
    mine = next((pattern for pattern in catalog.patterns if lesson.id in pattern.incidents), None)
    if old == lesson and mine is not None and (mine.replay is not None or workshop is None):
        return Learned(lesson, mine, "known", reading.notes)
    notes = list(reading.notes)
    proof: Proof | None = None
    unproved = ""
    if workshop is not None and lesson.fix is not None:
        known = [one for one in catalog.patterns if one.state in RUNNING and one is not mine]
        try:
            proof = workshop.work(lesson.fix.commit, known, adviser)
        except (FixError, RevisionError, RepositoryError) as error:
            unproved = str(error)
        else:
            fix = FixReference(proof.fix.repository, proof.fix.commit)
            lesson = replace(lesson, fix=fix, assistant=lesson.assistant or proof.assistant)
            notes.extend(proof.notes)
    elif lesson.fix is None:
        notes.append("it names no fix, so that there is no detector; name it with --repo and --fix")
    elif workshop is None:
        notes.append("the repository of its fix is not at hand, so that there is no detector; name it with --repo")
    news = "new" if old is None else "corrected" if old.version != lesson.version else "known"
    taken = frozenset(pattern.id for pattern in catalog.patterns)
    return Learned(lesson, _pattern(reading, lesson, mine, proof, taken), news, tuple(dict.fromkeys(notes)), unproved)


def learn_and_keep(
    reading: Reading,
    store: CatalogStore,
    load: Callable[[], Catalog],
    workshop: Workplace | None,
    adviser: Adviser | None = None,
) -> Learned:
    """As `learn`, and keep what came of it.

    Args:
        reading, workshop, adviser: as `learn`.
        store: where it is kept.
        load: all that is known, what the store holds included.

    Raises:
        CatalogError: it cannot be kept.
    """

    def kept() -> Learned:
        learned = learn(reading, load(), workshop, adviser)
        store.put([learned.pattern], [learned.lesson])
        return learned

    try:
        return kept()
    except CatalogChangedError:  # somebody else learned at the same time, and met the same pattern
        return kept()


def _before(reading: Reading, catalog: Catalog) -> tuple[Lesson | None, Lesson]:
    """The lesson that was kept of this incident, and the one that was read now.

    An id that is made of words is no proof: outages of one kind have one title, and only the day tells them apart. What
    a person calls the incident is.
    """
    known = {one.id: one for one in catalog.lessons}
    lesson = reading.lesson
    old = known.get(lesson.id)
    if old is not None and not reading.document.details.id and _is_another(old, lesson):
        lesson = replace(lesson, id=f"{lesson.id[: _LONGEST_ID - len(lesson.date) - 1]}-{lesson.date}")
        old = known.get(lesson.id)
    return old, lesson


def _is_another(old: Lesson, new: Lesson) -> bool:
    if old.digest == new.digest or not (old.date and new.date) or (old.source and old.source == new.source):
        return False
    try:
        return abs(date.fromisoformat(new.date) - date.fromisoformat(old.date)) > _SAME
    except ValueError:  # somebody wrote the 30th of February
        return new.date != old.date


def _free(name: str, taken: Collection[str]) -> str:
    """An id that no pattern has: whose incident it is not, he must not lose his detector to it."""
    numbered = (f"{name[: _LONGEST_ID - len(str(number)) - 1]}-{number}" for number in count(2))
    return next(one for one in chain([name], numbered) if one not in taken)


def _pattern(
    reading: Reading, lesson: Lesson, mine: Pattern | None, proof: Proof | None, taken: Collection[str]
) -> Pattern:
    if proof is not None and proof.known is not None and (mine is None or mine.detector is None):
        return join(proof.known, lesson)
    induced = proof.induced if proof is not None else None
    failure = reading.failure.failure if reading.failure is not None else ""
    if induced is None:
        fresh = distil(lesson, None, None, State.CANDIDATE, failure=failure)
    else:
        fresh = distil(lesson, induced.detector, induced.replay, induced.state, failure=failure, origin=induced.origin)
    if mine is None:
        return replace(fresh, id=_free(fresh.id, taken))
    # What a person has decided on, and the incidents that have come since, outlive a corrected document.
    kept = mine if mine.detector is not None and (induced is None or mine.origin in _WRITTEN) else fresh
    state = mine.state if mine.pinned else kept.state
    return replace(
        kept, id=mine.id, incidents=mine.incidents, state=state, pinned=mine.pinned, assistants=mine.assistants
    )


def join(pattern: Pattern, lesson: Lesson) -> Pattern:
    """A pattern with one more incident."""
    if lesson.id in pattern.incidents:
        return pattern
    counts = dict(pattern.assistants)
    if lesson.assistant:
        counts[lesson.assistant] = counts.get(lesson.assistant, 0) + 1
    return replace(pattern, incidents=(*pattern.incidents, lesson.id), assistants=tuple(sorted(counts.items())))
