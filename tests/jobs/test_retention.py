"""A worker deletes what was kept long enough, a portion a turn, and nothing where everything is to be kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from reviewer.domain.request import ReviewRequest, State
from reviewer.domain.service import ServiceSettings
from reviewer.jobs.client import JobClient
from reviewer.jobs.round import Round
from reviewer.stores.database import tables
from reviewer.stores.database.database import Database
from reviewer.telemetry.metric import new_metrics
from tests.reports import a_report

OLD = datetime.now(UTC) - timedelta(days=40)


@pytest.mark.parametrize(("keep_days", "left"), [(30, [50, 0]), (50, [250, 250]), (0, [250, 250])])
def test_old_reviews_go_a_portion_a_turn(tmp_path: Path, keep_days: int, left: list[int]) -> None:
    store = f"sqlite:///{tmp_path / 'service.db'}"
    settings = ServiceSettings(store, tmp_path, keep_days=keep_days)
    database = Database(store)
    database.migrate()
    fill(database, 250)
    client = JobClient(f"sqlite:///{tmp_path / 'jobs.db'}")
    turns = Round(settings, database, client, "worker", new_metrics())
    found = []
    for more in (True, False) if left[0] == 50 else (False, False):
        assert turns.expire() is more
        with database.engine.connect() as connection:
            found.append(connection.execute(select(func.count()).select_from(tables.review)).scalar_one())
    assert found == left
    client.close()
    database.close()


def fill(database: Database, count: int) -> None:
    """Reviews that were finished long ago."""
    reviews = database.reviews("default")
    first = reviews.accept(ReviewRequest(diff="x"), "test").id
    reviews.finish(first, State.DONE, a_report(first))
    with database.engine.begin() as connection:
        connection.execute(update(tables.review).values(finished_at=OLD))
        row = dict(connection.execute(select(tables.review)).mappings().one())
        copies = [{**row, "number": number, "id": f"copy-{number}"} for number in range(1000, 1000 + count - 1)]
        connection.execute(insert(tables.review), copies)
