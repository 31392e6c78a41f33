"""The language of queries in short, for a model that is to write one; made of the features, so that it cannot drift."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator

from reviewer.catalog.query.example import EXAMPLES
from reviewer.catalog.query.feature import Feature
from reviewer.catalog.query.registry import all_features
from reviewer.catalog.query.schema import GROUPS, MAX_DEPTH, MAX_TESTS

_EXAMPLES = 4
"""Worked examples that are told."""

_INTRODUCTION = """\
A query is a JSON object: tests that one place of a function must pass, all of them. A place is a fact that the parser
saw: a call, a use of a value, an assignment, a condition, a loop, a clause, the function as a whole.
- `"feature": "value"` asks for a value, `"feature": ["one", "other"]` for one of several, `"feature": true` for any, or
  that it holds. In a value `*` stands for any characters.
- A relation leads to other facts of the same function, one of which must pass a query of its own: `"relation": {…}`."""
_BOUNDS = f"""\
- At most {MAX_DEPTH} queries inside each other and {MAX_TESTS} tests. A key stands once in an object.
- Names of libraries are canonical, whatever the file imports them as; what it defines itself begins with a dot."""


def primer() -> str:
    """The language: how a query is written, worked examples, every feature with its closed values, every relation."""
    features = all_features()
    told: dict[tuple[str, ...], str] = {}
    parts = [
        _INTRODUCTION,
        *(f'- `"{name}"`: {about} A query or a list of them.' for name, about in GROUPS.items()),
        _BOUNDS,
        "Examples:",
        *_examples(),
        "Features:",
        *(_line(one, told) for one in features if not one.relation),
        "Relations:",
        *(_line(one, told) for one in features if one.relation),
    ]
    return "\n".join(parts)


def _line(feature: Feature, told: dict[tuple[str, ...], str]) -> str:
    """A feature with its values; a list that stands already is referred to."""
    if feature.flag:
        return f"- {feature.name}: {feature.about} Only `true`."
    if not feature.values:
        return f"- {feature.name}: {feature.about}"
    first = told.setdefault(feature.values, feature.name)
    values = f"Values as of {first}." if first != feature.name else f"One of {', '.join(feature.values)}."
    return f"- {feature.name}: {feature.about} {values}"


def _examples() -> Iterator[str]:
    queries = [one for one in EXAMPLES if "query" in (table := tomllib.loads(one.toml)["detector"]) and len(table) == 1]
    for example in queries[:_EXAMPLES]:
        yield f"- {example.title}: `{json.dumps(tomllib.loads(example.toml)['detector']['query'])}`"
