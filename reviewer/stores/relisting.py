"""Keeping an index in step with its catalog: what has to be listed anew when some members change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol, TypeVar

from reviewer.catalog.lookup.listing import list_lesson, list_pattern
from reviewer.domain.lesson import Lesson
from reviewer.domain.pattern import Pattern
from reviewer.knowledge.lookup import Knowledge
from reviewer.stores.finder import Finder

_AT_ONCE = 500

T = TypeVar("T")


class Members(Protocol):
    """The members of a catalog as they are now."""

    def patterns(self, ids: Collection[str]) -> Sequence[Pattern]:
        """Those of some patterns that are there."""

    def lessons(self, ids: Collection[str]) -> Sequence[Lesson]:
        """Those of some lessons that are there."""


def relist(finder: Finder, members: Members, patterns: Collection[str], lessons: Collection[str]) -> None:
    """Bring an index up to date.

    A pattern is listed with the words of its incidents, and an incident by itself only where it has no pattern.

    Args:
        finder: the index.
        members: the catalog.
        patterns: ids of patterns that were added, changed or removed.
        lessons: ids of lessons that were added, changed or removed.
    """
    knowledge = Knowledge()
    changed = {pattern.id: pattern for pattern in members.patterns(patterns)}
    gone = [name for name in patterns if name not in changed]
    # A pattern may have the id of a lesson: one that stays keeps its entry, one that has gone makes room for it.
    touched = finder.link(list(changed.values()), gone) | frozenset(lessons) | frozenset(gone)
    taken = {pattern.id for pattern in members.patterns(touched)}
    owners = finder.patterns_of(touched)
    of_lessons = {name for lesson in lessons for name in owners.get(lesson, ())}
    again = [*changed.values(), *members.patterns(of_lessons - changed.keys())]
    finder.forget(sorted(touched - taken))
    for some in _parts(again):
        told = {one.id: one for one in members.lessons({name for pattern in some for name in pattern.incidents})}
        finder.write(
            [list_pattern(one, [told[name] for name in one.incidents if name in told]) for one in some], some, knowledge
        )
    for some_ids in _parts(sorted(touched - owners.keys() - taken)):
        finder.write([list_lesson(lesson) for lesson in members.lessons(some_ids)], [], knowledge)


def _parts(items: Iterable[T]) -> Iterable[list[T]]:
    found = list(items)
    return (found[start : start + _AT_ONCE] for start in range(0, len(found), _AT_ONCE))
