"""The JSON Schema of a detector: for the documentation, and for a model that is to write one."""

from __future__ import annotations

from reviewer.catalog.query.feature import Feature
from reviewer.catalog.query.registry import all_features

MAX_DEPTH = 6
"""Queries inside each other."""
MAX_TESTS = 60
"""Tests in one query, those inside it included."""
MAX_VALUES = 60
"""Values of one test, queries of one `not`, `any` or `all`."""
MAX_LENGTH = 300
"""Characters of one value."""

GROUPS = {
    "not": "None of these holds.",
    "any": "At least one of these holds.",
    "all": "All of these hold; needed where one feature is asked for twice.",
}
"""What a query holds beside features."""


def detector_schema() -> dict[str, object]:
    """The JSON Schema (2020-12) of what `read_detector` reads; the bounds on nesting and number are told in words."""
    query: dict[str, object] = {"$ref": "#/$defs/query"}
    several = {"oneOf": [query, {"type": "array", "items": query, "minItems": 1, "maxItems": MAX_VALUES}]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Detector",
        "description": "One of: a query; one of the reviewer's own rules, narrowed by a query over the facts on the"
        " finding's line; a shape, which is an ast-grep rule for what is no fact.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "query": query,
            "rule": {"type": "string", "description": "Id of a rule, as `reviewer rules` lists them."},
            "shape": {"type": "object", "description": "An ast-grep rule object for Python, without utils."},
        },
        "oneOf": [
            {"required": ["query"], "not": {"anyOf": [{"required": ["rule"]}, {"required": ["shape"]}]}},
            {"required": ["rule"], "not": {"required": ["shape"]}},
            {"required": ["shape"]},
        ],
        "$defs": {
            "values": _some({"type": "string", "minLength": 1, "maxLength": MAX_LENGTH}),
            "others": {"oneOf": [query, {"const": True}]},
            "query": {
                "description": "Tests that one place of a unit must pass, all of them. At most"
                f" {MAX_DEPTH} queries inside each other and {MAX_TESTS} tests.",
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    **{name: {"description": about, **several} for name, about in GROUPS.items()},
                    **{feature.name: _of_feature(feature) for feature in all_features()},
                },
            },
        },
    }


def _of_feature(feature: Feature) -> dict[str, object]:
    if feature.flag:
        return {"description": feature.about, "const": True}
    if not feature.values:
        kind = "others" if feature.relation else "values"
        return {"description": feature.about, "$ref": f"#/$defs/{kind}"}
    return {"description": feature.about, **_some({"enum": list(feature.values)})}


def _some(value: dict[str, object]) -> dict[str, object]:
    """One value, one of several, or any."""
    several = {"type": "array", "items": value, "minItems": 1, "maxItems": MAX_VALUES}
    return {"oneOf": [value, several, {"const": True}]}
