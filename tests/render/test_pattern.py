"""Patterns and lessons as a person reads them in a terminal."""

from __future__ import annotations

import pytest

from reviewer.domain.pattern import Origin
from reviewer.render.pattern import learned_lines, pattern_page
from tests.catalog.members import LESSON, PATTERN, a_lesson, a_pattern


def test_who_wrote_the_code_of_the_incidents_is_counted_and_the_rest_is_unknown() -> None:
    page = pattern_page(a_pattern("told", incidents=("a", "b", "c"), assistants=(("aider", 1), ("claude", 1))), [])
    assert "\nFailing code by: aider (1), claude (1), unknown (1)\n" in page
    assert "\nFailing code by: unknown (1)\n" in pattern_page(a_pattern("told", assistants=()), [])
    assert "Failing code by" not in pattern_page(a_pattern("told", incidents=(), assistants=()), [])


@pytest.mark.parametrize(("origin", "told"), [("model", True), ("induced", False), ("person", False)])
def test_a_detector_that_a_model_proposed_is_told_as_such(origin: Origin, told: bool) -> None:
    assert ("proposed by a language model" in pattern_page(a_pattern("told", origin=origin), [])) is told


def test_what_a_document_came_to_is_told_with_the_assistant_that_is_known() -> None:
    lines = learned_lines(LESSON, PATTERN, "new", ["it has two dates"]).split("\n")
    assert lines[0] == f"new: {LESSON.title}"
    assert "  what failed was written by claude, as its commits or the document say" in lines
    assert "  note: it has two dates" in lines
    assert "written by" not in learned_lines(a_lesson("told", assistant=""), PATTERN, "new", [])


def test_nothing_that_is_told_acts_on_the_terminal() -> None:
    hostile = a_lesson("told", title="\x1b[31mred \u202e", assistant="\x1b]0;x\x07")
    told = learned_lines(hostile, PATTERN, "new", ["\x1b[2J"]) + pattern_page(
        a_pattern("told", title="\x1b[2J"), [hostile]
    )
    assert not {"\x1b", "\x07", "\u202e"}.intersection(told)
