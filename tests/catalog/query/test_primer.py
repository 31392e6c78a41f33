"""The language in short: whole, bounded, and without anything that a model would not be sent."""

from __future__ import annotations

import json
import re

import pytest

from reviewer.catalog.query.feature import Feature
from reviewer.catalog.query.language import read_detector
from reviewer.catalog.query.primer import primer
from reviewer.catalog.query.registry import all_features
from reviewer.explain.secrets.redaction import redact


@pytest.mark.parametrize("feature", all_features(), ids=lambda feature: feature.name)
def test_every_feature_is_told_with_all_its_values(feature: Feature) -> None:
    (line,) = [line for line in primer().split("\n") if line.startswith(f"- {feature.name}: ")]
    assert feature.about in line
    if feature.values and not feature.flag and "Values as of" not in line:
        assert all(value in line for value in feature.values)


def test_it_takes_a_bounded_part_of_a_question() -> None:
    assert len(primer()) < 18_000


def test_its_examples_are_queries() -> None:
    examples = re.findall(r"^- [^`\n]+: `(\{.*\})`$", primer(), re.MULTILINE)
    assert len(examples) == 4
    for example in examples:
        read_detector({"query": json.loads(example)}, "primer")


def test_nothing_of_it_is_taken_for_a_secret() -> None:
    assert redact(primer()).text == primer()
