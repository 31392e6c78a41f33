"""The measurements of log lines count what they say they count."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.logging_places import main
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
