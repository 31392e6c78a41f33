"""All rules, found by walking this package: every module that says which question it answers is one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import reviewer.detectors
from reviewer.detectors.rule import Rule, rule_of


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, sorted by id."""
    names = [item.name for item in pkgutil.iter_modules(reviewer.detectors.__path__)]
    modules = [importlib.import_module(f"reviewer.detectors.{name}") for name in names]
    rules = [rule_of(module) for module in modules if hasattr(module, "QUESTION")]
    return tuple(sorted(rules, key=lambda rule: rule.id))
