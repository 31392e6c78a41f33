"""One service for the tests of a module: it takes a second to start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.service.world import World, a_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world on SQLite."""
    folder = tmp_path_factory.mktemp("world")
    with a_world(folder, f"sqlite:///{folder / 'service.db'}") as opened:
        yield opened
