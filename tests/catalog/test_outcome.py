"""What became of findings, counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.catalog.outcome import Precision, precision_by, quiet_subjects, standings
from reviewer.domain.catalog import Outcome, Verdict

SIX: tuple[Verdict, ...] = ("wrong", "wrong", "wrong", "wrong", "wrong", "wrong")


def outcomes(rule: str, *verdicts: Verdict, repository: str = "shop") -> list[Outcome]:
    """Outcomes of different findings of one rule, one after the other."""
    return [
        Outcome(f"{repository}-{rule}-{n}", rule, "", repository, verdict, f"2026-03-{n + 1:02}T00:00:00Z")
        for n, verdict in enumerate(verdicts)
    ]


def test_useful_and_fixed_are_right_and_waived_counts_for_neither() -> None:
    known = outcomes("no-timeout", "useful", "fixed", "wrong", "waived")
    assert precision_by(known, "rule") == {"no-timeout": Precision(right=2, wrong=1, waived=1)}


def test_of_one_finding_the_last_outcome_counts() -> None:
    first, second = outcomes("no-timeout", "wrong", "useful")
    changed = Outcome(first.finding, first.rule, "", "shop", "useful", "2026-04-01T00:00:00Z")
    assert precision_by([first, second, changed], "rule") == {"no-timeout": Precision(right=2)}


def test_pattern_is_counted_apart_from_the_rule() -> None:
    known = [Outcome("f", "learned-pattern", "late-commit", "shop", "useful", "2026-03-01T00:00:00Z")]
    assert precision_by(known, "pattern") == {"late-commit": Precision(right=1)}


def test_interval_is_the_published_one_of_wilson() -> None:
    # 8 of 10 at 90 %: NIST/SEMATECH e-Handbook, 7.2.4.1, the formula worked out by hand.
    low, high = Precision(right=8, wrong=2).interval
    assert (round(low, 3), round(high, 3)) == (0.541, 0.931)


def test_nothing_is_too_low_before_anybody_has_judged() -> None:
    assert not Precision().is_too_low
    assert Precision().interval == (0.0, 1.0)


@pytest.mark.parametrize(("verdicts", "quiet"), [(("wrong",), False), (("wrong",) * 2, False), (("wrong",) * 3, True)])
def test_three_wrong_findings_in_a_row_make_a_rule_quiet(verdicts: tuple[Verdict, ...], quiet: bool) -> None:
    assert ("no-timeout" in quiet_subjects(outcomes("no-timeout", *verdicts), "rule", "shop")) is quiet


def test_what_is_wrong_elsewhere_is_not_quiet_where_it_was_right() -> None:
    known = [
        *outcomes("no-timeout", *SIX, repository="other"),
        *outcomes("no-timeout", "useful", repository="shop"),
    ]
    assert quiet_subjects(known, "rule", "shop") == {}
    assert quiet_subjects(known, "rule", "third") == {
        "no-timeout": "of all findings 1 of 7 were right (the share lies between 3% and 45%)"
    }


def test_what_was_found_right_often_enough_is_never_quiet_whatever_the_others_say() -> None:
    known = [*outcomes("no-timeout", *SIX * 5, repository="other"), *outcomes("no-timeout", "useful", "wrong", "fixed")]
    assert quiet_subjects(known, "rule", "shop") == {}
    assert "no-timeout" in quiet_subjects(known, "rule", "other")


def test_findings_of_patterns_alone_do_not_make_each_other_quiet() -> None:
    known = [
        Outcome(f"f{n}", "learned-pattern", "late-commit", "shop", "wrong", "2026-03-01T00:00:00Z") for n in range(9)
    ]
    assert precision_by(known, "rule") == {}
    assert list(quiet_subjects(known, "pattern", "shop")) == ["late-commit"]


def test_standing_tells_every_repository_and_what_is_pinned() -> None:
    known = [*outcomes("no-timeout", *SIX, repository="other"), *outcomes("no-timeout", "wrong")]
    (one,) = standings(known, "shop", {})
    assert (one.overall, dict(one.by_repository)) == (
        Precision(wrong=7),
        {"other": Precision(wrong=6), "shop": Precision(wrong=1)},
    )
    assert (one.quiet[:16], one.pinned) == ("of all findings ", False)
    (pinned,) = standings(known, "shop", {"rule": {"no-timeout"}})
    assert (pinned.quiet, pinned.pinned) == ("", True)


@given(st.integers(0, 500), st.integers(0, 500))
def test_interval_holds_the_share_and_stays_between_nothing_and_all(right: int, wrong: int) -> None:
    precision = Precision(right=right, wrong=wrong)
    low, high = precision.interval
    assert 0.0 <= low <= high <= 1.0
    if precision.share is not None:
        assert low - 1e-9 <= precision.share <= high + 1e-9
