"""A whole catalog as one JSON document, to be handed on.

    {"schema": "reviewer.catalog/1", "patterns": [...], "lessons": [...]}

The members are the tables of `form.pattern` and `form.lesson`, sorted by id. Outcomes are not part of it: they say what
became of findings in one place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeVar, get_args

from reviewer.catalog.form.lesson import read_lesson, write_lesson
from reviewer.catalog.form.pattern import read_pattern, write_pattern
from reviewer.catalog.form.table import Table
from reviewer.catalog.query.language import detector_schema
from reviewer.domain.catalog import Catalog
from reviewer.domain.finding import Question
from reviewer.domain.lesson import TOPICS, Lesson, Shape
from reviewer.domain.library import CallKind
from reviewer.domain.pattern import FAILURES, Origin, Pattern, State
from reviewer.errors import CatalogError

SCHEMA = "reviewer.catalog/1"
_MOST_BYTES = 256 * 1024 * 1024

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_COUNT = {"type": "integer", "minimum": 0}
_ID = {"type": "string", "pattern": "^[a-z0-9][a-z0-9._-]{0,149}$"}

T = TypeVar("T", Pattern, Lesson)


def export_catalog(catalog: Catalog) -> str:
    """The text of the document; the same catalog is the same text.

    Raises:
        CatalogError: something in it cannot be written down.
    """
    document = {
        "schema": SCHEMA,
        "patterns": [write_pattern(pattern) for pattern in sorted(catalog.patterns, key=lambda pattern: pattern.id)],
        "lessons": [write_lesson(lesson) for lesson in sorted(catalog.lessons, key=lambda lesson: lesson.id)],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def catalog_schema() -> dict[str, object]:
    """The JSON Schema (2020-12) of the document."""
    members = {"patterns": _pattern_schema(), "lessons": _lesson_schema()}
    listed = {name: {"type": "array", "items": schema} for name, schema in members.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Catalog",
        **_object({"schema": {"const": SCHEMA}, **listed}, "schema"),
        "$defs": detector_schema()["$defs"],
    }


def _pattern_schema() -> dict[str, object]:
    detector = {key: value for key, value in detector_schema().items() if key not in ("$schema", "$defs", "title")}
    replay = {
        **dict.fromkeys(("commit", "reason"), _TEXT),
        **dict.fromkeys(("before", "after", "variation", "lines"), _COUNT),
        "background": {"type": "number", "minimum": 0},
        "project": {"type": "number", "minimum": 0},
        "places": _TEXTS,
    }
    fields: dict[str, object] = {
        "id": _ID,
        "failure": {"enum": list(FAILURES)},
        "question": {"enum": [question.value for question in Question]},
        "state": {"enum": [state.value for state in State]},
        "pinned": {"type": "boolean"},
        "origin": {"enum": list(get_args(Origin))},
        "incidents": {"type": "array", "items": _ID},
        "services": {"type": "array", "items": {"enum": list(get_args(CallKind))}},
        **dict.fromkeys(("title", "conditions", "safe_form"), _TEXT),
        **dict.fromkeys(("libraries", "bad", "good"), _TEXTS),
        "assistants": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}},
        "detector": detector,
        "replay": _object(replay),
    }
    return _object(fields, "id", "title", "failure", "question")


def _lesson_schema() -> dict[str, object]:
    quote = _object({"start": _COUNT, "end": _COUNT, "text": _TEXT}, "start", "end", "text")
    quotes = {"type": "array", "items": quote, "minItems": 1}
    statement = _object({"words": _TEXT, "by": _TEXT, "quotes": quotes}, "words", "quotes")
    fields: dict[str, object] = {
        "id": _ID,
        "version": {"type": "integer", "minimum": 1},
        "shape": {"enum": list(get_args(Shape))},
        "date": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        **dict.fromkeys(("title", "digest", "source", "organisation", "assistant"), _TEXT),
        "tags": _TEXTS,
        "fix": _object({"repository": _TEXT, "commit": _TEXT}, "commit"),
        "statements": _object(dict.fromkeys(TOPICS, statement)),
    }
    return _object(fields, "id", "title")


def _object(fields: Mapping[str, object], *required: str) -> dict[str, object]:
    told = {"required": list(required)} if required else {}
    return {"type": "object", "additionalProperties": False, "properties": dict(fields), **told}


def import_catalog(data: bytes, *, file: str) -> Catalog:
    """The catalog that a document holds.

    Args:
        data: the document as it is.
        file: how to name it in an error.

    Raises:
        CatalogError: it is no JSON or no catalog; with the place and the reason.
    """
    if len(data) > _MOST_BYTES:
        raise CatalogError(file, f"is larger than {_MOST_BYTES} bytes; import it in parts")
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CatalogError(file, f"byte {error.start} is not UTF-8; save the file as UTF-8") from error
    except RecursionError as error:
        raise CatalogError(file, "nested too deeply; flatten it") from error
    except ValueError as error:
        raise CatalogError(file, f"no valid JSON: {error}; export it anew") from error
    table = Table(document, file, ("schema", "patterns", "lessons"))
    if table.value("schema") != SCHEMA:
        raise CatalogError(file, f"no catalog: 'schema' must be {SCHEMA!r}; export it anew")
    return Catalog(_members(table, "patterns", read_pattern), _members(table, "lessons", read_lesson))


def _members(table: Table, field: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
    members: dict[str, T] = {}
    for at, item in enumerate(table.list(field)):
        place = f"{table.at(field)}[{at}]"
        member = read(item, place)
        if member.id in members:
            raise CatalogError(place, f"there is another {member.id!r} before it; give it another id, or take one out")
        members[member.id] = member
    return tuple(members[name] for name in sorted(members))
