"""Lessons as tables.

id = "shop-prices-2026"
version = 1
title = "Prices of another shop were shown"
digest = "…"                       SHA-256 of the document's text
shape = "markdown"
source = "https://…"               these and the following may be left out
organisation = "Shop"
date = "2026-01-31"
tags = ["redis", "connection-pool"]
assistant = "claude"

[fix]
repository = "https://…"
commit = "…"

[statements.cause]                 one for each topic that is known
words = "…"
by = "anthropic:…"                 the model whose words they are; left out where they are the document's own
[[statements.cause.quotes]]
start = 120
end = 180
text = "…"
"""

from __future__ import annotations

from types import MappingProxyType
from typing import get_args

from reviewer.catalog.form.table import Table, check_id, check_text
from reviewer.domain.lesson import TOPICS, FixReference, Lesson, Quote, Shape, Statement, Topic
from reviewer.errors import CatalogError

FIELDS = (
    "id",
    "version",
    "title",
    "digest",
    "shape",
    "source",
    "organisation",
    "date",
    "tags",
    "assistant",
    "fix",
    "statements",
)
_SHAPES: tuple[Shape, ...] = get_args(Shape)


def read_lesson(data: object, place: str) -> Lesson:
    """A lesson from a parsed table.

    Args:
        data: what stands there; anything at all.
        place: what to call it in an error: the file.

    Raises:
        CatalogError: it is no lesson; with the place, the field and the reason.
    """
    table = Table(data, place, FIELDS)
    statements = table.table("statements", TOPICS) if table.has("statements") else None
    topics = [topic for topic in TOPICS if statements is not None and statements.has(topic)]
    return Lesson(
        id=table.name("id"),
        version=table.whole("version", 1, least=1),
        title=table.text("title"),
        digest=table.text("digest", ""),
        shape=table.choice("shape", _SHAPES, "text"),
        source=table.text("source", ""),
        organisation=table.text("organisation", ""),
        date=table.day("date"),
        statements=MappingProxyType({topic: _statement(statements, topic) for topic in topics if statements}),
        tags=table.texts("tags"),
        fix=_fix(table) if table.has("fix") else None,
        assistant=table.text("assistant", ""),
    )


def _statement(statements: Table, topic: Topic) -> Statement:
    table = statements.table(topic, ("words", "by", "quotes"))
    quotes = tuple(_quote(item, f"{table.at('quotes')}[{at}]") for at, item in enumerate(table.list("quotes")))
    if not quotes:
        raise CatalogError(table.at("quotes"), "is empty; quote the passage that says it, or leave the topic out")
    return Statement(table.text("words"), quotes, table.text("by") if table.has("by") else None)


def _quote(data: object, place: str) -> Quote:
    table = Table(data, place, ("start", "end", "text"))
    return Quote(table.whole("start"), table.whole("end"), table.text("text"))


def _fix(table: Table) -> FixReference:
    fix = table.table("fix", ("repository", "commit"))
    return FixReference(fix.text("repository", ""), fix.text("commit"))


def write_lesson(lesson: Lesson) -> dict[str, object]:
    """A lesson as the table that `read_lesson` reads, keys in the order of `FIELDS`; what is unknown is left out.

    Raises:
        CatalogError: it holds what cannot be kept: no id, a zero byte.
    """
    place = f"lesson {lesson.id!a}"
    check_id(lesson.id, place)
    table: dict[str, object] = {
        "id": lesson.id,
        "version": lesson.version,
        "title": lesson.title,
        "digest": lesson.digest,
        "shape": lesson.shape,
        "source": lesson.source,
        "organisation": lesson.organisation,
        "date": lesson.date,
        "tags": list(lesson.tags),
        "assistant": lesson.assistant,
    }
    if lesson.fix is not None:
        table["fix"] = {"repository": lesson.fix.repository, "commit": lesson.fix.commit}
    if lesson.statements:
        table["statements"] = {
            topic: _write_statement(lesson.statements[topic]) for topic in TOPICS if topic in lesson.statements
        }
    return without_empty(table, place)


def _write_statement(statement: Statement) -> dict[str, object]:
    by = {} if statement.by is None else {"by": statement.by}
    quotes = [{"start": quote.start, "end": quote.end, "text": quote.text} for quote in statement.quotes]
    return {"words": statement.words, **by, "quotes": quotes}


def without_empty(table: dict[str, object], place: str) -> dict[str, object]:
    """A table without the fields that hold nothing, once every text in it is checked."""
    _check(table, place)
    return {key: value for key, value in table.items() if value not in ("", [], {})}


def _check(value: object, place: str) -> None:
    if isinstance(value, str):
        check_text(value, place)
    elif isinstance(value, dict):
        for key, part in value.items():
            _check(part, f"{place}: {key}")
    elif isinstance(value, list):
        for part in value:
            _check(part, place)
