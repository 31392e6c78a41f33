"""What the hits of a detector before and after a fix say of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from reviewer.catalog.replay.sites import Sites

Place = tuple[str, int]
"""Path and line."""

_MENDED_FOR_ONE = 5
"""So many places are mended for each one at which a fix may itself write the same again."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a detector found on a fix.

    Attributes:
        mended: places before the fix, on its lines, that are not found after it; by the old path.
        beside: places before it that are in its functions and not on its lines.
        left: places after it that count against the detector.
        siblings: places after it of the same slip, which the fix left alone.
    """

    mended: tuple[Place, ...] = ()
    beside: tuple[Place, ...] = ()
    left: tuple[Place, ...] = ()
    siblings: tuple[Place, ...] = ()


def judge(sites: Sites, before: Collection[Place], after: Collection[Place]) -> Verdict:
    """Compare what was found before a fix with what was found after it.

    Two things are left out of account. A place beside the fix's own statements that is found before and after, on a
    line that did not change, is the same slip left alone, as long as fewer of them are left than were mended; else the
    detector sees something that the fix did not change. And of many places a fix keeps some on purpose, in a branch
    that it writes for them.

    Args:
        sites: what the fix mended.
        before: where the detector matches in the functions of the fix, before it.
        after: where it matches in the corresponding functions, after it.
    """
    changed = {(site.before.path, line) for site in sites.sites for line in site.changed}
    near = sites.places
    stay = {place: sites.forward[place] for place in before if sites.forward.get(place) in after}
    mended = sorted(place for place in before if place in changed or (place in near and place not in stay))
    beside = sorted(place for place in before if place not in mended)
    siblings = sorted({there for place, there in stay.items() if place not in changed})
    if len(siblings) >= len(mended):
        siblings = []
    left = sorted(place for place in after if place not in siblings)
    if len(left) * _MENDED_FOR_ONE <= len(mended):
        siblings, left = sorted([*siblings, *left]), []
    return Verdict(tuple(mended), tuple(beside), tuple(left), tuple(siblings))
