"""The log lines of a file are found with their level, their clause, and what the clause does after them."""

from __future__ import annotations

import ast

import pytest

from reviewer.instrument.example import Clause, Example, examples, levels_beside
from tests.instrument.workshop import subject_of


def test_lines_are_found_in_clauses_and_outside() -> None:
    text = """\
log.info("started")
try:
    work()
except OSError:
    log.exception("failed")
    raise
finally:
    log.debug(
        "done"
    )
"""
    assert examples(ast.parse(text)) == [
        Example(1, 1, "info"),
        Example(5, 5, "error", Clause(4, frozenset({"OSError"}), "raises")),
        Example(8, 10, "debug"),
    ]


@pytest.mark.parametrize(
    ("last", "ending"),
    [("return 1", "returns"), ("continue", "goes on with the loop"), ("break", "leaves the loop"), ("pass", "goes on")],
)
def test_what_the_clause_does_at_its_end_is_told(last: str, ending: str) -> None:
    text = f"def f():\n  while True:\n    try:\n      g()\n    except E:\n      log.warn('x')\n      {last}\n"
    assert examples(ast.parse(text)) == [Example(6, 6, "warning", Clause(5, frozenset({"E"}), ending))]


def test_a_function_inside_a_clause_does_not_stand_in_it() -> None:
    text = "try:\n  import a\nexcept ImportError:\n  def f():\n    log.info('x')\n"
    assert examples(ast.parse(text)) == [Example(5, 5, "info")]


@pytest.mark.parametrize(
    ("head", "types"),
    [("", {"BaseException"}), (" a.E as e", {"E"}), (" (OSError, b.E)", {"OSError", "E"}), (" E[0]", set())],
)
def test_a_clause_is_told_by_what_it_takes(head: str, types: set[str]) -> None:
    (example,) = examples(ast.parse(f"try:\n  f()\nexcept{head}:\n  log.info('x')\n"))
    assert example.clause == Clause(3, frozenset(types), "goes on")


def test_the_levels_beside_are_those_in_clauses_of_the_files_near() -> None:
    text = "logger.info('x')\ntry:\n  f()\nexcept OSError:\n  logger.warning('x')\n"
    files = {"shop/b.py": text, "shop/c.py": text + "else:\n  logger.debug('x')\n", "other/d/e.py": text}
    assert levels_beside(subject_of(text.replace("warning", "error").encode(), files=files)) == {"warning": 2}


def test_what_names_no_level_is_left_out() -> None:
    assert examples(ast.parse("log.log(level, 'x')\nprint('x')\n")) == []
