"""A shared catalog in a database: SQLite for one machine, PostgreSQL for a team.

Writers take their turn by one lock that is held for the statements of one `put` alone and has a limit. A member is kept
as the JSON of its readable form, with the columns beside it that a person asks a database for.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reviewer.catalog.form.lesson import read_lesson, write_lesson
from reviewer.catalog.form.outcome import FIELDS, moment_of, read_outcome, write_outcome
from reviewer.catalog.form.pattern import read_pattern, write_pattern
from reviewer.domain.catalog import Catalog, Outcome
from reviewer.domain.distribution import install_extra
from reviewer.domain.lesson import Lesson
from reviewer.domain.pattern import Pattern
from reviewer.errors import CatalogChangedError, CatalogError, CatalogUnavailableError
from reviewer.stores.finder import VERSION, Finder, FullText
from reviewer.stores.full_text import Fts5, Tsvector
from reviewer.stores.relisting import relist
from reviewer.stores.sqlite import prepare

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from reviewer.ports import CatalogIndex

SCHEMA = 1
"""Version of the tables; a store of a later one is not touched."""
_PATIENCE = 30
"""Seconds to wait for another writer."""
_LOCK = 5_014_233_127_105
"""The key of the writers' lock in PostgreSQL; any number that nobody else uses."""


class SqlCatalog:
    """A catalog in a database.

    Args:
        url: "sqlite:///FILE" or "postgresql+psycopg://USER:PASSWORD@HOST/NAME".

    Raises:
        CatalogError: the URL means nothing, its driver is not installed, the database cannot be reached, or it was made
            by a later version.
    """

    def __init__(self, url: str) -> None:
        self._engine, self.place = _open(url)
        self._text: FullText = Tsvector() if self._engine.dialect.name == "postgresql" else Fts5()
        self._known: dict[tuple[str, str], int] = {}
        with self._told():
            self._make_tables()

    def load(self) -> Catalog:
        """Everything.

        Raises:
            CatalogError: something in it cannot be understood, or the database cannot be reached.
        """
        with self._told(), self._engine.connect() as connection:
            patterns = _run(connection, "SELECT id, revision, data FROM pattern ORDER BY id")
            lessons = _run(connection, "SELECT id, revision, data FROM lesson ORDER BY id")
        self._known = {
            **{("pattern", name): revision for name, revision, _ in patterns},
            **{("lesson", name): revision for name, revision, _ in lessons},
        }
        return Catalog(
            tuple(_pattern(data, f"{self.place}: pattern {name}") for name, _, data in patterns),
            tuple(_lesson(data, f"{self.place}: lesson {name}") for name, _, data in lessons),
        )

    def state(self) -> str:
        """Names all that it holds: nothing is ever taken out, and each write of a member raises its revision.

        Raises:
            CatalogError: the database cannot be reached.
        """
        with self._told(), self._engine.connect() as connection:
            counts = [
                _run(connection, f"SELECT COUNT(*), COALESCE(SUM(revision), 0) FROM {table}")[0]  # noqa: S608 (own name)
                for table in ("pattern", "lesson")
            ]
        return f"{self.place} {counts}"

    def index(self) -> CatalogIndex:
        """What finds its members."""
        return Finder(_Separate(self), self._text)

    def put(self, patterns: Sequence[Pattern] = (), lessons: Sequence[Lesson] = ()) -> None:
        """Keep patterns and lessons, in the place of those with the same id; all of them or none.

        Raises:
            CatalogError: it cannot be written, or another process changed one of them since it was loaded here.
        """
        rows = [("pattern", one.id, _pattern_row(one)) for one in patterns]
        rows += [("lesson", one.id, _lesson_row(one)) for one in lessons]
        if not rows:
            return
        revisions: dict[tuple[str, str], int] = {}
        with self._told(), self._writing() as connection:
            for table, name, row in rows:
                revisions[table, name] = self._upsert(connection, table, name, row)
            finder = Finder(_Bound(connection), self._text)
            relist(finder, _Stored(connection), [one.id for one in patterns], [one.id for one in lessons])
        self._known.update(revisions)

    def _upsert(self, connection: Connection, table: str, name: str, row: Mapping[str, object]) -> int:
        """Write one row; its revision afterwards."""
        found = _run(connection, f"SELECT revision, data FROM {table} WHERE id = ?", (name,))  # noqa: S608 (own name)
        revision = int(found[0][0]) if found else 0
        known = self._known.get((table, name), revision)
        if found and known != revision and found[0][1] != row["data"]:
            raise CatalogChangedError(
                f"{self.place}: {table} {name}", "was changed by somebody else in the meantime; load it again"
            )
        columns = [*row, "revision"]
        values = [*row.values(), revision + 1]
        if found:
            sets = ", ".join(f"{column} = ?" for column in columns)
            _run(connection, f"UPDATE {table} SET {sets} WHERE id = ?", (*values, name))  # noqa: S608
        else:
            marks = ", ".join("?" * (len(columns) + 1))
            sql = f"INSERT INTO {table} (id, {', '.join(columns)}) VALUES ({marks})"  # noqa: S608
            _run(connection, sql, (name, *values))
        return revision + 1

    def add_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """Keep what became of findings. The same outcome twice is one."""
        rows = [tuple(write_outcome(one).get(field, "") for field in FIELDS) for one in dict.fromkeys(outcomes)]
        if not rows:
            return
        marks = ", ".join("?" * len(_OUTCOME))
        sql = f"INSERT INTO outcome ({', '.join(_OUTCOME)}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
        with self._told(), self._writing() as connection:
            _Bound(connection).run_many(sql, rows)

    def outcomes(self) -> Sequence[Outcome]:
        """All outcomes, the oldest first."""
        sql = f"SELECT {', '.join(_OUTCOME)} FROM outcome ORDER BY finding, verdict, said_by"  # noqa: S608 (own names)
        with self._told(), self._engine.connect() as connection:
            rows = _run(connection, sql)
        found = [read_outcome(dict(zip(FIELDS, row, strict=True)), self.place) for row in rows]
        return tuple(sorted(found, key=moment_of))

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for the index."""
        with self._told(), self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction that no other writer is in."""
        with self._engine.connect().execution_options(reviewer_writes=True) as connection, connection.begin():
            if self._engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_PATIENCE}s'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield connection

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Failures of the database as an error that a person can read."""
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 (heavy)

        try:
            yield
        except SQLAlchemyError as error:
            # The message of the driver alone: the statement and its values are nobody's business in a terminal.
            reason = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
            raise CatalogUnavailableError(
                self.place, f"the database failed: {reason}; check that it is up and has room, then repeat"
            ) from error

    def _make_tables(self) -> None:
        with self._engine.connect() as connection:
            if _version(connection, self._engine) == (SCHEMA, VERSION):
                return
        with self._writing() as connection:
            schema, listed = _version(connection, self._engine)
            if schema > SCHEMA:
                raise CatalogError(self.place, "was made by a later version of the reviewer; update this one")
            for statement in _TABLES:
                _run(connection, statement)
            finder = Finder(_Bound(connection), self._text)
            if listed < VERSION:
                for table in _INDEX:
                    _run(connection, f"DROP TABLE IF EXISTS {table}")
                finder.make_tables()
                stored = _Stored(connection)
                relist(finder, stored, stored.ids("pattern"), stored.ids("lesson"))
            _run(connection, "DELETE FROM catalog_version")
            newest = max(listed, VERSION)
            _run(connection, 'INSERT INTO catalog_version ("schema", listing) VALUES (?, ?)', (SCHEMA, newest))


_TABLES = (
    'CREATE TABLE IF NOT EXISTS catalog_version ("schema" INTEGER NOT NULL, listing INTEGER NOT NULL)',
    "CREATE TABLE IF NOT EXISTS pattern (id TEXT PRIMARY KEY, revision INTEGER NOT NULL, title TEXT NOT NULL,"
    " failure TEXT NOT NULL, state TEXT NOT NULL, data TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS lesson (id TEXT PRIMARY KEY, revision INTEGER NOT NULL, title TEXT NOT NULL,"
    " organisation TEXT NOT NULL, day TEXT NOT NULL, source TEXT NOT NULL, data TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS outcome (finding TEXT NOT NULL, rule TEXT NOT NULL, pattern TEXT NOT NULL,"
    " repository TEXT NOT NULL, verdict TEXT NOT NULL, at TEXT NOT NULL, said_by TEXT NOT NULL,"
    " PRIMARY KEY (finding, rule, pattern, repository, verdict, at, said_by))",
)
_OUTCOME = (*FIELDS[:-1], "said_by")
_INDEX = (
    "entry_vocabulary",
    "entry_words",
    "entry_text",
    "entry",
    "label",
    "incident",
    "runnable",
    "trigger_word",
    "meaning",
    "term_count",
)


class _Bound:
    """A connection in a transaction, as the finder wants it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def run(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement, and give its rows."""
        return _run(self._connection, sql, values)

    def run_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run one statement for each of some rows."""
        if rows:
            self._connection.exec_driver_sql(_marked(self._connection, sql), [tuple(row) for row in rows])


class _Separate:
    """A connection for each statement, for look-ups, which may come any time after one another."""

    def __init__(self, store: SqlCatalog) -> None:
        self._store = store

    def run(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement, and give its rows."""
        with self._store.reading() as connection:
            return _run(connection, sql, values)

    def run_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run one statement for each of some rows."""
        with self._store.reading() as connection:
            _Bound(connection).run_many(sql, rows)


class _Stored:
    """The members of a catalog in a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ids(self, table: str) -> list[str]:
        return [name for (name,) in _run(self._connection, f"SELECT id FROM {table} ORDER BY id")]  # noqa: S608

    def patterns(self, ids: Collection[str]) -> list[Pattern]:
        return [_pattern(data, f"pattern {name}") for name, data in self._data("pattern", ids)]

    def lessons(self, ids: Collection[str]) -> list[Lesson]:
        return [_lesson(data, f"lesson {name}") for name, data in self._data("lesson", ids)]

    def _data(self, table: str, ids: Collection[str]) -> Iterator[tuple[str, str]]:
        for name in sorted(ids):
            for (data,) in _run(self._connection, f"SELECT data FROM {table} WHERE id = ?", (name,)):  # noqa: S608
                yield name, data


def _pattern(data: str, place: str) -> Pattern:
    return read_pattern(_parsed(data, place), place)


def _lesson(data: str, place: str) -> Lesson:
    return read_lesson(_parsed(data, place), place)


def _parsed(data: str, place: str) -> object:
    try:
        return json.loads(data)
    except (ValueError, TypeError, RecursionError) as error:
        raise CatalogError(place, "its row is damaged; learn it again, or restore the database") from error


def _pattern_row(pattern: Pattern) -> dict[str, object]:
    data = json.dumps(write_pattern(pattern), ensure_ascii=False)
    return {"title": pattern.title, "failure": pattern.failure, "state": pattern.state.value, "data": data}


def _lesson_row(lesson: Lesson) -> dict[str, object]:
    data = json.dumps(write_lesson(lesson), ensure_ascii=False)
    told = {"title": lesson.title, "organisation": lesson.organisation, "day": lesson.date, "source": lesson.source}
    return {**told, "data": data}


def _version(connection: Connection, engine: Engine) -> tuple[int, int]:
    """Versions of the tables and of the index; 0 where there are none."""
    from sqlalchemy import inspect  # noqa: PLC0415 (heavy)

    if not inspect(connection).has_table("catalog_version"):
        return 0, 0
    rows = _run(connection, 'SELECT "schema", listing FROM catalog_version')
    return (int(rows[0][0]), int(rows[0][1])) if rows else (0, 0)


def _marked(connection: Connection, sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s") if connection.dialect.name == "postgresql" else sql


def _run(connection: Connection, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    result = connection.exec_driver_sql(_marked(connection, sql), tuple(values))
    return [tuple(row) for row in result] if result.returns_rows else []


def _open(url: str) -> tuple[Engine, str]:
    """An engine for a URL, and how to name it without its password."""
    try:
        from sqlalchemy import create_engine, make_url  # noqa: PLC0415 (heavy, and optional)
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError  # noqa: PLC0415
    except ImportError as error:
        raise CatalogError("store", f"its libraries are not installed ({error.name}); {_advice()}") from error
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise CatalogError("store", "the URL cannot be understood; write sqlite:///FILE") from error
    place = parsed.render_as_string(hide_password=True)
    if parsed.drivername not in ("sqlite", "postgresql+psycopg", "postgresql"):
        raise CatalogError(place, "no such store; write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME")
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    try:
        if parsed.get_backend_name() == "sqlite":
            engine = create_engine(parsed, connect_args={"timeout": _PATIENCE})
            prepare(engine, _PATIENCE)
        else:
            engine = create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except (ImportError, NoSuchModuleError) as error:
        raise CatalogError(place, f"its driver is not installed; {_advice()}") from error
    return engine, place


def _advice() -> str:
    return f"install them with: {install_extra('service')}"
