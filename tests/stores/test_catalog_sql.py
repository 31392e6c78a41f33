"""What is particular to the store in a database: its URL, its versions, its words when it fails."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from reviewer.catalog.lookup.search import search
from reviewer.domain.catalog import Wish
from reviewer.errors import CatalogError
from reviewer.stores.catalog_sql import SqlCatalog
from tests.catalog.members import LESSON, PATTERN, catalog


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "store: the URL cannot be understood; write sqlite:///FILE"),
        ("nonsense", "store: the URL cannot be understood"),
        ("mysql://u:hunter2@h/d", "mysql://u:***@h/d: no such store; write sqlite:///FILE or postgresql+psycopg"),
        (
            "sqlite:////no/such/folder/x.db",
            "unable to open database file; check that it is up and has room, then repeat",
        ),
        ("postgresql://u:hunter2@127.0.0.1:1/d", "postgresql://u:***@127.0.0.1:1/d: the database failed: connection"),
    ],
)
def test_a_store_that_cannot_be_opened_says_why_and_keeps_the_password(url: str, reason: str) -> None:
    with pytest.raises(CatalogError) as caught:
        SqlCatalog(url)
    assert reason in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_store_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/c.db"
    SqlCatalog(url).close()
    with sqlite3.connect(tmp_path / "c.db") as connection:
        connection.execute('UPDATE catalog_version SET "schema" = 99')
    with pytest.raises(CatalogError, match="was made by a later version"):
        SqlCatalog(url)


def test_an_index_of_an_earlier_version_is_made_anew(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/c.db"
    SqlCatalog(url).put([PATTERN], [LESSON])
    with sqlite3.connect(tmp_path / "c.db") as connection:
        connection.execute("UPDATE catalog_version SET listing = 0")
        connection.execute("DROP TABLE entry")
    store = SqlCatalog(url)
    assert store.load() == catalog(PATTERN, LESSON)
    hits = search(store.index(), "cancelled request left its answer on the connection", Wish(), 3)
    assert [hit.id for hit in hits] == [PATTERN.id]


def test_what_cannot_be_understood_is_told_with_its_place(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/c.db"
    SqlCatalog(url).put([PATTERN])
    with sqlite3.connect(tmp_path / "c.db") as connection:
        connection.execute("UPDATE pattern SET data = replace(data, 'cancellation', 'bad luck')")
    with pytest.raises(CatalogError, match=r"c\.db: pattern answer-left-on-connection: failure: 'bad luck' is not"):
        SqlCatalog(url).load()


def test_a_row_that_is_damaged_is_told_with_its_place(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/c.db"
    SqlCatalog(url).put([PATTERN])
    for damage in ("'{'", "NULL || ''", "x'ff'"):
        with sqlite3.connect(tmp_path / "c.db") as connection:
            connection.execute(f"UPDATE pattern SET data = coalesce({damage}, '')")
        with pytest.raises(CatalogError, match=r"c\.db: pattern answer-left-on-connection: its row is damaged"):
            SqlCatalog(url).load()


def test_a_member_that_a_restored_database_lacks_is_written_again(tmp_path: Path) -> None:
    store = SqlCatalog(f"sqlite:///{tmp_path}/c.db")
    store.put([PATTERN], [LESSON])
    with sqlite3.connect(tmp_path / "c.db") as connection:
        connection.execute("DELETE FROM pattern")
    store.put([PATTERN])
    assert store.load() == catalog(PATTERN, LESSON)
