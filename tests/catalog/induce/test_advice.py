"""Queries that somebody proposes: tried as induced ones are, told what became of them, and admitted by the replay alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import pytest

from reviewer.catalog.induce.advice import Advised, Case, Tried, advise, better
from reviewer.catalog.induce.ground import ground_of
from reviewer.catalog.induce.induction import Induced
from reviewer.catalog.induce.names import Names
from reviewer.catalog.induce.workshop import Proof, Workshop
from reviewer.catalog.query.language import write_detector
from reviewer.catalog.replay.trial import Trial
from reviewer.diff.repository import GitRepository
from reviewer.diff.sources import RevisionSources
from reviewer.domain.detector import Detector, Query
from reviewer.domain.fix import Fix
from reviewer.domain.pattern import Origin, Replay, State
from reviewer.knowledge.lookup import Knowledge
from tests.git_builder import GitBuilder

KNOWLEDGE = Knowledge()
BEFORE = dedent(
    """\
    from shop.gateway import charge_card

    def pay(order):
        charge_card(order)
        return 17
    """
)
AFTER = BEFORE.replace("17", "18")
"""A number tells the two apart, and no detector that is made without advice speaks of one."""
BROKEN = "def wait(session, url):\n    return session.fetch(url)\n"
MENDED = BROKEN.replace("(url)", "(url, deadline=5)")
HOLDS = {"method": "fetch", "not": {"argument": "deadline"}}


@dataclass
class Script:
    """Proposes what a test tells it to, a round each, and keeps what it is told."""

    rounds: Sequence[Sequence[object]]
    told: list[list[Tried]] = field(default_factory=list)
    asked: int = 0

    def propose(self, case: Case, earlier: Sequence[Sequence[Tried]]) -> Sequence[str]:
        self.told = [list(tried) for tried in earlier]
        proposed = self.rounds[min(self.asked, len(self.rounds) - 1)]
        self.asked += 1
        return [one if isinstance(one, str) else json.dumps(one) for one in proposed]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    trial = Trial(_fix(BEFORE, AFTER, tmp_path_factory.mktemp("case")), KNOWLEDGE)
    own = b"def charge_card(order):\n    return order\n"
    names = Names([own, BEFORE.encode()], ["shop"], frozenset())
    return Case(trial, ground_of(trial, names), names)


def _fix(before: str, after: str, root: Path) -> Fix:
    builder = GitBuilder(root / "shop")
    builder.commit({"shop/orders.py": before})
    commit = builder.commit({"shop/orders.py": after}, "Mend it")
    with closing(GitRepository(builder.root)) as repository:
        return repository.fix(commit)


def work(adviser: Script, before: str, after: str, root: Path) -> Proof:
    """What a workshop makes of a fix."""
    fix = _fix(before, after, root)
    path = str(root / "shop")
    with closing(GitRepository(path)) as repository:
        workshop = Workshop(repository, lambda commit: RevisionSources(path, commit, 1 << 20), KNOWLEDGE)
        return workshop.work(fix.commit, (), adviser)


def tried(case: Case, adviser: Script) -> Advised:
    return advise(adviser, case, lambda detector: ["here.py:1 `it`"])


def verdicts(advised: Advised) -> list[str]:
    return [one.verdict for some in advised.rounds for one in some]


def test_nobody_is_asked_where_a_detector_that_holds_was_found_without(tmp_path: Path) -> None:
    adviser = Script([[HOLDS]])
    proof = work(adviser, BROKEN, MENDED, tmp_path)
    assert adviser.asked == 0
    assert proof.induced is not None
    assert (proof.induced.state, proof.induced.origin) == (State.ACTIVE, "induced")


def test_a_proposal_that_its_replay_admits_is_the_detector_and_says_who_made_it(tmp_path: Path) -> None:
    adviser = Script([[{"fact": "return", "literal": "17"}]])
    proof = work(adviser, BEFORE, AFTER, tmp_path)
    assert proof.induced is not None, proof.notes
    assert write_detector(proof.induced.detector) == {"query": {"fact": "return", "literal": "17"}}
    assert (proof.induced.state, proof.induced.origin) == (State.ACTIVE, "model")
    assert proof.notes == ("1 query was proposed in 1 round; the best is active",)


def test_without_a_background_nothing_that_is_proposed_becomes_active(case: Case) -> None:
    advised = tried(case, Script([[{"fact": "return", "literal": "17"}], []]))
    assert advised.best is not None
    assert advised.best.state is State.SHADOW
    assert verdicts(advised)[0].endswith("it was held against no other code: here.py:1 `it`")


@pytest.mark.parametrize(
    ("proposal", "verdict"),
    [
        ({"fact": "loop"}, "it finds nothing on the lines that the fix changed; nearest is line "),
        ({"fact": "return"}, "it still finds 1 place after the fix, at shop/orders.py:5"),
        ({"method": "charge_card"}, "refused: it names what only this project has: method = 'charge_card'"),
        ({"callee": "shop.gateway.charge_card"}, "refused: it names what only this project has: callee = "),
        ({"callee": ".charge_card"}, "refused: it names what only this project has: callee = "),
        ({"not": {"contains": {"method": "charge_card"}}}, "refused: it names what only this project has: method = "),
        ({"metod": "get"}, "refused: proposal.query: there is no feature 'metod'; is method meant?"),
        ({"fact": "loops"}, "refused: proposal.query.fact: is never 'loops'; it is one of assert, assign"),
        ({}, "refused: proposal.query: asks for nothing, and would hold everywhere; give it a test"),
        ([], "refused: proposal.query: is a table, not a list"),
        ({"rule": "no-timeout"}, "refused: proposal.query: there is no feature 'rule'"),
        ("{", "refused: proposal: is no JSON ("),
        ("NaN", "refused: proposal: is no JSON (NaN is no value)"),
        ("[" * 7_000, "refused: proposal: is no JSON ("),
        ('{"method": "a", "method": "b"}', "refused: proposal: is no JSON (the key 'method' stands twice in one object"),
    ],
)  # fmt: skip
def test_what_is_not_admitted_is_told_with_its_reason(case: Case, proposal: object, verdict: str) -> None:
    adviser = Script([[proposal], []])
    advised = tried(case, adviser)
    assert advised.best is None
    (told,) = verdicts(advised)
    assert told.startswith(verdict)
    assert adviser.told == [list(some) for some in advised.rounds]


def test_the_nearest_place_is_told_with_what_fails_there(case: Case) -> None:
    (told,) = verdicts(tried(case, Script([[{"fact": "return", "literal": "16", "in-loop": "for"}], []])))
    assert told.endswith("nearest is line 5, `return 17`, where literal is '17'; in-loop is nothing")


def test_the_nearest_place_is_told_with_the_facts_that_a_relation_leads_to(case: Case) -> None:
    proposal = {"fact": "return", "preceded-by": {"fact": "call", "awaited": True}, "followed-by": {"fact": "call"}}
    (told,) = verdicts(tried(case, Script([[proposal], []])))
    assert "none of its preceded-by facts (`charge_card(order)`) is fact, awaited: call" in told
    assert told.endswith("; it has no followed-by facts")


def test_three_rounds_of_three_are_the_most(case: Case) -> None:
    adviser = Script([[{"fact": "loop", "iterates": f"a{number}{place}"} for place in "abcd"] for number in range(9)])
    assert [len(some) for some in tried(case, adviser).rounds] == [3, 3, 3]
    assert adviser.asked == 3


def test_the_same_again_ends_the_rounds(case: Case) -> None:
    adviser = Script([[{"fact": "loop"}]])
    assert len(tried(case, adviser).rounds) == 1
    assert adviser.asked == 2


def test_a_family_of_names_may_hold_one_of_the_projects(case: Case) -> None:
    adviser = Script(
        [[{"fact": "loop", "method": ["charge_card", "close"]}, {"fact": "loop", "method": "charge_*"}], []]
    )
    assert not any(told.startswith("refused") for told in verdicts(tried(case, adviser)))


def test_a_query_in_the_table_of_a_catalog_is_read_too(case: Case) -> None:
    assert verdicts(tried(case, Script([[{"query": {"fact": "loop"}}], []])))[0].startswith("it finds nothing")


def induced(state: State, lines: int = 0, origin: Origin = "induced") -> Induced:
    return Induced(Detector("query", Query()), Replay("", 1, 0, 1, 0.0, lines), state, origin)


FULL = 40_000
"""Lines that a detector is held against which names something to go by."""


@pytest.mark.parametrize(
    ("offline", "advised", "advised_is_kept"),
    [
        (None, induced(State.SHADOW), True),
        (induced(State.SHADOW), None, False),
        (induced(State.SHADOW), induced(State.SHADOW), False),
        (induced(State.SHADOW), induced(State.ACTIVE), True),
        (induced(State.ACTIVE), induced(State.SHADOW, FULL), False),
        (induced(State.ACTIVE, FULL), induced(State.ACTIVE, FULL), False),
        (induced(State.ACTIVE, 0, "rule"), induced(State.ACTIVE, FULL), False),
        (induced(State.ACTIVE, 4_000), induced(State.ACTIVE, FULL), True),
    ],
)
def test_what_was_made_without_advice_is_kept_where_it_holds(
    offline: Induced | None, advised: Induced | None, advised_is_kept: bool
) -> None:
    assert better(offline, advised) is (advised if advised_is_kept else offline)
