"""The index of a catalog in tables beside it, the same for every database; only full text differs by dialect."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from reviewer.catalog.lookup.listing import FIELDS
from reviewer.catalog.query.trigger import triggers_of
from reviewer.domain.catalog import Entry, IncidentReference, Listing, Wish
from reviewer.domain.pattern import Pattern, State
from reviewer.domain.record import read_record, write_record
from reviewer.knowledge.lookup import Knowledge

VERSION = 3
"""Of the tables and of what is written into them; others are made anew."""
_AT_ONCE = 400
"""Values in one statement; SQLite takes 999 in its oldest builds."""
_MOST_READ = 3000
"""Occurrences of the rarest terms that are looked at to nominate entries; what is everywhere tells nothing."""
_NO_WORD = ""
"""Stands for the word of a detector that always has to be run."""
_SORTS = ("libraries", "services", "failures", "assistants")


class Database(Protocol):
    """A connection in a transaction. Parameters are written `?`."""

    def run(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement, and give its rows."""

    def run_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run one statement for each of some rows."""


class FullText(Protocol):
    """Full text in one dialect of SQL. A term is a word that nothing is to be done to."""

    @property
    def tables(self) -> Sequence[str]:
        """Statements that make the index tables, if they are not there."""

    def write(self, database: Database, rows: Sequence[tuple[int, tuple[str, ...]]]) -> None:
        """Take in the fields of new entries, by number."""

    def forget(self, database: Database, numbers: Sequence[int]) -> None:
        """Forget entries."""

    def frequencies(self, database: Database, terms: Sequence[str]) -> list[tuple[str, int]]:
        """In how many entries each of some terms occurs."""

    def nominate(
        self, database: Database, terms: Sequence[str], only: str, values: Sequence[object], limit: int
    ) -> list[int]:
        """Numbers of the entries that hold most of some terms.

        Args:
            database: the connection.
            terms: any of them, each of which occurs somewhere; never empty.
            only: SQL of a condition that follows others, in which "{number}" stands for the number of an entry.
            values: its parameters.
            limit: most numbers.
        """


TABLES = (
    "CREATE TABLE IF NOT EXISTS entry (number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, title TEXT NOT NULL,"
    " incidents TEXT NOT NULL, passage TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS label (sort TEXT NOT NULL, value TEXT NOT NULL, number INTEGER NOT NULL,"
    " PRIMARY KEY (number, sort, value))",
    "CREATE TABLE IF NOT EXISTS incident (pattern TEXT NOT NULL, lesson TEXT NOT NULL, place INTEGER NOT NULL,"
    " PRIMARY KEY (pattern, place))",
    "CREATE INDEX IF NOT EXISTS incident_lesson ON incident (lesson)",
    "CREATE TABLE IF NOT EXISTS runnable (id TEXT PRIMARY KEY, parts INTEGER NOT NULL, pattern TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS trigger_word (word TEXT NOT NULL, id TEXT NOT NULL, part INTEGER NOT NULL,"
    " PRIMARY KEY (word, id, part))",
    "CREATE INDEX IF NOT EXISTS trigger_word_id ON trigger_word (id)",
    "CREATE TABLE IF NOT EXISTS meaning (number INTEGER NOT NULL, model TEXT NOT NULL, vector TEXT NOT NULL,"
    " PRIMARY KEY (model, number))",
)
"""Tables of every dialect; a vector is written as hexadecimal digits, which every one of them takes."""


class Finder:
    """A `CatalogIndex` on one connection.

    Args:
        database: the connection.
        text: full text in its dialect.
    """

    def __init__(self, database: Database, text: FullText) -> None:
        self._database = database
        self._text = text
        self._asked: Mapping[str, int] = {}
        self._known: dict[str, Pattern] = {}

    def make_tables(self) -> None:
        """Make the tables that are not there."""
        for statement in (*TABLES, *self._text.tables):
            self._database.run(statement)

    def write(self, listings: Sequence[Listing], patterns: Sequence[Pattern], knowledge: Knowledge) -> None:
        """Take in entries, in the place of those with the same ids, and what of the patterns can be run."""
        self.forget([listing.entry.id for listing in listings])
        self._forget_runnable([pattern.id for pattern in patterns])
        last = self._database.run("SELECT COALESCE(MAX(number), 0) FROM entry")[0][0]
        numbered = list(enumerate(listings, start=last + 1))
        self._database.run_many(
            "INSERT INTO entry (number, id, title, incidents, passage) VALUES (?, ?, ?, ?, ?)",
            [
                (number, entry.entry.id, entry.entry.title, _incidents(entry.entry), entry.passage)
                for number, entry in numbered
            ],
        )
        self._text.write(self._database, [(number, listing.entry.fields) for number, listing in numbered])
        labels = [
            (sort, value.lower(), number) for number, one in numbered for sort, value in dict.fromkeys(one.labels)
        ]
        self._database.run_many("INSERT INTO label (sort, value, number) VALUES (?, ?, ?)", list(dict.fromkeys(labels)))
        self._write_runnable(patterns, knowledge)

    def _write_runnable(self, patterns: Sequence[Pattern], knowledge: Knowledge) -> None:
        rows: list[tuple[str, int, str]] = []
        words: list[tuple[str, str, int]] = []
        for pattern in patterns:
            if pattern.detector is None or pattern.state not in (State.ACTIVE, State.SHADOW):
                continue
            groups = triggers_of(pattern.detector, knowledge) or (frozenset({_NO_WORD}),)
            rows.append((pattern.id, len(groups), write_record(pattern).decode()))
            words.extend((word, pattern.id, part) for part, group in enumerate(groups) for word in sorted(group))
        self._database.run_many("INSERT INTO runnable (id, parts, pattern) VALUES (?, ?, ?)", rows)
        self._database.run_many("INSERT INTO trigger_word (word, id, part) VALUES (?, ?, ?)", words)

    def forget(self, ids: Collection[str]) -> None:
        """Forget entries, and what of them can be run."""
        numbers = [row[0] for row in self._in("SELECT number FROM entry WHERE id IN ({})", ids)]
        for table in ("label", "meaning", "entry"):
            self._in(f"DELETE FROM {table} WHERE number IN ({{}})", numbers)  # noqa: S608 (names of this module)
        if numbers:
            self._text.forget(self._database, numbers)
        self._forget_runnable(ids)

    def _forget_runnable(self, ids: Collection[str]) -> None:
        self._in("DELETE FROM runnable WHERE id IN ({})", ids)
        self._in("DELETE FROM trigger_word WHERE id IN ({})", ids)

    def link(self, patterns: Sequence[Pattern], gone: Collection[str]) -> frozenset[str]:
        """Note which incidents some patterns come from now.

        Args:
            patterns: the patterns as they are now.
            gone: ids of patterns that are not there any more.

        Returns:
            The lessons that one of them has or had.
        """
        ids = [*(pattern.id for pattern in patterns), *gone]
        touched = {row[0] for row in self._in("SELECT lesson FROM incident WHERE pattern IN ({})", ids)}
        self._in("DELETE FROM incident WHERE pattern IN ({})", ids)
        rows = [(one.id, lesson, at) for one in patterns for at, lesson in enumerate(dict.fromkeys(one.incidents))]
        self._database.run_many("INSERT INTO incident (pattern, lesson, place) VALUES (?, ?, ?)", rows)
        return frozenset(touched | {lesson for _, lesson, _ in rows})

    def patterns_of(self, lessons: Collection[str]) -> Mapping[str, frozenset[str]]:
        """Lesson -> the patterns that come from it, of some lessons; those with none are left out."""
        found: dict[str, set[str]] = {}
        for lesson, pattern in self._in("SELECT lesson, pattern FROM incident WHERE lesson IN ({})", lessons):
            found.setdefault(lesson, set()).add(pattern)
        return {lesson: frozenset(patterns) for lesson, patterns in found.items()}

    def size(self) -> int:
        """How many entries there are."""
        return int(self._database.run("SELECT COUNT(*) FROM entry")[0][0])

    def frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        """In how many entries each of some terms occurs; those that occur nowhere are left out."""
        wanted = sorted(terms)
        self._asked = {
            term: count
            for start in range(0, len(wanted), _AT_ONCE)
            for term, count in self._text.frequencies(self._database, wanted[start : start + _AT_ONCE])
            if count
        }
        return self._asked

    def nominate(self, terms: Sequence[str], wish: Wish, limit: int) -> Sequence[Entry]:
        """Entries that hold some of the terms and are wished for, those that hold most first."""
        if not terms:
            return ()
        # Who nominates has just asked how frequent these terms are.
        frequencies = self._asked if self._asked.keys() & set(terms) else self.frequencies(terms)
        telling = telling_terms(terms, frequencies)
        if not telling:
            return ()
        only, values = _wished(wish)
        numbers = self._text.nominate(self._database, telling, only, values, limit)
        found = dict(self._read("e.number IN ({})", numbers))
        return [found[number] for number in numbers if number in found]

    def entries(self, ids: Collection[str], wish: Wish) -> Sequence[Entry]:
        """Those of some entries that are there and are wished for, sorted by id."""
        only, values = _wished(wish)
        found = [entry for _, entry in self._read(f"e.id IN ({{}}){only.format(number='e.number')}", list(ids), values)]
        return sorted(found, key=lambda entry: entry.id)

    def runnable(self, words: Collection[str]) -> Sequence[Pattern]:
        """Active and shadow patterns whose detectors may match a text of these words, sorted by id."""
        met: dict[str, set[int]] = {}
        for name, part in self._in("SELECT id, part FROM trigger_word WHERE word IN ({})", {*words, _NO_WORD}):
            met.setdefault(name, set()).add(part)
        rows = self._in("SELECT id, parts, pattern FROM runnable WHERE id IN ({})", met)
        wanted = sorted((name, text) for name, parts, text in rows if len(met[name]) == parts)
        return [self._pattern(text) for _, text in wanted]

    def _pattern(self, text: str) -> Pattern:
        """A pattern from its record; the files of one review have many of them in common."""
        if text not in self._known:
            self._known[text] = read_record(Pattern, text.encode())
        return self._known[text]

    def words_only(self, ids: Collection[str]) -> Sequence[tuple[str, str]]:
        """Ids and passages of those of some entries for which no detector can be run, sorted by id; none retired."""
        sql = (
            "SELECT id, passage FROM entry WHERE id IN ({}) AND id NOT IN (SELECT id FROM runnable) AND number NOT IN"
            " (SELECT number FROM label WHERE sort = 'states' AND value = 'retired')"
        )
        return sorted((name, text) for name, text in self._in(sql, ids))

    def passages(self, model: str, limit: int) -> Sequence[tuple[str, str]]:
        """Ids and passages of entries whose meaning a model has not been asked for yet."""
        sql = (
            "SELECT id, passage FROM entry WHERE number NOT IN (SELECT number FROM meaning WHERE model = ?)"
            " ORDER BY number LIMIT ?"
        )
        return [(name, text) for name, text in self._database.run(sql, (model, limit))]

    def keep_vectors(self, model: str, vectors: Mapping[str, bytes]) -> None:
        """Remember what a model made of the passages of some entries."""
        numbers = dict(self._in("SELECT id, number FROM entry WHERE id IN ({})", vectors))
        rows = [(numbers[name], model, vector.hex()) for name, vector in vectors.items() if name in numbers]
        self._database.run_many(
            "INSERT INTO meaning (number, model, vector) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", rows
        )

    def vectors(self, model: str, wish: Wish) -> Sequence[tuple[str, bytes]]:
        """What a model made of the entries that are wished for, by id."""
        only, values = _wished(wish)
        sql = (
            "SELECT e.id, m.vector FROM meaning m JOIN entry e ON e.number = m.number"  # noqa: S608 (names of this module)
            f" WHERE m.model = ?{only.format(number='e.number')} ORDER BY e.id"
        )
        return [(name, bytes.fromhex(vector)) for name, vector in self._database.run(sql, (model, *values))]

    def _read(self, where: str, keys: Collection[object], values: Sequence[object] = ()) -> Iterator[tuple[int, Entry]]:
        columns = ", ".join(f"t.{field}" for field in FIELDS)
        sql = (
            f"SELECT e.number, e.id, e.title, e.incidents, {columns} FROM entry e"  # noqa: S608 (names of this module)
            f" JOIN entry_text t ON t.number = e.number WHERE {where}"
        )
        for number, name, title, incidents, *fields in self._in(sql, keys, values):
            told = tuple(IncidentReference(*one) for one in json.loads(incidents))
            yield number, Entry(name, title, told, tuple(fields))

    def _in(self, sql: str, keys: Iterable[object], values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a statement with `IN ({})` for some keys, a part of them at a time."""
        wanted = list(keys)
        rows: list[tuple[Any, ...]] = []
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            rows.extend(self._database.run(sql.format(", ".join("?" * len(part))), (*part, *values)))
        return rows


def telling_terms(terms: Sequence[str], frequencies: Mapping[str, int]) -> list[str]:
    """The rarest of some terms: all, as long as they do not occur too often together."""
    known = sorted((term for term in terms if frequencies.get(term)), key=lambda term: frequencies[term])
    wanted: list[str] = []
    read = 0
    for term in known[:_AT_ONCE]:
        read += frequencies[term]
        if wanted and read > _MOST_READ:
            break
        wanted.append(term)
    return wanted


def _incidents(entry: Entry) -> str:
    return json.dumps(
        [[one.title, one.date, one.source, one.organisation] for one in entry.incidents], ensure_ascii=False
    )


def _wished(wish: Wish) -> tuple[str, list[object]]:
    """SQL that holds for the entries that are wished for, as `FullText.nominate` takes it, and its parameters."""
    conditions: list[str] = []
    values: list[object] = []
    of_entry = " AND EXISTS (SELECT 1 FROM label WHERE label.number = {number} AND sort = ? AND value"
    for sort in _SORTS:
        wanted = [value.lower() for value in getattr(wish, sort)]
        if wanted:
            conditions.append(f"{of_entry} IN ({', '.join('?' * len(wanted))}))")
            values.extend((sort, *wanted))
    if wish.since or wish.until:
        conditions.append(f"{of_entry} BETWEEN ? AND ?)")
        values.extend(("date", wish.since, wish.until or "9999"))
    return "".join(conditions), values
