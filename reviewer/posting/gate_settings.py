"""Reads which verdict stops a deployment where, and who may overrule it, from a TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, cast

from reviewer.errors import SettingsError
from reviewer.posting.gate import EnvironmentRule, FirstDeployment, GatePolicy, Verdict

_VERDICTS = ("warn", "block")
_FIRST = ("review", "allow", "block")
_KEYS = {"environment", "stops", "incomplete-stops", "overruled-by", "first-deployment"}


def read_gate_policy(file: Path) -> GatePolicy:
    """The policy of a file; its rules stand in the order in which they are tried.

    ```toml
    [[gate]]
    environment = "production*"
    stops = ["block", "warn"]
    incomplete-stops = true
    overruled-by = ["key:3f0c9a1b22de"]
    first-deployment = "review"
    ```

    Raises:
        SettingsError: it cannot be read, or says something that means nothing.
    """
    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file}: it cannot be read ({type(error).__name__}); write it as TOML") from error
    tables = read.pop("gate", [])
    if read or not isinstance(tables, list):
        raise SettingsError(f"{file}: write one table [[gate]] for each environment, and nothing else")
    return GatePolicy(tuple(_rule(table, f"{file}: gate {number}") for number, table in enumerate(tables, 1)))


def _rule(table: Any, place: str) -> EnvironmentRule:
    if not isinstance(table, dict) or set(table) - _KEYS:
        raise SettingsError(f"{place}: unknown key; the keys are {', '.join(sorted(_KEYS))}")
    environment, incomplete = table.get("environment", "*"), table.get("incomplete-stops", True)
    if not isinstance(environment, str) or not isinstance(incomplete, bool):
        raise SettingsError(f"{place}: environment must be a string, and incomplete-stops true or false")
    stops = _texts(table.get("stops", ["block"]), f"{place}: stops")
    if not set(stops) <= set(_VERDICTS):
        raise SettingsError(f"{place}: stops takes {', '.join(_VERDICTS)}")
    people = _texts(table.get("overruled-by", []), f"{place}: overruled-by")
    first = table.get("first-deployment", "review")
    if first not in _FIRST:
        raise SettingsError(f"{place}: first-deployment takes {', '.join(_FIRST)}")
    return EnvironmentRule(
        environment,
        frozenset(cast("list[Verdict]", stops)),
        incomplete,
        frozenset(people),
        cast("FirstDeployment", first),
    )


def _texts(value: Any, place: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise SettingsError(f"{place} is a list of texts")
    return value
