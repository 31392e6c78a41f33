"""What stops a push, and what a model may take of its time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reviewer import review
from reviewer.domain.change import Change
from reviewer.domain.deadline import Deadline
from reviewer.domain.settings import Settings
from reviewer.errors import RepositoryError
from reviewer.explain.spending import Allowance
from reviewer.ports import Selection
from reviewer.surfaces.hook import running
from reviewer.surfaces.hook.push import Push, Range
from reviewer.surfaces.hook.running import Wish, stops
from tests.reports import a_finding


@pytest.mark.parametrize(
    ("changed", "stopped"),
    [
        ({}, True),
        ({"confidence": "medium"}, True),
        ({"confidence": "low"}, False),
        ({"severity": "medium"}, False),
        ({"status": "known"}, False),
        ({"status": "waived"}, False),
    ],
)
def test_only_what_is_new_grave_and_more_than_a_guess_stops_a_push(changed: dict[str, Any], stopped: bool) -> None:
    grave = replace(a_finding("a"), severity="high", confidence="high", status="new")
    assert stops(replace(grave, **changed), Settings()) is stopped
    assert not stops(grave, replace(Settings(), fail_on="never"))


def test_what_was_found_before_a_failure_stops_the_push_and_nothing_says_that_it_goes_through(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ranges = (Range("1" * 40, ("0" * 40,)), Range("2" * 40, ("0" * 40,)))

    def review_one(_: Path, selection: Selection, __: Wish, ___: float, outcome: Any) -> None:
        if outcome.blocking:
            raise RepositoryError("an object is damaged; try 'git fsck'")
        outcome.blocking.append((selection, a_finding("a")))

    monkeypatch.setattr(running, "_review_one", review_one)
    assert running.run(Path(), "", Wish(), Push(ranges=ranges))
    said = capsys.readouterr().err
    assert "not all of the push was reviewed: an object is damaged" in said
    assert "the push is stopped; look: 'reviewer review --base" in said
    assert "goes through" not in said


def test_a_model_has_what_is_left_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from reviewer.explain.stage import ModelUse
    from reviewer.llm.registry import open_model

    given: list[float] = []

    def told(model: ModelUse, files: object, own: Any, *_: object) -> Any:
        given.append(model.allowance.seconds)
        return own

    monkeypatch.setattr(review, "_told_by", told)
    model = ModelUse(open_model("files:nowhere"), allowance=Allowance(seconds=120.0))
    change = Change("shop", None, None, ())
    review.review_change(change, Settings(), model=model, deadline=Deadline(20, 20.0, lambda: 13.5))
    review.review_change(change, Settings(), model=model)
    assert given == [6.5, 120.0]
