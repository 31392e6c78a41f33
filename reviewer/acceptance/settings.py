"""Reads `[tool.reviewer]` out of the text of a pyproject.toml, strictly.

    [tool.reviewer]
    fail-on = "high"                    "high" | "medium" | "low" | "never"
    include = ["src/"]                  path patterns as in .gitignore; empty means everything
    exclude = ["*_pb2.py"]
    rules-off = ["no-timeout"]          rules that are not asked
    rules-pinned = ["no-timeout"]       rules that stay as loud as they are, however often they were called wrong
    baseline = ".reviewer/baseline.json"

    [tool.reviewer.severity]            rule id = "high" | "medium" | "low"
    [tool.reviewer.limits]              file-bytes, unit-seconds, unit-lines, findings-shown

    [tool.reviewer.hook]
    seconds = 5                         what a push waits for at most
    seconds-with-model = 20             the same where a model is asked
    model = false                       whether the hook asks the model of [tool.reviewer.model]

    [tool.reviewer.model]
    name = "anthropic:claude-sonnet-5"  asked where --model names nobody and the provider's key is in the environment
    fallbacks = []                      asked in turn where that one gives no answer
    scope = "risky"                     "findings" | "risky" | "all"
    second-look = true                  what it points at is looked at once more
    summary = true                      it sums the findings up, at the head of the report
    tokens = 200000                     most of one review, questions and answers together
    usd = 0.50                          most of one review; needs the prices of the models
    seconds = 120

    [tool.reviewer.model.prices]        USD for a million tokens; a model without a price costs null in the report
    "anthropic:claude-sonnet-5" = { input = 3.0, output = 15.0, cached = 0.3, written = 3.75 }

Whose pyproject.toml it is, the caller decides (`wiring.load_settings`): that of the base, since the head is what is
reviewed and must not silence its own review.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, cast, get_args

from reviewer.domain.finding import Severity
from reviewer.domain.model import Price
from reviewer.domain.settings import FailOn, HookSettings, Limits, ModelSettings, Scope, Settings
from reviewer.errors import SettingsError

_KEYS = (
    "fail-on",
    "include",
    "exclude",
    "rules-off",
    "rules-pinned",
    "baseline",
    "severity",
    "limits",
    "hook",
    "model",
)
_MODEL_KEYS = ("name", "fallbacks", "scope", "second-look", "summary", "tokens", "usd", "seconds", "prices")
_PRICE_KEYS = ("input", "output", "cached", "written")
_MODEL = re.compile(r"(anthropic|openai):\S+")
_FAIL_ON: tuple[FailOn, ...] = get_args(FailOn)
_SCOPES: tuple[Scope, ...] = get_args(Scope)
_LONGEST_SECONDS = 3600
_SHOWN = 60


def read_settings(data: bytes, *, file: str, rules: Collection[str]) -> Settings:
    """Settings from the bytes of a pyproject.toml; the defaults where it has no `[tool.reviewer]`.

    Args:
        data: the file as it is.
        file: how to name it in an error, for example "pyproject.toml at 1a2b3c4".
        rules: all rule ids there are.

    Raises:
        SettingsError: the file is no TOML, or a key, type or value is not allowed; names file, key and what is.
    """
    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
    except RecursionError as error:
        raise SettingsError(f"{file}: nested too deeply; flatten it") from error
    except ValueError as error:
        raise SettingsError(f"{file}: no valid TOML: {error}; correct it there") from error
    tool = document.get("tool", {})
    table = tool.get("reviewer") if isinstance(tool, dict) else None
    if table is None:
        return Settings(source=file)
    return _Reader(file, frozenset(rules)).settings(table)


class _Reader:
    """Checks one `[tool.reviewer]`, so that each error can name its file."""

    def __init__(self, file: str, rules: frozenset[str]) -> None:
        self._file = file
        self._rules = rules

    def settings(self, value: object) -> Settings:
        table = self._table("", value, _KEYS)
        default = Settings()
        return Settings(
            rules_off=frozenset(self._rule("rules-off", item) for item in self._texts("rules-off", table)),
            rules_pinned=frozenset(self._rule("rules-pinned", item) for item in self._texts("rules-pinned", table)),
            severities=self._severities(table.get("severity", {})),
            include=self._texts("include", table),
            exclude=self._texts("exclude", table),
            fail_on=self._fail_on(table.get("fail-on", default.fail_on)),
            limits=self._limits(table.get("limits", {})),
            model=self._model(table.get("model", {})),
            hook=self._hook(table.get("hook", {})),
            baseline=self._inside("baseline", table["baseline"]) if "baseline" in table else default.baseline,
            source=self._file,
        )

    def _fail_on(self, value: object) -> FailOn:
        for allowed in _FAIL_ON:
            if value == allowed:
                return allowed
        raise self._error("fail-on", f"{_shown(value)} is not allowed", _FAIL_ON)

    def _severities(self, value: object) -> Mapping[str, Severity]:
        if not isinstance(value, dict):
            raise self._error("severity", f"{_shown(value)} is no table of rule = severity")
        levels = [level.value for level in Severity]
        result: dict[str, Severity] = {}
        for rule, level in value.items():
            self._rule("severity", rule)
            if level not in levels:
                raise self._error(f"severity.{rule}", f"{_shown(level)} is not allowed", levels)
            result[rule] = Severity(level)
        return MappingProxyType(result)

    def _limits(self, value: object) -> Limits:
        table = self._table("limits", value, ["file-bytes", "unit-seconds", "unit-lines", "findings-shown"])
        default = Limits()
        return Limits(
            file_bytes=self._whole("limits.file-bytes", table, default.file_bytes),
            unit_seconds=self._seconds("limits.unit-seconds", table, default.unit_seconds),
            unit_lines=self._whole("limits.unit-lines", table, default.unit_lines),
            findings_shown=self._whole("limits.findings-shown", table, default.findings_shown),
        )

    def _hook(self, value: object) -> HookSettings:
        table = self._table("hook", value, ["seconds", "seconds-with-model", "model"])
        default = HookSettings()
        return HookSettings(
            seconds=self._seconds("hook.seconds", table, default.seconds),
            seconds_with_model=self._seconds("hook.seconds-with-model", table, default.seconds_with_model),
            model=self._flag("hook.model", table, default=default.model),
        )

    def _model(self, value: object) -> ModelSettings:
        table = self._table("model", value, _MODEL_KEYS)
        default = ModelSettings()
        scope = next((allowed for allowed in _SCOPES if allowed == table.get("scope", default.scope)), None)
        if scope is None:
            raise self._error("model.scope", f"{_shown(table['scope'])} is not allowed", _SCOPES)
        prices = table.get("prices", {})
        if not isinstance(prices, dict):
            raise self._error("model.prices", f"{_shown(prices)} is no table of model = price")
        return ModelSettings(
            name=self._named("model.name", table["name"]) if "name" in table else None,
            fallbacks=tuple(self._named("model.fallbacks", name) for name in self._texts("fallbacks", table)),
            scope=scope,
            second_look=self._flag("model.second-look", table, default=default.second_look),
            summary=self._flag("model.summary", table, default=default.summary),
            tokens=self._whole("model.tokens", table, default.tokens),
            usd=self._amount("model.usd", table["usd"]) if "usd" in table else None,
            seconds=self._seconds("model.seconds", table, default.seconds),
            prices=MappingProxyType({self._named("model.prices", k): self._price(k, v) for k, v in prices.items()}),
        )

    def _flag(self, place: str, table: Mapping[str, Any], *, default: bool) -> bool:
        value = table.get(place.rpartition(".")[2], default)
        if not isinstance(value, bool):
            raise self._error(place, f"{_shown(value)} is not allowed", ["true", "false"])
        return value

    def _price(self, model: str, value: object) -> Price:
        key = f"model.prices.{model}"
        table = self._table(key, value, _PRICE_KEYS)
        amounts = {name: self._amount(f"{key}.{name}", amount) for name, amount in table.items()}
        if not {"input", "output"} <= set(amounts):
            raise self._error(key, "input and output are needed, in USD for a million tokens")
        return Price(**amounts)

    def _named(self, key: str, value: object) -> str:
        # A folder in settings would be written to by whoever reviews the change that names it.
        if not isinstance(value, str) or not _MODEL.fullmatch(value):
            raise self._error(key, f"{_shown(value)} is no model", ["anthropic:NAME", "openai:NAME"])
        return value

    def _amount(self, key: str, value: object) -> float:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
        if not fits:
            raise self._error(key, f"{_shown(value)} is no amount of money")
        return float(cast("float", value))

    def _whole(self, place: str, table: Mapping[str, Any], default: int) -> int:
        value = table.get(place.rpartition(".")[2], default)
        # A bool is an int to Python, and never meant here.
        if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
            raise self._error(place, f"{_shown(value)} is no whole number above 0")
        return value

    def _seconds(self, place: str, table: Mapping[str, Any], default: float) -> float:
        value = table.get(place.rpartition(".")[2], default)
        # `not > 0` refuses nan too.
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < _LONGEST_SECONDS:
            raise self._error(place, f"{_shown(value)} is no number of seconds between 0 and {_LONGEST_SECONDS}")
        return float(value)

    def _table(self, key: str, value: object, allowed: Collection[str]) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._error(key, f"{_shown(value)} is no table")
        for name in value:
            if name not in allowed:
                raise self._error(f"{key}.{name}" if key else name, "unknown key", allowed)
        return value

    def _texts(self, key: str, table: Mapping[str, Any]) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._error(key, f"{_shown(value)} is no list of strings")
        return tuple(value)

    def _rule(self, key: str, rule: str) -> str:
        if rule not in self._rules:
            raise self._error(
                key,
                f"unknown rule {_shown(rule)}",
                difflib.get_close_matches(rule, sorted(self._rules)),
                "; all of them: reviewer rules",
            )
        return rule

    def _inside(self, key: str, value: object) -> str:
        if not isinstance(value, str) or not value or value.startswith(("/", "\\")) or ".." in value.split("/"):
            raise self._error(key, f"{_shown(value)} is no path inside the repository")
        return value

    def _error(self, key: str, what: str, allowed: Collection[str] = (), where: str = "") -> SettingsError:
        place = ".".join(part for part in ("tool.reviewer", key) if part)
        advice = f"; allowed: {', '.join(allowed)}" if allowed else ""
        return SettingsError(f"{self._file}: {place}: {what}{advice}{where}")


def _shown(value: object) -> str:
    """A value as an error may quote it: short and on one line."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
