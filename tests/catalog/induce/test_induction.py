"""Detectors made from fixes, without a model."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from textwrap import dedent

import pytest

from reviewer.catalog.induce.workshop import Proof, Workshop
from reviewer.catalog.query.language import write_detector
from reviewer.diff.repository import GitRepository
from reviewer.diff.sources import RevisionSources
from reviewer.domain.detector import Detector
from reviewer.domain.finding import Question
from reviewer.domain.pattern import Pattern, State
from reviewer.knowledge.lookup import Knowledge
from tests.git_builder import GitBuilder

KNOWLEDGE = Knowledge()
Work = Callable[..., Proof]


@pytest.fixture
def work(tmp_path: Path) -> Work:
    def run(before: str, after: str, known: tuple[Pattern, ...] = (), **others: str) -> Proof:
        builder = GitBuilder(tmp_path / "shop")
        files = {f"{name}.py": dedent(text) for name, text in others.items()}
        builder.commit({"shop/orders.py": dedent(before), **files})
        fix = builder.commit({"shop/orders.py": dedent(after)}, "Mend it")
        with closing(GitRepository(builder.root)) as repository:
            revision = partial(_sources, str(builder.root))
            return Workshop(repository, revision, KNOWLEDGE).work(fix, known)

    return run


def _sources(root: str, commit: str) -> RevisionSources:
    return RevisionSources(root, commit, 1 << 20)


def detector(proof: Proof) -> dict[str, object]:
    """The detector of a proof that its replay has admitted."""
    assert proof.induced is not None
    assert proof.induced.state is State.ACTIVE, proof.induced.replay
    return write_detector(proof.induced.detector)


def test_rule_that_tells_the_two_apart_is_preferred_to_a_query(work: Work) -> None:
    before = """\
        import requests

        def price(sku):
            return requests.get(f"https://prices/{sku}").text
        """
    after = before.replace('{sku}")', '{sku}", timeout=5)')
    assert detector(work(before, after)) == {"rule": "no-timeout"}


def test_what_the_fix_gave_is_what_was_missing(work: Work) -> None:
    before = """\
        def price(client, sku):
            rows = client.fetch_pages("prices", key=sku)
            return [row for row in rows]
        """
    after = before.replace("key=sku)", "key=sku, page_limit=100)")
    assert detector(work(before, after)) == {
        "query": {"fact": "call", "method": "fetch_pages", "not": {"argument": "page_limit"}}
    }


def test_clause_that_the_fix_wrote_is_what_was_missing(work: Work) -> None:
    before = """\
        from sqlalchemy.exc import IntegrityError

        def keep(session, row):
            session.add(row)
            session.flush()
            return row
        """
    after = """\
        from sqlalchemy.exc import IntegrityError

        def keep(session, row):
            try:
                session.add(row)
                session.flush()
            except IntegrityError:
                return None
            return row
        """
    found = detector(work(before, after))
    assert found == {"query": {"fact": "call", "method": "flush", "not": {"handler": "sqlalchemy.exc.IntegrityError"}}}


def test_loop_that_did_not_end_at_the_end_of_the_data_is_known_by_its_condition(work: Work) -> None:
    before = """\
        def skip_comment(stream):
            char = stream.read(1)
            while char not in (b"\\r", b"\\n"):
                char = stream.read(1)
            return char
        """
    after = before.replace('b"\\n")', 'b"\\n", b"")')
    query = detector(work(before, after))["query"]
    assert isinstance(query, dict)
    assert (query["fact"], query["not"]) == ("loop", {"compares-to": "b''"})


def test_detector_speaks_of_no_name_that_the_project_made(work: Work) -> None:
    before = """\
        from shop.gateway import Gateway

        def charge(order):
            gateway = Gateway()
            return gateway.charge_card(order)
        """
    after = before.replace("charge_card(order)", "charge_card(order, idempotency=order.id)")
    gateway = "class Gateway:\n    def charge_card(self, order, idempotency=None):\n        return order\n"
    proof = work(before, after, **{"shop/gateway": gateway})
    told = str(write_detector(proof.induced.detector)) if proof.induced is not None else ""
    assert "charge_card" not in told
    assert "Gateway" not in told


def test_pattern_that_meets_the_fix_is_preferred_to_a_new_one(work: Work) -> None:
    before = """\
        import requests

        def price(sku):
            return requests.get(f"https://prices/{sku}").text
        """
    after = before.replace('{sku}")', '{sku}", timeout=5)')
    known = Pattern(
        id="waits-for-ever",
        title="Waits for ever",
        failure="time-limit",
        question=Question.UNAVAILABLE,
        conditions="",
        safe_form="",
        detector=Detector("rule", rule="no-timeout"),
        state=State.ACTIVE,
    )
    proof = work(before, after, (known,))
    assert (proof.known, proof.induced) == (known, None)


def test_fix_that_changes_no_statement_gives_no_detector_and_says_why(work: Work) -> None:
    proof = work("def price():\n    # cents\n    return 1\n", "def price():\n    # euros\n    return 1\n")
    assert proof.induced is None
    assert "changes no statement" in proof.notes[0]


def test_change_of_a_plain_value_gives_no_detector_and_says_so(work: Work) -> None:
    proof = work("def price():\n    return 17\n", "def price():\n    return 18\n")
    assert proof.induced is None
    assert proof.notes == (
        "nothing that is known of the code before the fix tells it from the code after it; write the detector by hand",
    )


def test_assistant_that_wrote_the_failing_lines_is_known_by_the_trailer_of_their_commit(tmp_path: Path) -> None:
    builder = GitBuilder(tmp_path / "shop")
    builder.commit({"a.py": "def price():\n    return 17\n"}, "Add\n\nCo-Authored-By: Claude <noreply@anthropic.com>")
    fix = builder.commit({"a.py": "def price():\n    return 18\n"}, "Mend it")
    with closing(GitRepository(builder.root)) as repository:
        workshop = Workshop(repository, partial(_sources, str(builder.root)), KNOWLEDGE)
        assert workshop.work(fix, ()).assistant == "claude"
