"""All rules, found by walking this package."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import reviewer.detectors
from reviewer.detectors.rule import Rule, rule_of

_FRAME = frozenset({"surviving", "registry", "rule", "wording", "judging", "provenance"})
"""Modules of this package that hold no rule."""


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, sorted by id."""
    names = [item.name for item in pkgutil.iter_modules(reviewer.detectors.__path__) if item.name not in _FRAME]
    rules = [rule_of(importlib.import_module(f"reviewer.detectors.{name}")) for name in names]
    return tuple(sorted(rules, key=lambda rule: rule.id))
