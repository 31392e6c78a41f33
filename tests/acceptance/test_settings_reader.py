"""Settings are read strictly, and every error says in one line which file, which key and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.acceptance.settings import read_settings
from reviewer.domain.finding import Severity
from reviewer.domain.model import Price
from reviewer.domain.settings import Limits, ModelSettings, Settings
from reviewer.errors import SettingsError

RULES = frozenset({"no-timeout", "bare-except"})


def read(text: str) -> Settings:
    return read_settings(text.encode(), file="pyproject.toml", rules=RULES)


def error(text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n", "tool = 3\n", "[tool.reviewer]\n"])
def test_nothing_set_means_the_defaults(text: str) -> None:
    assert read(text) == Settings(source="pyproject.toml")


def test_every_key_is_read() -> None:
    text = """
[tool.reviewer]
fail-on = "medium"
include = ["src/"]
exclude = ["*_pb2.py"]
rules-off = ["bare-except"]
baseline = "known.json"
[tool.reviewer.severity]
no-timeout = "low"
[tool.reviewer.limits]
file-bytes = 1000
unit-seconds = 1
unit-lines = 30
findings-shown = 5
[tool.reviewer.model]
name = "anthropic:one"
fallbacks = ["openai:two"]
scope = "all"
second-look = false
summary = false
tokens = 1000
usd = 0.5
seconds = 9
[tool.reviewer.model.prices]
"anthropic:one" = { input = 3, output = 15.0, cached = 0.3 }
"""
    assert read(text) == Settings(
        rules_off=frozenset({"bare-except"}),
        severities={"no-timeout": Severity.LOW},
        include=("src/",),
        exclude=("*_pb2.py",),
        fail_on="medium",
        limits=Limits(1000, 1.0, 30, 5),
        model=ModelSettings(
            name="anthropic:one",
            fallbacks=("openai:two",),
            scope="all",
            second_look=False,
            summary=False,
            tokens=1000,
            usd=0.5,
            seconds=9.0,
            prices={"anthropic:one": Price(3.0, 15.0, 0.3)},
        ),
        baseline="known.json",
        source="pyproject.toml",
    )


@pytest.mark.parametrize(
    ("table", "parts"),
    [
        ("fail_on = 'high'", ["tool.reviewer.fail_on: unknown key", "fail-on"]),
        ("fail-on = 'hihg'", ["tool.reviewer.fail-on: 'hihg' is not allowed", "high, medium, low, never"]),
        ("fail-on = 1", ["tool.reviewer.fail-on: 1 is not allowed"]),
        ("rules-off = ['no-timeuot']", ["tool.reviewer.rules-off: unknown rule 'no-timeuot'", "allowed: no-timeout"]),
        ("rules-off = 'no-timeout'", ["tool.reviewer.rules-off", "no list of strings"]),
        ("include = [1]", ["tool.reviewer.include", "no list of strings"]),
        ("severity = 'high'", ["tool.reviewer.severity", "no table"]),
        ("severity = {no-timeout = 'never'}", ["tool.reviewer.severity.no-timeout", "high, medium, low"]),
        ("severity = {no-timeout = ['high']}", ["tool.reviewer.severity.no-timeout", "high, medium, low"]),
        ("severity = {other = 'high'}", ["tool.reviewer.severity: unknown rule 'other'"]),
        ("limits = {file-bytes = true}", ["tool.reviewer.limits.file-bytes: True is no whole number above 0"]),
        ("limits = {file-bytes = 0}", ["tool.reviewer.limits.file-bytes"]),
        ("limits = {unit-seconds = nan}", ["tool.reviewer.limits.unit-seconds"]),
        ("limits = {lines = 3}", ["tool.reviewer.limits.lines: unknown key", "unit-lines"]),
        ("model = {name = 'gpt'}", ["tool.reviewer.model.name: 'gpt' is no model", "openai:NAME"]),
        ("model = {name = 'files:x'}", ["tool.reviewer.model.name"]),
        ("model = {fallbacks = ['x']}", ["tool.reviewer.model.fallbacks"]),
        ("model = {scope = 'some'}", ["tool.reviewer.model.scope: 'some' is not allowed", "findings, risky, all"]),
        ("model = {second-look = 1}", ["tool.reviewer.model.second-look: 1 is not allowed", "true, false"]),
        ("model = {summary = 'no'}", ["tool.reviewer.model.summary: 'no' is not allowed", "true, false"]),
        ("model = {tokens = 0}", ["tool.reviewer.model.tokens: 0 is no whole number above 0"]),
        ("model = {usd = -1}", ["tool.reviewer.model.usd: -1 is no amount of money"]),
        ("model = {usd = inf}", ["tool.reviewer.model.usd"]),
        ("model = {prices = 3}", ["tool.reviewer.model.prices: 3 is no table"]),
        ("model = {prices = {'openai:x' = {input = 1}}}", ["model.prices.openai:x: input and output are needed"]),
        ("model = {prices = {'openai:x' = {input = 1, output = true}}}", ["model.prices.openai:x.output"]),
        ("model = {key = 'sk'}", ["tool.reviewer.model.key: unknown key"]),
        ("baseline = '../x'", ["tool.reviewer.baseline", "no path inside the repository"]),
        ("baseline = '/etc/x'", ["tool.reviewer.baseline"]),
    ],
)
def test_an_error_names_file_key_and_what_is_allowed(table: str, parts: list[str]) -> None:
    message = error(f"[tool.reviewer]\n{table}\n")
    assert message.startswith("pyproject.toml: ")
    for part in parts:
        assert part in message


def test_the_example_of_the_readme_can_be_copied() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    blocks = [part.partition("```")[0] for part in readme.split("```toml\n")[1:]]
    examples = [text for text in blocks if "[tool.reviewer" in text]
    rules = frozenset({"locale-encoding", "no-timeout", "status-unread"})
    model, rest = (read_settings(text.encode(), file="pyproject.toml", rules=rules) for text in examples)
    assert model.model.name in model.model.prices
    assert rest.severities == {"status-unread": Severity.LOW}
    assert rest.rules_off == {"locale-encoding"}
    assert rest.rules_pinned == {"no-timeout"}


def test_reviewer_that_is_no_table_is_an_error() -> None:
    assert error("[tool]\nreviewer = 3\n") == "pyproject.toml: tool.reviewer: 3 is no table"


@pytest.mark.parametrize("text", ["[tool", "a = 1\na = 2", "a = " + "[" * 5000, "a = " + "9" * 5000, "a = 1979-02-30"])
def test_a_broken_file_ends_in_one_line(text: str) -> None:
    assert error(text).startswith("pyproject.toml: ")


def test_a_file_that_is_no_utf_8_ends_in_one_line() -> None:
    with pytest.raises(SettingsError, match="byte 4 is not UTF-8"):
        read_settings(b"a = \xff", file="pyproject.toml", rules=RULES)


@given(st.binary() | st.text().map(lambda text: f"[tool.reviewer]\n{text}".encode(errors="replace")))
def test_any_bytes_give_settings_or_one_clear_error(data: bytes) -> None:
    try:
        read_settings(data, file="f", rules=RULES)
    except SettingsError as problem:
        assert "\n" not in str(problem)
