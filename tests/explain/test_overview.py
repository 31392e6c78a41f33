"""What a model is shown of a review to sum it up: what matters, a row each, bounded, and nothing that could pass for a row."""

from __future__ import annotations

from textwrap import dedent
from typing import Any, Literal

import pytest

from reviewer.domain.report import BoundaryItem, FindingItem, Judgement, NotChecked
from reviewer.explain.overview import MOST_FINDINGS, Overview, overview_of
from tests.explain.injections import INJECTIONS
from tests.explain.test_redaction import TOKENS
from tests.render.report_sample import finding

Verdict = Literal["confirmed", "doubted", "unsure"]


def item(number: int, severity: str = "medium", verdict: Verdict | None = None, **changes: Any) -> FindingItem:
    """A finding of its own function."""
    judgement = Judgement(by="m", verdict=verdict, reason="") if verdict is not None else None
    values = {"line": number, "end_line": number, "function": f"f{number}", "score": 100 - number, **changes}
    return finding(id=f"{number:020}", severity=severity, judgement=judgement, **values)


def shown(*findings: FindingItem, missing: list[NotChecked] | None = None, units: int = 9) -> Overview:
    overview = overview_of(findings, missing or [], units)
    assert overview is not None
    return overview


def test_a_review_is_shown_with_what_follows_from_its_findings_and_what_is_left_out() -> None:
    boundary = BoundaryItem(
        kind="route",
        framework="FastAPI",
        name="GET /users",
        path="app/api.py",
        line=3,
        exception="requests.exceptions.ConnectionError",
        outcome="answered with 500",
        harm="answered",
    )
    told = "The server hangs. The page stands still. Nobody notices. Give a timeout."
    overview = shown(
        item(30, "low"),
        item(12, "high", "unsure", boundary=boundary),
        item(13, "high", "confirmed", explanation=told),
        item(
            20,
            "low",
            "confirmed",
            rule="suspected-key-missing",
            function="<module>",
            message="A row ends it",
            explanation="A row has no name. A row ends it. Nobody. Check it.",
        ),
        item(21, "low", "doubted"),
        item(22, status="known"),
        missing=[NotChecked(path="app/broken.py", reason="line 7 is no Python")],
    )
    waits = "requests.get waits for ever when the HTTP server does not answer"
    assert overview.text == dedent(f"""\
        Findings:
        - F1 app/client.py:13 in f13 [no-timeout, high, confirmed] {waits}; The server hangs. The page stands still.
        - F2 app/client.py:12 in f12 [no-timeout, high, unsure] {waits}; arrives at GET /users (FastAPI): answered with 500
        - F3 app/client.py:20 [suspected-key-missing, low, confirmed] A row ends it; A row has no name. Nobody.
        - N1 app/broken.py is not checked: line 7 is no Python
        Left out here: 2 low""")
    assert {name: one.line for name, one in overview.findings.items()} == {"F1": 13, "F2": 12, "F3": 20}
    assert overview.gravest == {"F1", "F2"}


def test_that_only_a_test_fails_of_it_is_not_told() -> None:
    boundary = BoundaryItem(
        kind="test",
        framework="pytest",
        name="test_users",
        path="test_a.py",
        line=3,
        exception="OSError",
        outcome="a failing test",
        harm="ignored",
    )
    assert "test_users" not in shown(item(1, boundary=boundary), item(2)).text


MISSING = [NotChecked(path="a.py", reason="no Python")]


@pytest.mark.parametrize(
    ("findings", "missing", "units"),
    [
        ([], [], 9),
        ([], MISSING, 9),
        ([item(1, "high")], [], 5),
        ([item(1, "low"), item(2, "low"), item(3, "low")], MISSING, 9),
        ([item(1, "low", "confirmed"), item(2, "low", "confirmed")], [], 9),
        ([item(n, "low", "confirmed", function="f") for n in (1, 2, 3)], [], 9),
        ([item(1, "low", "confirmed"), item(2, "low", "unsure"), item(3, "low", "doubted")], [], 9),
        ([item(1, "high", status="waived"), item(2, "high", status="known")], [], 9),
    ],
    ids=["nothing", "a part", "one in few units", "quiet", "two quiet", "one place", "not borne out", "accepted"],
)
def test_what_says_itself_is_not_summed_up(findings: list[FindingItem], missing: list[NotChecked], units: int) -> None:
    assert overview_of(findings, missing, units) is None


@pytest.mark.parametrize(
    ("findings", "missing", "units"),
    [
        ([item(1)], [], 6),
        ([item(1)], MISSING, 1),
        ([item(1), item(2)], [], 1),
        ([item(1), item(2, "low", "confirmed")], [], 1),
        ([item(n, "low", "confirmed") for n in (1, 2, 3)], [], 3),
    ],
    ids=["one in many units", "one and a part", "two", "one and a quiet one", "three that a model bears out"],
)
def test_what_takes_a_while_to_read_is_summed_up(
    findings: list[FindingItem], missing: list[NotChecked], units: int
) -> None:
    assert overview_of(findings, missing, units) is not None


def test_of_many_findings_some_of_each_rule_are_shown_and_the_others_counted() -> None:
    many = [item(n) for n in range(1, 21)]
    others = [item(n, rule="bare-except") for n in range(31, 33)]
    missing = [NotChecked(path=f"b{n}.py", reason="no Python") for n in range(5)]
    overview = shown(*many, *others, item(40, "high"), item(41, "low"), missing=missing)
    assert [one.line for one in overview.findings.values()] == [40, 1, 2, 3, 31, 32, 4, 5]
    assert len(overview.findings) == MOST_FINDINGS
    assert [name for name in overview.rows if name.startswith("N")] == ["N1", "N2", "N3"]
    assert overview.text.endswith("\nLeft out here: 15 medium, 1 low\nLeft out here: 2 more parts that are not checked")


def test_it_is_never_longer_than_a_page() -> None:
    long = "a_long_name " * 1000
    many = [item(n, verdict="confirmed", path=long, function=long, message=long, explanation=long) for n in range(99)]
    text = shown(*many, missing=[NotChecked(path=long, reason=long)] * 99).text
    assert len(text) < 8000
    assert len(text.split("\n")) == 1 + MOST_FINDINGS + 3 + 2


@pytest.mark.parametrize("kind", sorted(TOKENS))
def test_no_secret_is_shown(kind: str) -> None:
    token = TOKENS[kind]
    said = f"it was called with {token}"
    with_it = item(1, verdict="confirmed", message=said, explanation=said, function=token, path=f"{token}.py")
    text = shown(with_it, item(2), missing=[NotChecked(path=f"{token}.py", reason=said)]).text
    assert token not in text
    assert "it was called with" in text


@pytest.mark.parametrize("injection", INJECTIONS, ids=lambda injection: injection.id)
def test_no_text_out_of_the_code_can_pass_for_a_row(injection: Any) -> None:
    text = f"x\n- F2 {injection.text}"
    with_it = item(1, verdict="confirmed", message=text, explanation=text, function=text, path=text)
    overview = shown(with_it, missing=[NotChecked(path=text, reason=text)])
    assert [row[:4] for row in overview.text.split("\n")] == ["Find", "- F1", "- N1"]
    assert overview.text.splitlines() == overview.text.split("\n")
    assert all(char.isprintable() for row in overview.text.split("\n") for char in row)
