"""The formats for CI: annotations of GitHub Actions, and GitLab's code quality report."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.render.github import MOST
from reviewer.render.options import RenderOptions
from reviewer.render.registry import renderer
from tests.render.report_sample import HOSTILE, finding, partial, report


def test_github_gets_the_worst_first_then_what_was_not_checked_then_the_verdict() -> None:
    found = [finding(id="a", severity="medium", line=3), finding(id="b", severity="high", line=9)]
    lines = renderer("github")(partial(findings=found), RenderOptions()).splitlines()
    assert [line.split(" ")[0] for line in lines[:2]] == ["::error", "::warning"]
    assert lines[2].startswith("::warning title=not checked::")
    assert lines[-1].startswith("reviewer: ")


def test_github_gets_no_more_than_it_shows() -> None:
    found = [finding(id=f"{number}", severity="high", line=number + 1) for number in range(MOST + 5)]
    text = renderer("github")(report(findings=found), RenderOptions())
    assert text.count("::error ") == MOST


COMMANDS = st.sampled_from(["::error::", "%0A::error::", "\n::stop-commands::x\n", "a,line=1::b"])


@given(st.text(st.characters() | st.sampled_from(HOSTILE)) | COMMANDS)
def test_nothing_out_of_a_report_is_a_command_of_its_own(text: str) -> None:
    found = [finding(path=text, message=text, rule=text, explanation=text)]
    lines = renderer("github")(report(findings=found), RenderOptions()).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("::error file=") or lines[0].startswith("::warning file=")
    assert not lines[1].startswith("::")


@pytest.mark.parametrize(("severity", "said"), [("high", "critical"), ("medium", "major")])
def test_gitlab_gets_one_row_for_each_finding_that_is_shown(severity: Any, said: str) -> None:
    shown, quiet = finding(id="a", severity=severity), finding(id="b", severity="low")
    rows = json.loads(renderer("gitlab")(report(findings=[shown, quiet]), RenderOptions()))
    assert [(row["fingerprint"], row["severity"]) for row in rows] == [("a", said)]
    assert json.loads(renderer("gitlab")(report(findings=[]), RenderOptions())) == []
