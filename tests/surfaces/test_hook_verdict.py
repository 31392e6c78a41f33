"""What stops a push, and what a model may take of its time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reviewer import review
from reviewer.domain.change import Change
from reviewer.domain.deadline import Deadline
from reviewer.domain.settings import Settings
from reviewer.explain.spending import Allowance
from reviewer.surfaces.hook.running import stops
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
