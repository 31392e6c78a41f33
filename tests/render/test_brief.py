"""A push that goes through is told in a few short lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from reviewer.render.brief import render_brief
from reviewer.render.options import RenderOptions
from tests.render.report_sample import HOSTILE, finding, report


def test_each_finding_has_a_line_that_names_its_place_and_rule() -> None:
    text = render_brief(report(findings=[finding(severity="medium")], verdict="warn"), RenderOptions())
    assert text.splitlines()[1:] == [
        "  app/client.py:12: requests.get waits for ever when the HTTP server does not answer [no-timeout]"
    ]
    assert text.startswith("reviewer: Warn: 1 medium in ")


def test_the_worst_come_first_and_the_rest_is_counted() -> None:
    sure = [finding(line=line, severity="medium", confidence="high") for line in range(1, 5)]
    items = [finding(line=9, severity="medium", confidence="medium"), *sure, finding(line=8, severity="high"), sure[0]]
    lines = render_brief(report(findings=items, verdict="warn"), RenderOptions()).splitlines()
    assert [line.split(":")[1] for line in lines[1:-1]] == ["8", "1", "1", "2", "3"]
    assert lines[-1] == "  and 2 more"


def test_of_a_long_path_the_first_folders_make_room_for_what_fails() -> None:
    item = finding(path="src/shop/a/very/long/way/down/to/client.py")
    text = render_brief(report(findings=[item]), RenderOptions(width=100))
    assert "\n  …/to/client.py:12: requests.get waits for ever when the HTTP server does not answer" in text


@given(st.integers(min_value=20, max_value=200), st.sampled_from(["utf-8", "ascii"]))
def test_no_line_is_wider_than_the_terminal_while_the_rule_has_room(width: int, encoding: str) -> None:
    text = render_brief(report(findings=[finding()]), RenderOptions(width=width, encoding=encoding))
    line = text.splitlines()[1]
    assert cell_len(line) <= width
    assert line.endswith(" [no-timeout]")
    line.encode(encoding)


@pytest.mark.parametrize("field", ["path", "message", "rule"])
def test_nothing_hostile_reaches_the_terminal(field: str) -> None:
    item = finding(**{field: HOSTILE})
    text = render_brief(report(findings=[item]), RenderOptions(width=10_000))
    assert "\x1b" not in text
    assert len(text.splitlines()) == 2
