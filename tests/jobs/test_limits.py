"""What one process works on at once follows from what it may."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.domain.service import ServiceSettings
from reviewer.errors import ForgeError, StoreError, UnreadableRecordError
from reviewer.jobs.worker import threads_of
from reviewer.jobs.workflow import patient
from reviewer.surfaces.cli.service_options import settings_of


@pytest.mark.parametrize("concurrency", [1, 2, 16, 64, 256])
def test_as_many_reviews_are_worked_on_as_are_allowed_and_others_may_wait_beside_them(
    tmp_path: Path, concurrency: int
) -> None:
    settings = settings_of(store=None, folder=tmp_path, concurrency=concurrency)
    assert settings.in_hand >= max(16, 2 * concurrency)


def test_every_job_that_may_be_in_hand_has_a_thread(tmp_path: Path) -> None:
    # A review keeps its thread while its parts want others.
    assert threads_of(ServiceSettings("sqlite:///x", tmp_path)) > 4 * 16
    assert threads_of(ServiceSettings("sqlite:///x", tmp_path, in_hand=200)) > 4 * 200


def test_a_database_may_be_away_for_an_hour_and_is_found_soon_after_it_is_back() -> None:
    options = patient("analyse")
    away = 0.0
    for attempt in range(options["max_attempts"] - 1):
        pause = options["interval_seconds"] * options["backoff_rate"] ** attempt
        assert pause <= 0.5 + away / 10 + 0.001
        away += pause
    assert 3000 < away < 4000


def test_only_what_may_be_over_later_is_waited_for() -> None:
    waits = patient("event")["should_retry"]
    assert waits is not None
    assert [
        waits(error) for error in (StoreError("away"), UnreadableRecordError("new"), ForgeError("github", "no"))
    ] == [
        True,
        False,
        False,
    ]
