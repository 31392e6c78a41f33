"""Two catalogs become one: the better of two members stays, no incident is lost, and what differed is told."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.catalog.merging import Conflict, merge_catalogs
from reviewer.domain.catalog import Catalog
from reviewer.domain.lesson import Lesson
from reviewer.domain.pattern import Pattern, Replay, State
from tests.catalog.members import LESSON, PATTERN, a_lesson, a_pattern, catalog

PROVED = Replay("c0ffee", 1, 0, 1, 0.0, 5000, reason="fires before, silent after")
NOISY = replace(PROVED, background=0.04)
UNPROVED = replace(PROVED, after=1)


def test_what_only_one_has_is_in_the_merged_one() -> None:
    merged, conflicts = merge_catalogs(catalog(a_pattern("b"), a_lesson("y")), catalog(a_pattern("a"), a_lesson("x")))
    assert merged == catalog(a_pattern("a"), a_pattern("b"), a_lesson("x"), a_lesson("y"))
    assert conflicts == ()


def test_the_same_in_both_is_one_and_no_conflict() -> None:
    assert merge_catalogs(catalog(PATTERN, LESSON), catalog(PATTERN, LESSON)) == (catalog(PATTERN, LESSON), ())


def test_incidents_are_united_and_are_no_conflict() -> None:
    ours = replace(PATTERN, incidents=("a", "b"), assistants=(("aider", 1), ("claude", 2)))
    theirs = replace(PATTERN, incidents=("c", "b"), assistants=(("claude", 3), ("cursor", 1)))
    merged, conflicts = merge_catalogs(catalog(ours), catalog(theirs))
    counts = (("aider", 1), ("claude", 3), ("cursor", 1))
    assert merged == catalog(replace(PATTERN, incidents=("a", "b", "c"), assistants=counts))
    assert conflicts == ()


def test_the_later_version_of_a_lesson_wins_and_that_is_told() -> None:
    earlier = replace(LESSON, version=1, title="An earlier title")
    told = (Conflict(LESSON.id, "theirs", "version 2 is later than 1"),)
    assert merge_catalogs(catalog(earlier), catalog(LESSON)) == (catalog(LESSON), told)
    told = (Conflict(LESSON.id, "ours", "version 2 is later than 1"),)
    assert merge_catalogs(catalog(LESSON), catalog(earlier)) == (catalog(LESSON), told)


def test_of_two_lessons_of_one_version_ours_stays_and_that_is_told() -> None:
    other = replace(LESSON, title="Another title")
    told = (Conflict(LESSON.id, "ours", "both are of the same version"),)
    assert merge_catalogs(catalog(LESSON), catalog(other)) == (catalog(LESSON), told)


def _of(replay: Replay | None, **changes: object) -> Pattern:
    return replace(a_pattern("p", pinned=False, replay=replay), **changes)  # type: ignore[arg-type]


def test_the_pattern_with_the_better_replay_wins_from_either_side() -> None:
    ranked = [
        _of(None, detector=None, state=State.CANDIDATE),
        _of(None),
        _of(UNPROVED),
        _of(NOISY),
        _of(PROVED),
    ]
    for worse, better in pairwise(ranked):
        merged, (conflict,) = merge_catalogs(catalog(worse), catalog(better))
        assert (merged, conflict.kept) == (catalog(better), "theirs")
        merged, (conflict,) = merge_catalogs(catalog(better), catalog(worse))
        assert (merged, conflict.kept) == (catalog(better), "ours")


def test_the_reason_says_what_the_replays_came_to() -> None:
    _, conflicts = merge_catalogs(catalog(_of(UNPROVED)), catalog(_of(PROVED)))
    assert conflicts == (
        Conflict(
            "p",
            "theirs",
            "its replay is better: 1 before, 0 after, 0 in 100 lines of background, "
            "ours: 1 before, 1 after, 0 in 100 lines of background",
        ),
    )


def test_what_a_person_has_decided_here_stays() -> None:
    ours = _of(UNPROVED, state=State.RETIRED, pinned=True)
    merged, (conflict,) = merge_catalogs(catalog(ours), catalog(_of(PROVED, state=State.ACTIVE)))
    assert conflict.kept == "theirs"
    assert merged == catalog(_of(PROVED, state=State.RETIRED, pinned=True))


MEMBERS: st.SearchStrategy[Pattern | Lesson] = st.sampled_from(
    [
        _of(PROVED),
        _of(NOISY, incidents=("a",)),
        _of(None, title="Another"),
        _of(PROVED, incidents=("b",), pinned=True, state=State.RETIRED),
        a_pattern("q"),
        LESSON,
        replace(LESSON, version=9),
        a_lesson("l"),
    ]
)
CATALOGS = st.lists(MEMBERS, unique_by=lambda one: (type(one), one.id)).map(lambda some: catalog(*some))


@settings(deadline=None)
@given(CATALOGS, CATALOGS)
def test_merging_the_same_again_changes_nothing_and_loses_no_incident(ours: Catalog, theirs: Catalog) -> None:
    merged, _ = merge_catalogs(ours, theirs)
    assert merge_catalogs(merged, theirs)[0] == merged
    assert merge_catalogs(merged, merged) == (merged, ())
    for pattern in (*ours.patterns, *theirs.patterns):
        (kept,) = [one for one in merged.patterns if one.id == pattern.id]
        assert set(pattern.incidents) <= set(kept.incidents)
