"""What every rule owes its reader."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import reviewer.detectors
from reviewer.detectors.page import rules_page
from reviewer.detectors.registry import all_rules
from reviewer.detectors.rule import Rule

ROOT = Path(__file__).parents[2]
each_rule = pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)


@each_rule
@pytest.mark.parametrize("part", ["title", "what", "why", "how", "source"])
def test_a_rule_documents_itself(rule: Rule, part: str) -> None:
    assert getattr(rule, part), f"{rule.id} has no {part}; write it into the docstring of its module"


@each_rule
def test_a_rule_has_examples_of_both_sorts(rule: Rule) -> None:
    assert rule.bad, f"{rule.id} has no BAD example"
    assert rule.good, f"{rule.id} has no GOOD example"


@each_rule
def test_a_title_fits_on_a_line(rule: Rule) -> None:
    assert len(rule.title) <= 90
    assert not rule.title.endswith(".")


@each_rule
def test_a_source_can_be_followed(rule: Rule) -> None:
    assert re.search(r"https?://|PEP \d+|RFC \d+", rule.source), f"{rule.id} names no page to read"


def test_ids_are_unique_and_kebab_case() -> None:
    ids = [rule.id for rule in all_rules()]
    assert ids == sorted(set(ids))
    assert [one for one in ids if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", one)] == []


def test_every_module_of_the_room_is_a_rule_or_part_of_the_frame() -> None:
    folder = Path(str(reviewer.detectors.__file__)).parent
    without_check = [p.stem for p in folder.glob("*.py") if "\ndef check(" not in p.read_text(encoding="utf-8")]
    assert sorted({p.stem.replace("_", "-") for p in folder.glob("*.py")} - {r.id for r in all_rules()}) == sorted(
        name.replace("_", "-") for name in without_check
    )


def test_the_list_of_rules_is_up_to_date() -> None:
    written = (ROOT / "RULES.md").read_text(encoding="utf-8")
    assert written == rules_page(all_rules()), "run: python -m reviewer.detectors.page > RULES.md"
