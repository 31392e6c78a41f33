"""A new line is as wide as the project's formatter lets it be, and quotes as it does."""

from __future__ import annotations

import pytest

from reviewer.instrument.layout import Layout
from tests.instrument.workshop import added, patched, subject_of

WIDE = "x = 1" + 100 * "  #"
"""Longer than what a file is taken for by itself."""


def layout(text: str = "", **files: str) -> Layout:
    return subject_of(
        text.encode(), "src/shop/app.py", {name.replace("__", "/"): file for name, file in files.items()}
    ).layout


@pytest.mark.parametrize(
    ("name", "settings", "width"),
    [
        ("pyproject.toml", "[tool.ruff]\nline-length = 160\n", 160),
        ("pyproject.toml", "[tool.black]\nline-length = 100\n", 100),
        ("pyproject.toml", "[tool.black]\nline_length = 100\n", 100),
        ("pyproject.toml", "[tool.black]\ntarget-version = ['py311']\n", 88),
        ("pyproject.toml", "[tool.ruff.lint]\nselect = ['E']\n", 88),
        ("ruff.toml", "line-length = 120\n", 120),
        (".ruff.toml", "line-length = 120\n", 120),
        ("src/ruff.toml", "line-length = 110\n", 110),
    ],
)
def test_a_formatters_limit_is_kept_to(name: str, settings: str, width: int) -> None:
    assert layout("x = 1\n", **{name: settings}).width == width


def test_the_nearest_settings_count() -> None:
    outer, inner = "[tool.ruff]\nline-length = 120\n", "[tool.ruff]\nline-length = 100\n"
    assert layout(**{"pyproject.toml": outer, "src/pyproject.toml": inner}).width == 100
    assert layout(**{"pyproject.toml": outer, "src/pyproject.toml": "[project]\nname = 'shop'\n"}).width == 120


@pytest.mark.parametrize(
    ("name", "settings", "text", "width"),
    [
        ("setup.cfg", "[flake8]\nmax-line-length = 60\n", "x = 1\n", 60),
        (".flake8", "[flake8]\nmax-line-length = 60  # narrow\n", "x = 1\n", 60),
        ("tox.ini", "[pycodestyle]\nmax_line_length = 60\n", "x = 1\n", 60),
        ("setup.cfg", "[flake8]\nmax-line-length = 160\n", "x = 1\n", 79),
        ("setup.cfg", "[flake8]\nignore = W503\n", f"{WIDE}\n", 79),
        ("setup.cfg", "[metadata]\nname = shop\n", f"{WIDE}\n", 88),
    ],
)
def test_a_linters_limit_bounds_what_the_file_suggests(name: str, settings: str, text: str, width: int) -> None:
    assert layout(text, **{name: settings}).width == width


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("pyproject.toml", "[tool.ruff]\nline-length = 'wide'\n"),
        ("pyproject.toml", "[tool.ruff]\nline-length = true\n"),
        ("pyproject.toml", "[tool.ruff]\nline-length = 1\n"),
        ("pyproject.toml", "[tool.ruff]\nline-length = 1000000\n"),
        ("pyproject.toml", "[tool.ruff]\nextend = '../ruff.toml'\n"),
        ("pyproject.toml", "[tool]\nruff = 3\nblack = 4\n"),
        ("pyproject.toml", "[[tool.ruff"),
        ("pyproject.toml", "a = " + 3000 * "[" + "\n[tool.ruff]\nline-length = 160\n"),
        ("ruff.toml", "line-length = 160\n#" + 200_000 * " "),
        ("setup.cfg", "[flake8]\nmax-line-length = wide\n"),
        ("setup.cfg", "flake8\n=\n"),
    ],
)
def test_settings_that_make_no_sense_leave_it_to_the_file(name: str, settings: str) -> None:
    assert layout("x = 1\n", **{name: settings}).width in (79, 88)


@pytest.mark.parametrize(
    ("settings", "quote"),
    [
        ("[tool.ruff.format]\nquote-style = 'single'\n", "'"),
        ("[tool.ruff.format]\nquote-style = 'double'\n", '"'),
        ("[tool.ruff.format]\nquote-style = 'preserve'\n", "'"),
        ("[tool.ruff.lint.flake8-quotes]\ninline-quotes = 'double'\n", '"'),
        ("[tool.ruff]\nline-length = 88\n", "'"),
        ("[tool.black]\n", '"'),
        ("[tool.black]\nskip-string-normalization = true\n", "'"),
        ("[tool.black]\nskip_string_normalization = true\n", "'"),
    ],
)
def test_a_formatters_quotes_are_written(settings: str, quote: str) -> None:
    assert layout("x = 'a'\n", **{"pyproject.toml": settings}).quote == quote


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("x = 'a', 'b', \"c\"\n", "'"),
        ("x = 'a', \"b\"\n", '"'),
        ("x = \"it's\", 'a'\n", "'"),
        ("x = \"a\", '\"', '\"'\n", '"'),
        ("x = \"a\"\n# it's 'so' and 'so'\n", '"'),
        ('"""Of \'these\' and \'those\'."""\nx = "a"\n', '"'),
        ("x = f'{a}', rb'b', \"c\"\n", "'"),
        ("", '"'),
    ],
)
def test_the_quotes_of_most_strings_that_had_a_choice_are_written(text: str, quote: str) -> None:
    assert layout(text).quote == quote


BODY = """
import logging
logger = logging.getLogger(__name__)
def f(order_number, customer_number, warehouse_number):
    logger.info("Told %s", 1)
    try:
        g(order_number, customer_number, warehouse_number)
    except Exception:
        return None
"""


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            "[tool.ruff]\nline-length = 120\n",
            '        "F failed: order_number=%s, customer_number=%s, warehouse_number=%s",',
        ),
        ("", '        "F failed: order_number=%s, customer_number=%s, "\n'),
    ],
)
def test_a_message_is_parted_only_where_it_is_too_long(settings: str, message: str) -> None:
    assert message in patched(BODY, files={"pyproject.toml": settings})


def test_a_call_that_fits_stays_on_its_line() -> None:
    line = 'logger.exception("F failed: order_number=%s, customer_number=%s, warehouse_number=%s", order_number, '
    text = patched(BODY, files={"pyproject.toml": "[tool.ruff]\nline-length = 160\n"})
    assert f"        {line}customer_number, warehouse_number)\n" in text
    assert len(added(BODY)) == 1
