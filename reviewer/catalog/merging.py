"""Two catalogs made into one: of another team, of another branch, of the starter catalog's next version.

What is the same is one. Of two versions of a lesson the later wins, of a pattern the one with the better replay.
Where neither is better ours stays. Either way the difference is told. Incidents are united, whoever wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from reviewer.domain.catalog import Catalog
from reviewer.domain.lesson import Lesson
from reviewer.domain.pattern import Pattern, State

T = TypeVar("T", Pattern, Lesson)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A member that both catalogs have, and not the same.

    Attributes:
        id: of the pattern or lesson.
        kept: whose it is now.
        reason: one line: why.
    """

    id: str
    kept: Literal["ours", "theirs"]
    reason: str


def merge_catalogs(ours: Catalog, theirs: Catalog) -> tuple[Catalog, tuple[Conflict, ...]]:
    """One catalog of two, and what was in conflict, sorted by id.

    Args:
        ours: the one that stays where neither is better.
        theirs: what is merged into it.
    """
    conflicts: list[Conflict] = []
    lessons = _united(ours.lessons, theirs.lessons)
    patterns = _united(ours.patterns, theirs.patterns)
    merged = Catalog(
        tuple(_one_pattern(pair, conflicts) for _, pair in sorted(patterns.items())),
        tuple(_one_lesson(pair, conflicts) for _, pair in sorted(lessons.items())),
    )
    return merged, tuple(sorted(conflicts, key=lambda conflict: conflict.id))


def _united(ours: Sequence[T], theirs: Sequence[T]) -> dict[str, list[T]]:
    """Id -> ours and theirs, or the only one there is."""
    pairs: dict[str, list[T]] = {member.id: [member] for member in ours}
    for member in theirs:
        pairs.setdefault(member.id, []).append(member)
    return pairs


def _one_lesson(pair: Sequence[Lesson], conflicts: list[Conflict]) -> Lesson:
    ours, theirs = pair[0], pair[-1]
    if ours == theirs:
        return ours
    if theirs.version > ours.version:
        conflicts.append(Conflict(ours.id, "theirs", f"version {theirs.version} is later than {ours.version}"))
        return theirs
    later = theirs.version < ours.version
    reason = f"version {ours.version} is later than {theirs.version}" if later else "both are of the same version"
    conflicts.append(Conflict(ours.id, "ours", reason))
    return ours


def _one_pattern(pair: Sequence[Pattern], conflicts: list[Conflict]) -> Pattern:
    ours, theirs = pair[0], pair[-1]
    incidents = tuple(dict.fromkeys((*ours.incidents, *theirs.incidents)))
    counts = dict(ours.assistants)
    for name, count in theirs.assistants:
        counts[name] = max(count, counts.get(name, 0))
    assistants = tuple(sorted(counts.items()))
    if replace(ours, incidents=(), assistants=()) == replace(theirs, incidents=(), assistants=()):
        return replace(ours, incidents=incidents, assistants=assistants)
    kept, reason = _better(ours, theirs)
    conflicts.append(Conflict(ours.id, "theirs" if kept is theirs else "ours", reason))
    if ours.pinned:  # what a person has decided here stays, whoever has the better detector
        kept = replace(kept, state=ours.state, pinned=True)
    return replace(kept, incidents=incidents, assistants=assistants)


def _better(ours: Pattern, theirs: Pattern) -> tuple[Pattern, str]:
    if _proof(theirs) > _proof(ours):
        return theirs, f"its replay is better: {_told(theirs)}, ours: {_told(ours)}"
    if _proof(theirs) < _proof(ours):
        return ours, f"its replay is better: {_told(ours)}, theirs: {_told(theirs)}"
    return ours, f"neither replay is better: {_told(ours)}"


def _proof(pattern: Pattern) -> tuple[float, ...]:
    """How well a pattern is proved; a larger one is better."""
    replay = pattern.replay
    if pattern.detector is None:
        return (0.0,)
    if replay is None:
        return (1.0,)
    fires = replay.before > 0
    proved = fires and replay.after == 0 and replay.variation > 0
    live = pattern.state in (State.ACTIVE, State.SHADOW)
    return (2.0, proved, live, fires, -replay.after, -replay.background)


def _told(pattern: Pattern) -> str:
    replay = pattern.replay
    if pattern.detector is None:
        return "no detector"
    if replay is None:
        return "not replayed"
    return f"{replay.before} before, {replay.after} after, {replay.background:g} in 100 lines of background"
