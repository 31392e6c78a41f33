"""Full text by dialect: FTS5 of SQLite, tsvector of PostgreSQL. What is indexed are terms, not words of a language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reviewer.catalog.lookup.listing import FIELDS, WEIGHTS
from reviewer.stores.finder import Database

_COLUMNS = ", ".join(FIELDS)
_GRADES = {"title": "A", "tags": "B", "conditions": "C", "statements": "C", "quotes": "D"}
"""PostgreSQL has four weights."""
_MOST_POSITION = 16383


class Fts5:
    """SQLite's FTS5. The terms come stemmed, so that its tokenizer only has to leave them alone."""

    tables: Sequence[str] = (
        f"CREATE VIRTUAL TABLE IF NOT EXISTS entry_words USING fts5({_COLUMNS}, content='entry_text',"
        " content_rowid='number', tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\")",
        "CREATE VIRTUAL TABLE IF NOT EXISTS entry_vocabulary USING fts5vocab('entry_words', 'row')",
        "CREATE TABLE IF NOT EXISTS entry_text (number INTEGER PRIMARY KEY, "
        + ", ".join(f"{field} TEXT NOT NULL" for field in FIELDS)
        + ")",
    )

    def write(self, database: Database, rows: Sequence[tuple[int, tuple[str, ...]]]) -> None:
        """Take in the fields of new entries, by number."""
        marks = ", ".join("?" * (len(FIELDS) + 1))
        flat = [(number, *fields) for number, fields in rows]
        for table, key in (("entry_text", "number"), ("entry_words", "rowid")):
            database.run_many(f"INSERT INTO {table} ({key}, {_COLUMNS}) VALUES ({marks})", flat)  # noqa: S608

    def forget(self, database: Database, numbers: Sequence[int]) -> None:
        """Forget entries."""
        for number in numbers:
            # An index over another table has to be told what it indexed, while that is still there.
            database.run(
                f"INSERT INTO entry_words (entry_words, rowid, {_COLUMNS})"  # noqa: S608
                f" SELECT 'delete', number, {_COLUMNS} FROM entry_text WHERE number = ?",
                (number,),
            )
            database.run("DELETE FROM entry_text WHERE number = ?", (number,))

    def frequencies(self, database: Database, terms: Sequence[str]) -> list[tuple[str, int]]:
        """In how many entries each of some terms occurs."""
        marks = ", ".join("?" * len(terms))
        return [
            (term, count)
            for term, count in database.run(
                f"SELECT term, doc FROM entry_vocabulary WHERE term IN ({marks})",  # noqa: S608
                terms,
            )
        ]

    def nominate(
        self, database: Database, terms: Sequence[str], only: str, values: Sequence[object], limit: int
    ) -> list[int]:
        """Numbers of the entries that hold most of some terms."""
        query = " OR ".join(f'"{term}"' for term in terms)
        weights = ", ".join(str(WEIGHTS[field]) for field in FIELDS)
        sql = (
            f"SELECT rowid FROM entry_words WHERE entry_words MATCH ?{only.format(number='entry_words.rowid')}"  # noqa: S608
            f" ORDER BY bm25(entry_words, {weights}), rowid LIMIT ?"
        )
        return [number for (number,) in database.run(sql, (query, *values, limit))]


class Tsvector:
    """PostgreSQL's tsvector, with a GIN index, which does not know how frequent a term is: a table beside it does."""

    tables: Sequence[str] = (
        "CREATE TABLE IF NOT EXISTS entry_text (number INTEGER PRIMARY KEY, "
        + ", ".join(f"{field} TEXT NOT NULL" for field in FIELDS)
        + ", words tsvector NOT NULL)",
        "CREATE INDEX IF NOT EXISTS entry_text_words ON entry_text USING gin (words) WITH (fastupdate = off)",
        "CREATE TABLE IF NOT EXISTS term_count (term TEXT PRIMARY KEY, entries INTEGER NOT NULL)",
    )

    def write(self, database: Database, rows: Sequence[tuple[int, tuple[str, ...]]]) -> None:
        """Take in the fields of new entries, by number."""
        marks = ", ".join("?" * (len(FIELDS) + 1))
        flat = [(number, *fields, _vector(fields)) for number, fields in rows]
        database.run_many(
            f"INSERT INTO entry_text (number, {_COLUMNS}, words) VALUES ({marks}, CAST(? AS tsvector))",  # noqa: S608
            flat,
        )
        self._count(database, [fields for _, fields in rows], 1)

    def forget(self, database: Database, numbers: Sequence[int]) -> None:
        """Forget entries."""
        sql = f"DELETE FROM entry_text WHERE number = ? RETURNING {_COLUMNS}"  # noqa: S608 (names of this module)
        self._count(database, [row for number in numbers for row in database.run(sql, (number,))], -1)

    def _count(self, database: Database, entries: Sequence[tuple[str, ...]], sign: int) -> None:
        """Add the terms of some entries to the counts, or take them off; writers take turns, so no two meet here."""
        counts = Counter(term for fields in entries for term in {*" ".join(fields).split()})
        database.run_many(
            "INSERT INTO term_count (term, entries) VALUES (?, ?)"
            " ON CONFLICT (term) DO UPDATE SET entries = term_count.entries + EXCLUDED.entries",
            [(term, sign * count) for term, count in sorted(counts.items())],
        )

    def frequencies(self, database: Database, terms: Sequence[str]) -> list[tuple[str, int]]:
        """In how many entries each of some terms occurs."""
        sql = "SELECT term, entries FROM term_count WHERE term = ANY(?)"
        return [(term, count) for term, count in database.run(sql, (list(terms),))]

    def nominate(
        self, database: Database, terms: Sequence[str], only: str, values: Sequence[object], limit: int
    ) -> list[int]:
        """Numbers of the entries that hold most of some terms."""
        query = " | ".join(_quoted(term) for term in terms)
        sql = (
            "SELECT number FROM entry_text, CAST(? AS tsquery) AS query"  # noqa: S608
            f" WHERE words @@ query{only.format(number='entry_text.number')}"
            " ORDER BY ts_rank('{0.1, 0.4, 0.8, 1.0}', words, query, 1) DESC, number LIMIT ?"
        )
        return [number for (number,) in database.run(sql, (query, *values, limit))]


def _vector(fields: Sequence[str]) -> str:
    """The text of a tsvector: each term with its places, and their weights."""
    places: dict[str, list[str]] = {}
    at = 0
    for field, terms in zip(FIELDS, fields, strict=True):
        for term in terms.split():
            at = min(at + 1, _MOST_POSITION)
            places.setdefault(term, []).append(f"{at}{_GRADES[field]}")
    return " ".join(f"{_quoted(term)}:{','.join(dict.fromkeys(where[:200]))}" for term, where in places.items())


def _quoted(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"
