"""What is kept of a post-mortem: new, corrected, or met before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from reviewer.catalog.documents.reading import Given, Reading, read_postmortem
from reviewer.catalog.induce.advice import Adviser
from reviewer.catalog.induce.induction import Induced
from reviewer.catalog.induce.workshop import Proof
from reviewer.catalog.learning import Workplace, join, learn
from reviewer.catalog.query.language import read_detector
from reviewer.domain.catalog import Catalog
from reviewer.domain.fix import Fix
from reviewer.domain.lesson import FixReference
from reviewer.domain.pattern import Origin, Pattern, Replay, State
from reviewer.errors import FixError, RepositoryError, ReviewerError
from tests.catalog.members import PATTERN, a_lesson, a_pattern, catalog

TEXT = """\
# Uploads failed

Date: 2026-03-02

All uploads to the server failed for 40 minutes. The root cause was that the request had no timeout.
"""
DETECTOR = read_detector({"query": {"callee": "requests.get"}}, "test")
REPLAY = Replay("c0ffee", 1, 0, 1, 0.0, 40_000, reason="it holds")
FIX = Fix("https://forge.example/shop", "c0ffee" * 6 + "abcd", "beef" * 10, "2026-03-02", "Mend it", ())
NOTHING = Proof(FIX)


@dataclass
class Bench:
    """A workshop that gives what a test tells it to, and keeps what it was asked."""

    proof: Proof | ReviewerError = NOTHING
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def work(self, commit: str, known: Sequence[Pattern], adviser: Adviser | None = None) -> Proof:
        self.asked.append((commit, tuple(one.id for one in known)))
        if isinstance(self.proof, ReviewerError):
            raise self.proof
        return self.proof


def read(text: str = TEXT, fix: str = "c0ffee") -> Reading:
    return read_postmortem(text.encode(), "uploads.md", Given(repository="given" if fix else "", fix=fix))


def found(state: State = State.ACTIVE, origin: Origin = "induced") -> Bench:
    return Bench(Proof(FIX, induced=Induced(DETECTOR, REPLAY, state, origin)))


def kept(reading: Reading, bench: Workplace | None = None, before: Catalog | None = None) -> Catalog:
    """The catalog afterwards."""
    before = before or Catalog()
    learned = learn(reading, before, bench)
    others = [one for one in before.patterns if one.id != learned.pattern.id]
    lessons = [one for one in before.lessons if one.id != learned.lesson.id]
    return catalog(*others, *lessons, learned.pattern, learned.lesson)


def test_a_new_post_mortem_founds_a_pattern_with_the_detector_of_its_fix() -> None:
    learned = learn(read(), Catalog(), found(State.SHADOW, "model"))
    assert (learned.news, learned.unproved) == ("new", "")
    assert learned.lesson.fix == FixReference(FIX.repository, FIX.commit)
    pattern = learned.pattern
    assert (pattern.detector, pattern.replay, pattern.state, pattern.origin) == (
        DETECTOR,
        REPLAY,
        State.SHADOW,
        "model",
    )
    assert pattern.incidents == (learned.lesson.id,)


@pytest.mark.parametrize(
    ("fix", "note"),
    [
        ("", "it names no fix, so that there is no detector; name it with --repo and --fix"),
        ("c0ffee", "the repository of its fix is not at hand, so that there is no detector; name it with --repo"),
    ],
)
def test_without_a_fix_or_its_repository_it_is_known_in_words_and_that_is_said(fix: str, note: str) -> None:
    learned = learn(read(fix=fix), Catalog(), None)
    assert (learned.pattern.detector, learned.pattern.state) == (None, State.CANDIDATE)
    assert note in learned.notes


@pytest.mark.parametrize("error", [FixError("c0ffee", "it touches no Python"), RepositoryError("objects are missing")])
def test_a_fix_that_cannot_be_read_costs_the_detector_alone(error: ReviewerError) -> None:
    learned = learn(read(), Catalog(), Bench(error))
    assert learned.unproved == str(error)
    assert (learned.news, learned.pattern.detector) == ("new", None)
    assert learned.lesson.fix == FixReference("given", "c0ffee")


def test_the_same_document_again_is_known_and_nobody_works_on_it() -> None:
    before = kept(read(), found())
    bench = found()
    learned = learn(replace(read(), lesson=before.lessons[0]), before, bench)
    assert (learned.news, learned.lesson, learned.pattern) == ("known", before.lessons[0], before.patterns[0])
    assert bench.asked == []


def test_what_had_no_detector_is_worked_on_again() -> None:
    before = kept(read(), Bench())
    learned = learn(read(), before, found())
    assert (learned.news, learned.pattern.detector) == ("known", DETECTOR)


def test_a_corrected_document_is_the_next_version_of_its_lesson() -> None:
    before = kept(read(), found())
    learned = learn(read(f"{TEXT}\nIn future every request has a timeout.\n"), before, found())
    assert (learned.news, learned.lesson.version) == ("corrected", 2)
    assert learned.pattern.id == before.patterns[0].id


def test_two_incidents_of_one_title_are_told_apart_by_their_days() -> None:
    before = kept(read(), found())
    another = read(TEXT.replace("2026-03-02", "2026-05-20").replace("40 minutes", "two hours"))
    after = kept(another, found(), before)
    assert sorted(lesson.date for lesson in after.lessons) == ["2026-03-02", "2026-05-20"]
    assert sorted(pattern.incidents for pattern in after.patterns) == sorted((one.id,) for one in after.lessons)
    assert [learn(reading, after, found()).news for reading in (read(), another)] == ["known", "known"]


def test_a_day_that_there_is_not_is_another_day() -> None:
    before = kept(read(), found())
    (lesson,) = before.lessons
    before = replace(before, lessons=(replace(lesson, date="2026-02-30", digest="00"),))
    assert learn(read(), before, found()).news == "new"


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("2026-03-02", "2026-03-04").replace("40 minutes", "two hours"),
        TEXT.replace("Date: 2026-03-02", "").replace("40 minutes", "two hours"),
        TEXT.replace("Date:", "Source: https://shop.example/7\n\nDate:").replace("2026-03-02", "2026-05-20"),
    ],
    ids=["of nearly the same day", "without a day", "of the same address"],
)
def test_a_correction_may_date_the_incident_anew(text: str) -> None:
    before = kept(read(TEXT.replace("Date:", "Source: https://shop.example/7\n\nDate:")), found())
    assert learn(read(text), before, found()).news == "corrected"


def test_a_pattern_of_the_same_name_loses_nothing_to_a_post_mortem() -> None:
    other = replace(PATTERN, id=read().lesson.id, incidents=("another-incident",))
    learned = learn(read(fix=""), catalog(other), None)
    assert learned.pattern.id == f"{other.id}-2"
    again = learn(read(fix=""), catalog(other, learned.pattern, learned.lesson), None)
    assert (again.news, again.pattern.id) == ("known", f"{other.id}-2")


def test_a_correction_takes_no_detector_away() -> None:
    before = kept(read(), found())
    learned = learn(read(f"{TEXT}\nIn future every request has a timeout.\n"), before, Bench())
    assert (learned.pattern.detector, learned.pattern.replay) == (DETECTOR, REPLAY)


def test_what_a_person_has_decided_and_what_came_since_outlive_a_correction() -> None:
    before = kept(read(), found())
    lesson = before.lessons[0]
    pinned = replace(
        before.patterns[0],
        state=State.RETIRED,
        pinned=True,
        incidents=(lesson.id, "other"),
        assistants=(("aider", 1),),
    )
    learned = learn(read(f"{TEXT}\nIn future all is well.\n"), catalog(pinned, lesson), found(State.ACTIVE))
    pattern = learned.pattern
    assert (pattern.state, pattern.pinned) == (State.RETIRED, True)
    assert (pattern.incidents, pattern.assistants) == ((lesson.id, "other"), (("aider", 1),))


@pytest.mark.parametrize("text", [TEXT, f"{TEXT}\nIn future all is well.\n"], ids=["again", "corrected"])
def test_a_detector_that_a_person_wrote_is_not_replaced_by_an_induced_one(text: str) -> None:
    before = kept(read(), Bench())
    mine = replace(
        before.patterns[0],
        detector=read_detector({"query": {"callee": "requests.post"}}, "mine"),
        origin="person",
        state=State.ACTIVE,
        safe_form="Give it a timeout.",
    )
    learned = learn(read(text), catalog(mine, *before.lessons), found(State.SHADOW))
    assert learned.pattern == mine


def test_a_pattern_that_the_fix_proves_too_takes_the_incident_in() -> None:
    known = a_pattern("known", incidents=("other",), assistants=())
    learned = learn(read(), catalog(known), Bench(Proof(FIX, known=known)))
    assert learned.pattern == replace(known, incidents=("other", learned.lesson.id))


def test_what_has_a_detector_of_its_own_keeps_it() -> None:
    before = kept(read(), found())
    known = a_pattern("known", incidents=("other",))
    both = catalog(*before.patterns, *before.lessons, known)
    learned = learn(read(f"{TEXT}\nMore.\n"), both, Bench(Proof(FIX, known=known)))
    assert (learned.pattern.id, learned.pattern.detector) == (before.patterns[0].id, DETECTOR)


def test_only_patterns_that_run_are_held_against_the_fix() -> None:
    states = {state.value: state for state in State}
    bench = found()
    learn(read(), catalog(*(a_pattern(name, state=state, incidents=()) for name, state in states.items())), bench)
    assert bench.asked == [("c0ffee", ("active", "shadow"))]


def test_the_assistant_is_the_one_that_the_document_names_else_that_of_the_lines() -> None:
    bench = Bench(Proof(FIX, assistant="claude"))
    assert learn(read(), Catalog(), bench).lesson.assistant == "claude"
    named = replace(read(), lesson=replace(read().lesson, assistant="aider"))
    learned = learn(named, Catalog(), bench)
    assert learned.lesson.assistant == "aider"
    assert learned.pattern.assistants == (("aider", 1),)


def test_joining_counts_an_incident_once_and_its_assistant_with_it() -> None:
    lesson = a_lesson("more", assistant="claude")
    joined = join(PATTERN, lesson)
    assert joined.incidents == (*PATTERN.incidents, "more")
    assert joined.assistants == (("aider", 1), ("claude", 3))
    assert join(joined, lesson) == joined
    assert join(PATTERN, a_lesson("more", assistant="")).assistants == PATTERN.assistants
