"""All features, found by walking the package that holds them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

import reviewer.catalog.query.features
from reviewer.catalog.query.feature import Feature


@cache
def all_features() -> tuple[Feature, ...]:
    """Every feature, those of one theme together, relations last."""
    names = [item.name for item in pkgutil.iter_modules(reviewer.catalog.query.features.__path__)]
    modules = [importlib.import_module(f"reviewer.catalog.query.features.{name}") for name in names]
    features = [feature for module in modules for feature in module.FEATURES]
    return tuple(sorted(features, key=lambda feature: feature.relation))


@cache
def _by_name() -> Mapping[str, Feature]:
    return {feature.name: feature for feature in all_features()}


def feature(name: str) -> Feature:
    """The feature of a name.

    Raises:
        KeyError: there is none; `language.read_detector` lets no such name pass.
    """
    return _by_name()[name]


def is_feature(name: str) -> bool:
    """Whether there is a feature of this name."""
    return name in _by_name()
