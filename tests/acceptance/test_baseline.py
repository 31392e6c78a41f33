"""A baseline is written, read back and checked."""

from __future__ import annotations

import json
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.acceptance.baseline import read_baseline, write_baseline
from reviewer.domain.report import FindingItem
from reviewer.errors import SettingsError


def item(identity: str, path: str = "a.py", status: Literal["new", "known", "waived"] = "new") -> FindingItem:
    return FindingItem(
        id=identity * 20,
        rule="no-timeout",
        question="unavailable",
        severity="high",
        confidence="high",
        path=path,
        line=1,
        end_line=1,
        column=1,
        function="f",
        message="m",
        exceptions=[],
        evidence=[],
        explanation="",
        patterns=[],
        suggestion=None,
        judgement=None,
        status=status,
        waiver=None,
    )


def test_what_is_written_is_read_back() -> None:
    text = write_baseline([item("b", path="b\udcff.py"), item("a")])
    assert list(read_baseline(text.encode(), file="f")) == ["a" * 20, "b" * 20]


def test_known_findings_stay_and_waived_ones_do_not_enter() -> None:
    text = write_baseline([item("a", status="known"), item("b", status="waived")])
    assert set(read_baseline(text.encode(), file="f")) == {"a" * 20}


def test_entries_of_what_was_not_reviewed_can_be_kept() -> None:
    old = read_baseline(write_baseline([item("c", path="c.py")]).encode(), file="f")
    assert set(read_baseline(write_baseline([item("a")], keep=old).encode(), file="f")) == {"a" * 20, "c" * 20}


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "{}",
        '{"schema": "reviewer.baseline/2", "findings": []}',
        '{"schema": "reviewer.baseline/1", "findings": {}}',
        '{"schema": "reviewer.baseline/1", "findings": [{"id": "xyz"}]}',
        "[" * 100_000,
    ],
)
def test_what_is_no_baseline_ends_in_one_line_that_names_the_file(document: str) -> None:
    with pytest.raises(SettingsError, match=r"^known\.json: .*--write-baseline$"):
        read_baseline(document.encode(), file="known.json")


@given(st.binary() | st.recursive(st.none() | st.text(), st.lists).map(lambda value: json.dumps(value).encode()))
def test_any_bytes_give_a_baseline_or_one_clear_error(data: bytes) -> None:
    try:
        read_baseline(data, file="f")
    except SettingsError as problem:
        assert "\n" not in str(problem)
