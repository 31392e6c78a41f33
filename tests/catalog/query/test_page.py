"""The documentation of the language: its examples do what they say, and the page is up to date."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

from reviewer.catalog.query.example import EXAMPLES, WorkedExample
from reviewer.catalog.query.language import detector_schema, read_detector
from reviewer.catalog.query.page import detectors_page
from reviewer.catalog.query.running import run
from tests.catalog.query.asking import findings, marked, read

ROOT = Path(__file__).parents[3]
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)


def lines(example: WorkedExample, source: str) -> list[int]:
    detector = read_detector(tomllib.loads(example.toml)["detector"], "DETECTORS.md")
    file, views = read(source)
    return [match.line for match in run({"it": detector}, file, views, findings(views)).get("it", [])]


@each_example
def test_an_example_matches_on_exactly_its_marked_lines(example: WorkedExample) -> None:
    assert marked(example.bad)
    assert lines(example, example.bad) == marked(example.bad)


@each_example
def test_an_example_is_silent_where_the_code_is_right(example: WorkedExample) -> None:
    assert lines(example, example.good) == []


@each_example
def test_an_example_stands_in_the_schema(example: WorkedExample) -> None:
    jsonschema.validate(tomllib.loads(example.toml)["detector"], detector_schema())


def test_the_page_is_up_to_date() -> None:
    written = (ROOT / "DETECTORS.md").read_text(encoding="utf-8")
    assert written == detectors_page(), "run: python -m reviewer.catalog.query.page > DETECTORS.md"


def test_the_schema_on_the_page_is_valid_and_takes_the_examples() -> None:
    [text] = re.findall(r"```json\n(.*?)```", detectors_page(), re.DOTALL)
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    for example in EXAMPLES:
        jsonschema.validate(tomllib.loads(example.toml)["detector"], schema)
