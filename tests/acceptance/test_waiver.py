"""A waiver accepts the finding it stands beside, with a reason, until its day; anything else is told."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.acceptance.waiver import Waiver, Waivers, find_waivers, waived_as
from reviewer.acceptance.waiver_comment import write_waiver
from reviewer.domain.finding import Confidence, Finding, PatternMet, Question, Severity
from reviewer.domain.suspicion import LEARNED

TODAY = datetime.date(2026, 6, 1)


def finding(line: int, rule: str = "no-timeout") -> Finding:
    return Finding(
        rule=rule,
        question=Question.UNAVAILABLE,
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        path="a.py",
        line=line,
        end_line=line,
        column=1,
        function="f",
        message="m",
        code="f()",
    )


def waivers(text: str, line: int, rule: str = "no-timeout") -> Waivers:
    rules = {"no-timeout", "bare-except"}
    return find_waivers("a.py", text.split("\n"), {"id1": finding(line, rule)}, today=TODAY, rules=rules)


def test_a_waiver_on_the_line_accepts_the_finding() -> None:
    result = waivers("f()  # reviewer: waive[no-timeout] the proxy cuts it until 2027-01-31", 1)
    day = datetime.date(2027, 1, 31)
    assert result.accepted == {"id1": Waiver(1, frozenset({"no-timeout"}), "the proxy cuts it", day)}
    assert result.notes == ()
    item = result.accepted["id1"].item("a.py")
    assert (item.reason, item.until, item.source) == ("the proxy cuts it", "2027-01-31", "a.py:1")


@pytest.mark.parametrize(
    "text",
    [
        "# reviewer: waive[no-timeout] reason\nf()",
        "# reviewer: waive[ bare-except , no-timeout ] reason\nf()",
        "x = 1  # other\n# reviewer:waive[no-timeout] reason\n# more words\nf()",
        "f()  # noqa: S1  # reviewer: waive[no-timeout] reason  # noqa",
    ],
)
def test_a_waiver_stands_on_the_line_or_in_the_comment_above(text: str) -> None:
    assert waivers(text, len(text.split("\n"))).accepted["id1"].reason == "reason"


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # reviewer: waive[no-timeout] reason\nf()",
        "# reviewer: waive[no-timeout] reason\n\nf()",
        "f(\n)  # reviewer: waive[no-timeout] reason\nf()",
        "# reviewer: waive[bare-except] reason\nf()",
        'f("# reviewer: waive[no-timeout] reason")',
        'x = """\n# reviewer: waive[no-timeout] reason\n"""; f()',
    ],
)
def test_a_waiver_elsewhere_or_of_another_rule_or_in_a_string_accepts_nothing(text: str) -> None:
    assert waivers(text, len(text.split("\n"))) == Waivers()


@pytest.mark.parametrize(
    ("comment", "complaint"),
    [
        ("waive[no-timeout] reason until 2026-05-31", "the waiver of no-timeout expired on 2026-05-31"),
        ("waive[no-timeout]", "gives no reason"),
        ("waive[no-timeout] until 2027-01-01", "gives no reason"),
        ("waive[] reason", "names no rule"),
        ("waive[no-timeuot] reason", "unknown rule 'no-timeuot'"),
        ("waive[no-timeout] reason until tomorrow", "'tomorrow' is no date"),
        ("wave[no-timeout] reason", "not understood"),
    ],
)
def test_an_expired_or_malformed_waiver_accepts_nothing_and_is_told(comment: str, complaint: str) -> None:
    result = waivers(f"f()  # reviewer: {comment}", 1)
    assert result.accepted == {}
    (note,) = result.notes
    assert note.startswith("a.py:1: ")
    assert complaint in note


def test_a_waiver_holds_on_its_last_day() -> None:
    assert "id1" in waivers("f()  # reviewer: waive[no-timeout] reason until 2026-06-01", 1).accepted


def test_an_expired_waiver_of_another_rule_is_not_told() -> None:
    assert waivers("f()  # reviewer: waive[bare-except] reason until 2020-01-01", 1) == Waivers()


def idle(text: str, changed: set[int] | None, *findings: Finding) -> tuple[str, ...]:
    found = {f"id{number}": item for number, item in enumerate(findings)}
    rules = {"no-timeout", "bare-except"}
    asked = {"no-timeout"}
    return find_waivers("a.py", text.split("\n"), found, today=TODAY, rules=rules, asked=asked, changed=changed).notes


@pytest.mark.parametrize("changed", [None, {1, 2}])
def test_a_new_waiver_that_waives_nothing_is_told(changed: set[int] | None) -> None:
    said = "the waiver of no-timeout waives nothing: there is no such finding on its line; take it away"
    assert idle("f()  # reviewer: waive[no-timeout] why", changed) == (f"a.py:1: {said}",)
    assert idle("# reviewer: waive[no-timeout] why\nf()", changed, finding(2, "bare-except")) == (f"a.py:1: {said}",)
    assert idle("x = 1\nf()  # reviewer: waive[no-timeout] why", changed, finding(1)) == (f"a.py:2: {said}",)


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("f()  # reviewer: waive[no-timeout] why", set[int]()),
        ("# reviewer: waive[no-timeout] why\nf()", {1}),
        ("# reviewer: waive[no-timeout] why\n# more\nf()", {1, 2}),
        ("f()  # reviewer: waive[bare-except] why", {1}),
        ("f()  # reviewer: waive[no-timeout, bare-except] why", {1}),
        ("f()  # reviewer: waive[no-timeuot] why", {1}),
        ('f("# reviewer: waive[no-timeout] why")', {1}),
    ],
    ids=["old", "old-code", "old-code-below-two", "not-asked", "one-not-asked", "misspelt", "string"],
)
def test_of_a_waiver_that_may_waive_something_nothing_is_told(text: str, changed: set[int]) -> None:
    assert idle(text, changed) == ()


def test_a_waiver_that_waives_or_has_expired_does_not_waive_nothing() -> None:
    assert idle("f()  # reviewer: waive[no-timeout] why", {1}, finding(1)) == ()
    (note,) = idle("f()  # reviewer: waive[no-timeout] why until 2020-01-01", {1}, finding(1))
    assert "expired" in note


def test_waivers_before_the_place_where_a_file_breaks_off_still_hold() -> None:
    assert "id1" in waivers("f()  # reviewer: waive[no-timeout] reason\n'''", 1).accepted


@given(st.text(alphabet=st.sampled_from("#reviw: a[],\n\t'\"\\\0\x0c\r()\ud800é") | st.characters()), st.integers(1, 5))
def test_any_text_is_taken(text: str, line: int) -> None:
    waivers("# reviewer: waive[no-timeout] x\n" + text, line)


def learned(*patterns: str) -> Finding:
    met = tuple(PatternMet(name, name, "", True) for name in patterns)
    return replace(finding(2, LEARNED), patterns=met)


@pytest.mark.parametrize(
    ("named", "patterns", "accepted"),
    [
        ("learned-pattern", ("a", "b"), True),
        ("learned-pattern:a", ("a",), True),
        ("learned-pattern:a, learned-pattern:b", ("a", "b"), True),
        ("learned-pattern:a", ("a", "b"), False),
        ("learned-pattern:a", ("b",), False),
    ],
)
def test_a_waiver_of_a_pattern_is_for_no_other_one_that_is_learned_later(
    named: str, patterns: tuple[str, ...], accepted: bool
) -> None:
    lines = [f"# reviewer: waive[{named}] reason", "f()"]
    found = find_waivers("a.py", lines, {"id1": learned(*patterns)}, today=TODAY, rules={LEARNED})
    assert (bool(found.accepted), found.notes) == (accepted, ())


@pytest.mark.parametrize(
    ("rule", "patterns", "named"),
    [
        ("no-timeout", ["a"], "no-timeout"),
        (LEARNED, ["a", "b"], "learned-pattern:a, learned-pattern:b"),
        (LEARNED, [], "learned-pattern"),
    ],
)
def test_the_waiver_of_what_patterns_found_names_each_of_them(rule: str, patterns: list[str], named: str) -> None:
    assert waived_as(rule, patterns) == named
    text = write_waiver(b"f()\n", 1, named, "reason").decode()
    assert text == f"# reviewer: waive[{named}] reason\nf()\n"
