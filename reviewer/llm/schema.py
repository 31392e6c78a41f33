"""The schema of an answer, as each provider wants to be told of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_BY_NAME = frozenset({"properties", "$defs", "definitions", "patternProperties"})
_LISTS = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_INNER = frozenset({"items", "not"})
_DROPPED = frozenset({"default", "$schema", "$id"})


def strict(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema as OpenAI's strict mode takes it: objects are closed and each property is required.

    It asks for no less than the schema does: what meets the result meets the schema.
    """
    result: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _DROPPED:
            continue
        if key in _BY_NAME and isinstance(value, Mapping):
            result[key] = {name: strict(inner) for name, inner in value.items()}
        elif key in _LISTS and isinstance(value, list | tuple):
            result[key] = [strict(inner) for inner in value]
        elif key in _INNER and isinstance(value, Mapping):
            result[key] = strict(value)
        else:
            result[key] = value
    if result.get("type") == "object" or "properties" in result:
        result.setdefault("properties", {})
        result["required"] = list(result["properties"])
        result["additionalProperties"] = False
    return result


def in_words(schema: Mapping[str, Any]) -> str:
    """The schema as a part of the question, for whoever cannot be bound to it otherwise."""
    return (
        "Answer with one JSON value that meets this JSON Schema, and with nothing before or after it:\n\n"
        f"```json\n{json.dumps(schema, indent=2, ensure_ascii=False)}\n```"
    )
