"""The trace of a request: continued where the caller has one, begun where it has none."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.telemetry.trace import begin, continue_from

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
FORM = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]")


def test_a_callers_trace_goes_on_in_a_part_of_its_own() -> None:
    trace = continue_from(CALLER)
    assert trace.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert trace.span_id != "00f067aa0ba902b7"
    assert trace.sampled


def test_what_the_caller_does_not_want_recorded_is_not() -> None:
    assert continue_from(CALLER[:-1] + "0").header.endswith("-00")


def test_a_later_version_of_the_header_is_read_as_far_as_it_is_known() -> None:
    assert continue_from("01" + CALLER[2:] + "-more").trace_id in CALLER


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        CALLER.upper(),
        CALLER + "-more",
        "ff" + CALLER[2:],
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "01" + CALLER[2:] + "-" + "x" * 300,
    ],
)
def test_a_header_that_says_nothing_begins_a_new_trace(header: str | None) -> None:
    assert continue_from(header).trace_id not in str(header)


@given(st.text(max_size=80))
def test_whatever_comes_in_what_goes_out_has_the_standards_form(header: str) -> None:
    assert FORM.fullmatch(continue_from(header).header)


def test_two_traces_are_two() -> None:
    assert begin().trace_id != begin().trace_id
