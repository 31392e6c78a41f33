"""The measurements of log lines count what they say they count."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.logging_places.__main__ import main
from benchmarks.logging_places.removal import without
from benchmarks.logging_places.statement import statements
from tests.git_builder import GitBuilder

TEXT = """\
import logging

logger = logging.getLogger(__name__)


def first(path):
    try:
        return open(path)
    except OSError:
        logger.warning("no file %s", path)
        return None


def second(path):
    try:
        return open(path)
    except OSError:
        logger.warning("no file")
"""
SILENT = "\n\ndef third(path):\n    try:\n        return open(path)\n    except OSError:\n        return None\n"


def test_handlers_without_a_line_are_counted_and_written(
    builder: GitBuilder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    builder.commit({"shop/app.py": TEXT + SILENT, "tests/test_app.py": TEXT + SILENT})
    main(["apply", "--repo", str(builder.root), "--into", str(tmp_path / "after")])
    told = capsys.readouterr().out
    assert "handlers that swallow: 1, with a line: 1 (100.0 %)" in told
    assert "Third failed" in (tmp_path / "after/shop/app.py").read_text(encoding="utf-8")
    assert (tmp_path / "after/tests/test_app.py").read_text(encoding="utf-8") == TEXT + SILENT


def test_statements_are_taken_out_and_proposed_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    builder = GitBuilder(tmp_path / "mirror" / "ada+shop" / "repo")
    builder.commit({"shop/app.py": TEXT})
    main(["compare", "--mirror", str(tmp_path / "mirror"), "--statements", "12", "--list"])
    told = capsys.readouterr().out
    assert "2 log statements in handlers, 0 beside calls; 2 taken out" in told
    assert "handlers: 2, in the same block 100.0 %, position 100.0 %; of those in place: level 100.0 %" in told


def ask(builder: GitBuilder, folder: Path) -> list[Path]:
    """Compare, worded by a folder; its questions."""
    mirror = str(builder.root.parents[1])
    main(["compare", "--mirror", mirror, "--statements", "12", "--model", f"files:{folder}", "--list"])
    return sorted(folder.glob("*.request.md"))


def question(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n---\n")[2]


def test_a_model_is_asked_about_each_statement_alone(tmp_path: Path) -> None:
    builder = GitBuilder(tmp_path / "mirror" / "ada+shop" / "repo")
    builder.commit({"shop/app.py": TEXT})
    asked = [question(path) for path in ask(builder, tmp_path / "asked")]
    assert sorted(text[text.index("\nLog lines:") :].partition(" at ")[0] for text in asked) == 2 * [
        "\nLog lines:\n- L1"
    ]
    (first,) = [text for text in asked if '"first"' in text]
    (second,) = [text for text in asked if '"second"' in text]
    assert (first.count("no file"), second.count("no file")) == (1, 1)
    assert 'log.warning("no file %s", path)' not in first.replace("logger", "log")
    assert 'except OSError: … logger.warning("no file %s", path) … returns' in second


def test_figures_are_told_of_the_model_s_levels_beside_the_program_s(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    builder = GitBuilder(tmp_path / "mirror" / "ada+shop" / "repo")
    builder.commit({"shop/app.py": TEXT})
    asked = ask(builder, tmp_path / "asked")
    assert "2 proposals, 2 unanswered, 0 choices refused; 0 other levels" in capsys.readouterr().out
    (first,) = [path for path in asked if '"first"' in question(path)]
    answer = {"lines": [{"id": "L1", "level": "error", "event": "no!", "fields": []}]}
    first.with_name(first.name.replace(".request.md", ".answer.json")).write_text(json.dumps(answer))
    assert ask(builder, tmp_path / "asked") == asked
    told = capsys.readouterr().out
    assert "level 50.0 % (in the program's words 100.0 %)" in told
    assert "shop/app.py:9 [handler 0] logger.warning: logger.error first_failed (was warning)" in told
    assert (
        "2 proposals, 1 unanswered, 1 choices refused; 1 other levels, 0 of them as people have it, "
        "1 in place of one that was" in told
    )
    assert "refused: 'no!' is no event name in snake case" in told


def test_the_statement_is_gone_with_what_comments_say_of_it(builder: GitBuilder) -> None:
    text = """\
def f():
    # look out
    try:
        work()
    except OSError:  # only logged
        # It may be gone.

        # Told at debug, since
        # it happens each day.
        logger.debug(
            "gone",
        )  # noqa
"""
    builder.commit({"app.py": text})
    (statement,) = statements(builder.root)
    assert without(text.encode(), statement) == (
        b"""\
def f():
    # look out
    try:
        work()
    except OSError:
        # It may be gone.

        pass
""",
        5,
    )


def test_the_line_of_a_call_is_told_as_it_is_without_what_stood_above_it(builder: GitBuilder) -> None:
    text = """\
def f():
    x = 1
    # log the request
    logger.info("asking")
    # one round trip
    requests.get("http://shop")
"""
    builder.commit({"app.py": text})
    (statement,) = statements(builder.root)
    assert without(text.encode(), statement) == (
        b'def f():\n    x = 1\n    # one round trip\n    requests.get("http://shop")\n',
        4,
    )


def test_nothing_in_the_function_says_how_loud_the_statement_was(builder: GitBuilder) -> None:
    text = '''\
def f(path):
    """Remove it, see the log.

    What cannot be removed is logged at
    warning level. The caller goes on.

    path: what
    quiet: no warnings
    """
    # All errors of this are logged.
    remove(path)  # not logged
    try:
        work()
    # Log it at `debug`,
    # it is nothing.
    except OSError:
        logger.debug("gone")
'''
    builder.commit({"app.py": text})
    (statement,) = statements(builder.root)
    assert without(text.encode(), statement) == (
        b'''\
def f(path):
    """Remove it, see the log.


 The caller goes on.

    path: what

"""
    remove(path)  # not logged
    try:
        work()
    except OSError:
        pass
''',
        13,
    )
