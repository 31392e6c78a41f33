"""What one process works on at once follows from what it may."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.domain.service import ServiceSettings
from reviewer.jobs.worker import threads_of
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
