from __future__ import annotations

from reviewer.catalog.replay.sites import Site, Sites, Spot
from reviewer.catalog.replay.verdict import Verdict, judge

SITES = Sites(
    sites=(
        Site(
            before=Spot("x.py", "f"),
            changed=frozenset({10, 11}),
            near=frozenset(range(8, 14)),
            after=(Spot("x.py", "f"),),
        ),
    ),
    files={},
    forward={("x.py", line): ("x.py", line + 5) for line in range(1, 30) if line not in (10, 11)}
    | {("x.py", 10): ("x.py", 15)},
)
"""Line 11 was rewritten; line 10 is the first of its statement and stands where it was."""


def hits(*lines: int) -> set[tuple[str, int]]:
    return {("x.py", line) for line in lines}


def places(*lines: int) -> tuple[tuple[str, int], ...]:
    return tuple(("x.py", line) for line in lines)


def test_what_is_found_on_the_changed_lines_and_not_after_is_mended() -> None:
    assert judge(SITES, hits(11), hits()) == Verdict(mended=places(11))


def test_what_is_found_beside_the_changed_lines_is_mended_where_it_goes_away() -> None:
    assert judge(SITES, hits(13), hits()) == Verdict(mended=places(13))


def test_what_is_found_farther_away_is_beside_it() -> None:
    assert judge(SITES, hits(14), hits()) == Verdict(beside=places(14))


def test_what_is_found_on_a_changed_statement_after_the_fix_counts() -> None:
    assert judge(SITES, hits(10), hits(15)) == Verdict(mended=places(10), left=places(15))


def test_what_is_found_in_a_line_that_the_fix_wrote_counts() -> None:
    assert judge(SITES, hits(11), hits(17)) == Verdict(mended=places(11), left=places(17))


def test_fewer_of_the_same_than_were_mended_may_be_left() -> None:
    assert judge(SITES, hits(10, 11, 20), hits(25)) == Verdict(
        mended=places(10, 11), beside=places(20), siblings=places(25)
    )
    assert judge(SITES, hits(10, 11, 13), hits(18)) == Verdict(
        mended=places(10, 11), beside=places(13), siblings=places(18)
    )


def test_as_many_of_the_same_as_were_mended_are_too_many() -> None:
    assert judge(SITES, hits(11, 20), hits(25)) == Verdict(mended=places(11), beside=places(20), left=places(25))


def test_of_many_mended_places_one_in_five_may_be_written_again() -> None:
    five = SITES.sites[0].__class__(Spot("x.py", "f"), frozenset(range(10, 15)), frozenset(range(8, 17)), ())
    sites = Sites((five,), {}, {})
    mended = hits(*range(10, 15))
    assert judge(sites, mended, hits(30)) == Verdict(mended=places(*range(10, 15)), siblings=places(30))
    assert judge(sites, mended - hits(14), hits(30)).left == places(30)
    assert judge(sites, mended, hits(30, 31)).left == places(30, 31)
