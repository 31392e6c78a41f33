"""What all tests share: repositories built on the spot, isolation from the user's git, hypothesis profiles.

`HYPOTHESIS_PROFILE=fuzz pytest tests/diff` tries 20,000 examples for each property.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.git_builder import GitBuilder
from tests.stores import postgres

settings.register_profile("quick", max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fuzz", max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(autouse=True)
def _isolate_git(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("GIT_") and not name.startswith("GIT_PYTHON"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


@pytest.fixture(scope="session")
def _memories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("memories")


@pytest.fixture(autouse=True)
def _own_memory(monkeypatch: pytest.MonkeyPatch, _memories: Path) -> None:
    # Not below `tmp_path`: to make that takes a look at all the others, and most tests need no directory.
    monkeypatch.setenv("REVIEWER_CACHE", str(_memories / uuid.uuid4().hex))


@pytest.fixture
def builder(tmp_path: Path) -> GitBuilder:
    """An empty repository on branch main."""
    return GitBuilder(tmp_path / "repo")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a real PostgreSQL of this run, without a database."""
    if postgres.programs() is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    with postgres.running() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh, empty store of each sort."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'service.db'}"
    server: str = request.getfixturevalue("postgresql_server")
    return postgres.create_database(server, f"service_{uuid.uuid4().hex[:12]}")
