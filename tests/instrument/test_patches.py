"""What can be proved is found among what cannot, in bounded time."""

from __future__ import annotations

from dataclasses import replace

from reviewer.instrument.patches import Wishes, propose, prove
from reviewer.instrument.proposal import Patch, Place, Proposal, Withheld
from tests.instrument.workshop import CALLS, HANDLERS, reasons, subject_of

WISHES = Wishes(HANDLERS)


def handlers(count: int, comment: int = 0) -> bytes:
    functions = "".join(
        f"def f{at}(a):\n    try:\n        g(a)\n    except OSError:\n        pass\n" for at in range(count)
    )
    return (functions + "# long\n" * comment).encode()


def misplaced(proposal: Proposal) -> Proposal:
    """The same for a place that is none."""
    return replace(proposal, place=Place(proposal.place.line, proposal.place.column + 1, "handler-start"))


def proved(content: bytes, *bad: int) -> tuple[Patch | None, list[Withheld]]:
    subject = subject_of(content)
    proposals, _ = propose(subject, WISHES)
    return prove(subject, content, [misplaced(one) if at in bad else one for at, one in enumerate(proposals)], WISHES)


def test_what_cannot_be_proved_is_withheld_and_the_rest_is_kept() -> None:
    patch, withheld = proved(handlers(11), 0, 7)
    assert patch is not None
    assert [one.unit for one in patch.proposals] == [f"f{at}" for at in range(11) if at not in (0, 7)]
    assert [one.unit for one in withheld] == ["f0", "f7"]
    assert all(one.reason.startswith("not proved (writes)") for one in withheld)


def test_where_nothing_can_be_proved_all_is_withheld() -> None:
    patch, withheld = proved(handlers(3), 0, 1, 2)
    assert patch is None
    assert [one.unit for one in withheld] == ["f0", "f1", "f2"]


def test_a_long_file_in_which_much_cannot_be_proved_is_given_up() -> None:
    patch, withheld = proved(handlers(64, comment=2_000), *range(0, 64, 2))
    assert patch is None
    assert len(withheld) == 64
    assert {one.reason for one in withheld} == {"not proved: too much of the file could not be proved"}


def test_a_long_file_with_one_fault_keeps_most_lines() -> None:
    patch, withheld = proved(handlers(64, comment=2_000), 20)
    assert patch is not None
    assert 0 < len(withheld) < 8
    assert "f20" in [one.unit for one in withheld]


def test_a_statement_that_shares_its_line_is_told_at_once() -> None:
    text = "import requests\ndef f(url):\n    a = 1; b = requests.get(url, timeout=3)\n    return a, b\n"
    assert reasons(text, CALLS) == ["shares its line with other statements"]
