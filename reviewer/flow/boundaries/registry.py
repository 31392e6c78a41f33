"""All boundary entries, found by walking this package: every module with examples is one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import reviewer.flow.boundaries
from reviewer.flow.boundaries.entry import Entry, entry_of


@cache
def all_entries() -> tuple[Entry, ...]:
    """Every entry, sorted by id."""
    names = [item.name for item in pkgutil.iter_modules(reviewer.flow.boundaries.__path__)]
    modules = [importlib.import_module(f"reviewer.flow.boundaries.{name}") for name in names]
    entries = [entry_of(module) for module in modules if hasattr(module, "EXAMPLES")]
    return tuple(sorted(entries, key=lambda entry: entry.id))
