"""A catalog of many files, compiled into one SQLite file, so that a review need not parse them all again.

It is kept up to date by the files' names, sizes, times and inodes, and may be used by several processes at once.
Everything in it can be made again: a damaged file is made anew with one complaint, and where none can be kept (no home,
a full disk, a lock that is not let go) the same tables are made in memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from reviewer.domain.catalog import Catalog
from reviewer.domain.lesson import Lesson
from reviewer.domain.pattern import Pattern
from reviewer.domain.record import RecordError, read_record, write_record
from reviewer.stores.finder import Finder
from reviewer.stores.full_text import Fts5
from reviewer.stores.relisting import relist
from reviewer.stores.sqlite import use_write_ahead_log

_PATIENCE = 20.0
"""Seconds to wait for another process that compiles the same."""
_FILES_KEPT = 6
"""Compiled files that are left where they are, of other catalogs and other versions of the reviewer."""
_MEMBERS = (
    "CREATE TABLE IF NOT EXISTS member (file TEXT PRIMARY KEY, signature TEXT NOT NULL, sort TEXT NOT NULL,"
    " id TEXT NOT NULL, record BLOB NOT NULL)",
    "CREATE UNIQUE INDEX IF NOT EXISTS member_id ON member (sort, id)",
    "CREATE TABLE IF NOT EXISTS state (digest TEXT NOT NULL)",
)

Member = Pattern | Lesson
Signature = str
"""Changes whenever a file does."""

T = TypeVar("T", Pattern, Lesson)


class SqliteDatabase:
    """A connection of the standard library as the finder wants it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement, and give its rows."""
        return self._connection.execute(sql, tuple(values)).fetchall()

    def run_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run one statement for each of some rows."""
        self._connection.executemany(sql, rows)


class Compiled:
    """The compiled form of one catalog. Not for several threads at once.

    Args:
        file: where it is kept; None for memory alone.
        start: where a compiled catalog may be that is much the same; the file is begun as its copy.

    Attributes:
        complaint: what a person should know of its state; None where all is well.
        has_read: the last refresh had to parse something.
    """

    def __init__(self, file: Path | None, start: Path | None = None) -> None:
        self._file = file
        self._start = start
        self._connection: sqlite3.Connection | None = None
        self._source: tuple[str, Callable[[], Mapping[str, Signature]], Callable[[str], Member]] = ("", dict, _nothing)
        self.complaint: str | None = None
        self.has_read = False

    def refresh(self, files: Mapping[str, Signature], read: Callable[[str], Member]) -> None:
        """Bring it up to date.

        Args:
            files: every file of the catalog -> its signature.
            read: parses one of them.

        Raises:
            CatalogError: out of `read`; what was compiled before stays.
        """
        self.refresh_as(_digest(files), lambda: files, read)

    def refresh_as(
        self, name: str, files: Callable[[], Mapping[str, Signature]], read: Callable[[str], Member]
    ) -> None:
        """Bring it up to date with files that have a name in this state, without listing them where it is already.

        Args:
            name: changes whenever one of the files does.
            files: lists them, as `refresh` takes them.
            read: parses one of them.

        Raises:
            CatalogError: out of `files` or `read`; what was compiled before stays.
        """
        self._source = (name, files, read)
        self.has_read = False
        try:
            self._refresh()
        except (sqlite3.Error, RecordError, OSError) as error:
            self.mend(error)

    def mend(self, error: Exception) -> None:
        """Compile everything anew, beside the file where that cannot be used."""
        self._start_anew(error)
        self._refresh()

    def connect(self) -> sqlite3.Connection:
        """The connection, opened at need."""
        return self._connect()

    def _refresh(self) -> None:
        name, list_files, read = self._source
        connection = self._connect()
        if connection.execute("SELECT digest FROM state WHERE digest = ?", (name,)).fetchone():
            return
        files = list_files()
        with _writing(connection):
            seen = self._seen(connection)  # another process may have compiled it meanwhile
            stale = [name for name in files if seen.get(name) != files[name]]
            gone = [name for name in seen if name not in files]
            self.has_read = bool(stale)
            members = {name: read(name) for name in stale}
            _replace(connection, members, files, gone)
            connection.execute("DELETE FROM state")
            connection.execute("INSERT INTO state VALUES (?)", (name,))

    def catalog(self) -> Catalog:
        """Everything, as of the last refresh."""
        try:
            return self._catalog()
        except (sqlite3.Error, RecordError) as error:
            self.mend(error)
            return self._catalog()

    def _catalog(self) -> Catalog:
        rows = self._connect().execute("SELECT sort, record FROM member ORDER BY sort, id").fetchall()
        patterns = tuple(read_record(Pattern, record) for sort, record in rows if sort == "pattern")
        return Catalog(patterns, tuple(read_record(Lesson, record) for sort, record in rows if sort == "lesson"))

    def finder(self) -> Finder:
        """What finds members, as of the last refresh."""
        return Finder(_Mended(self), Fts5())

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _seen(self, connection: sqlite3.Connection) -> dict[str, Signature]:
        return dict(connection.execute("SELECT file, signature FROM member"))

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            if self._file is not None:
                self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                if not self._file.exists():
                    _forget_others(self._file)
                    if self._start is not None:
                        _copy(self._start, self._file)
            connection = sqlite3.connect(self._file or ":memory:", timeout=_PATIENCE, isolation_level=None)
            self._connection = connection
            use_write_ahead_log(connection, _PATIENCE)
            # What a loss of power takes is compiled again.
            connection.execute("PRAGMA synchronous = OFF")
            with _writing(connection) if not _has_tables(connection) else contextlib.nullcontext():
                for statement in _MEMBERS:
                    connection.execute(statement)
                Finder(SqliteDatabase(connection), Fts5()).make_tables()
        return self._connection

    def _start_anew(self, error: Exception) -> None:
        """Make the file anew where it is damaged; do without it where it cannot be used."""
        damaged = isinstance(error, RecordError) or (
            isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
        )
        self.close()
        if self._file is not None and damaged and self.complaint is None:
            self.complaint = f"{self._file} was damaged and is made anew from the catalog"
            with contextlib.suppress(OSError):
                _delete(self._file)
        else:
            self._file = None


class _Mended:
    """The connection of a compiled catalog, for look-ups: one that meets damage has it made good, and goes on."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled

    def run(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement, and give its rows."""
        try:
            return SqliteDatabase(self._compiled.connect()).run(sql, values)
        except sqlite3.Error as error:
            self._compiled.mend(error)
            return SqliteDatabase(self._compiled.connect()).run(sql, values)

    def run_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run one statement for each of some rows."""
        for row in rows:
            self.run(sql, row)


class _Stored:
    """The members of a compiled catalog."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def patterns(self, ids: Collection[str]) -> list[Pattern]:
        return [read_record(Pattern, record) for record in self._records("pattern", ids)]

    def lessons(self, ids: Collection[str]) -> list[Lesson]:
        return [read_record(Lesson, record) for record in self._records("lesson", ids)]

    def _records(self, sort: str, ids: Collection[str]) -> Iterator[bytes]:
        for name in sorted(ids):
            sql = "SELECT record FROM member WHERE sort = ? AND id = ?"
            for (record,) in self._connection.execute(sql, (sort, name)):
                yield record


def _replace(
    connection: sqlite3.Connection, members: Mapping[str, Member], files: Mapping[str, Signature], gone: Collection[str]
) -> None:
    """Put members in the place of those of the same files, and list anew what that touches."""
    names = {*members, *gone}
    before = {
        (sort, name) for file, sort, name in connection.execute("SELECT file, sort, id FROM member") if file in names
    }
    connection.executemany("DELETE FROM member WHERE file = ?", [(name,) for name in names])
    rows = [(file, files[file], _sort(one), one.id, write_record(one)) for file, one in members.items()]
    connection.executemany("INSERT INTO member VALUES (?, ?, ?, ?, ?)", rows)
    touched = before | {(_sort(one), one.id) for one in members.values()}
    relist(
        Finder(SqliteDatabase(connection), Fts5()),
        _Stored(connection),
        [name for sort, name in sorted(touched) if sort == "pattern"],
        [name for sort, name in sorted(touched) if sort == "lesson"],
    )


def _digest(files: Mapping[str, Signature]) -> str:
    """Changes whenever one of the files does."""
    return hashlib.sha256("\n".join(f"{file!a} {files[file]}" for file in sorted(files)).encode()).hexdigest()


def _nothing(file: str) -> Member:
    raise KeyError(file)


def _sort(member: Member) -> str:
    return "pattern" if isinstance(member, Pattern) else "lesson"


def _has_tables(connection: sqlite3.Connection) -> bool:
    sql = "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('state', 'entry_words', 'meaning', 'incident')"
    return bool(connection.execute(sql).fetchone()[0] == 4)


@contextlib.contextmanager
def _writing(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _copy(start: Path, file: Path) -> None:
    """Begin a file as the copy of another one; where that fails it is begun empty."""
    draft = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    with contextlib.suppress(sqlite3.Error, OSError):
        draft.unlink(missing_ok=True)
        # Read only: one that was deleted meanwhile is not to be made anew.
        place = f"{start.absolute().as_uri()}?mode=ro"
        with (
            contextlib.closing(sqlite3.connect(place, uri=True)) as source,
            contextlib.closing(sqlite3.connect(draft)) as copy,
        ):
            source.backup(copy)
        os.link(draft, file)  # not over one that another process has made meanwhile
    with contextlib.suppress(OSError):
        draft.unlink(missing_ok=True)


def _delete(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
        path.with_name(name).unlink(missing_ok=True)


def _forget_others(path: Path) -> None:
    """Delete the compiled files that have not been used for the longest time."""
    used: list[tuple[float, Path]] = []
    for entry in os.scandir(path.parent):
        if entry.name.startswith("catalog-") and entry.name.endswith(".sqlite"):
            with contextlib.suppress(FileNotFoundError):  # another process forgets it too
                used.append((entry.stat().st_mtime, Path(entry.path)))
    for _, other in sorted(used)[: -_FILES_KEPT or None]:
        _delete(other)
