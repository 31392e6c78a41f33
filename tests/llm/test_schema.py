"""The forms in which a schema is told to a provider."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reviewer.llm.schema import in_words, strict
from tests.llm.asking import SCHEMA


def test_every_object_is_closed_and_every_property_required_wherever_it_stands() -> None:
    inner: dict[str, Any] = {"type": "object", "properties": {"default": {"type": "string", "default": "x"}}}
    closed = {
        "type": "object",
        "properties": {"default": {"type": "string"}},
        "required": ["default"],
        "additionalProperties": False,
    }
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {"properties": inner},
        "type": "array",
        "items": {"anyOf": [inner, {"$ref": "#/$defs/properties"}, {"type": "null"}]},
    }
    assert strict(schema) == {
        "$defs": {"properties": closed},
        "type": "array",
        "items": {"anyOf": [closed, {"$ref": "#/$defs/properties"}, {"type": "null"}]},
    }


def test_an_object_without_properties_is_closed_too() -> None:
    assert strict({"type": "object"}) == {
        "type": "object",
        "properties": {},
        "required": [],
        "additionalProperties": False,
    }


names = st.sampled_from(["a", "type", "properties", "items"])
schemas = st.recursive(
    st.sampled_from([{"type": "string"}, {"type": "integer", "minimum": 1}, {"enum": ["x"]}]),
    lambda inner: (
        st.fixed_dictionaries({"type": st.just("array"), "items": inner})
        | st.fixed_dictionaries({"type": st.just("object"), "properties": st.dictionaries(names, inner, max_size=3)})
    ),
    max_leaves=8,
)


@given(schemas)
def test_what_is_strict_stays_as_it_is(schema: dict[str, Any]) -> None:
    assert strict(strict(schema)) == strict(schema)


def test_the_words_hold_the_whole_schema() -> None:
    words = in_words(SCHEMA)
    assert json.loads(words.partition("```json\n")[2].partition("\n```")[0]) == SCHEMA
