"""A whole catalog goes out as one document and comes in again, and what is none does not."""

from __future__ import annotations

import json

import jsonschema
import pytest

from reviewer.catalog.form.exchange import SCHEMA, catalog_schema, export_catalog, import_catalog
from reviewer.domain.catalog import Catalog
from reviewer.errors import CatalogError
from tests.catalog.members import LESSON, PATTERN, a_lesson, a_pattern, catalog

WHOLE = catalog(PATTERN, a_pattern("another", detector=None, replay=None), LESSON, a_lesson("z"))


def test_a_catalog_comes_back_as_it_went() -> None:
    assert import_catalog(export_catalog(WHOLE).encode(), file="x.json") == WHOLE
    assert import_catalog(export_catalog(Catalog()).encode(), file="x.json") == Catalog()


def test_the_same_catalog_is_the_same_text_whatever_its_order() -> None:
    turned = Catalog(WHOLE.patterns[::-1], WHOLE.lessons[::-1])
    assert export_catalog(turned) == export_catalog(WHOLE)


def test_what_goes_out_keeps_to_the_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(catalog_schema())
    jsonschema.validate(json.loads(export_catalog(WHOLE)), catalog_schema(), jsonschema.Draft202012Validator)


@pytest.mark.parametrize("field", ["id", "title", "failure", "question"])
def test_the_schema_wants_what_the_reader_wants(field: str) -> None:
    document = json.loads(export_catalog(WHOLE))
    del document["patterns"][0][field]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, catalog_schema(), jsonschema.Draft202012Validator)
    with pytest.raises(CatalogError):
        import_catalog(json.dumps(document).encode(), file="x.json")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "x.json: no valid JSON"),
        (b"[]", "x.json: list is no table"),
        (b"{}", "x.json: no catalog: 'schema' must be 'reviewer.catalog/1'; export it anew"),
        (b'{"schema": "reviewer.review/1"}', "x.json: no catalog"),
        (b"\xff", "x.json: byte 0 is not UTF-8; save the file as UTF-8"),
        (b"[" * 100_000, "x.json: "),
        (f'{{"schema": "{SCHEMA}", "patterns": {{}}}}'.encode(), "x.json: patterns: dict is no list"),
        (f'{{"schema": "{SCHEMA}", "lessons": [1]}}'.encode(), "x.json: lessons[0]: 1 is no table"),
        (f'{{"schema": "{SCHEMA}", "outcomes": []}}'.encode(), "x.json: unknown field 'outcomes'"),
    ],
)
def test_what_is_no_catalog_is_refused_with_the_place_and_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(CatalogError) as caught:
        import_catalog(data, file="x.json")
    assert reason in str(caught.value)


def test_two_members_with_one_id_are_refused() -> None:
    document = json.loads(export_catalog(WHOLE))
    document["lessons"].append(document["lessons"][0])
    with pytest.raises(CatalogError, match=r"x\.json: lessons\[2\]: there is another 'shop-prices-2026' before it"):
        import_catalog(json.dumps(document).encode(), file="x.json")
