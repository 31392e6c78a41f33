"""A second review of one state says the same without reading anything again; another state is reviewed anew."""

from __future__ import annotations

import dataclasses
import json
import os
import sqlite3
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reviewer.domain.change import Change, ChangeKind, FileChange
from reviewer.domain.report import Report
from reviewer.domain.settings import Settings
from reviewer.ports import OpenMemory
from reviewer.review import review_change
from reviewer.stores.memory import FileMemory
from tests.git_builder import GitBuilder

ROOT = Path(__file__).parents[2]

SOURCE = "import requests\n\n\ndef get(url):\n    return requests.get(url).json()['id']\n"
CLIENT = "def fetch(url):\n    return {}\n"
CALLER = "from client import fetch\n\n\ndef run(url):\n    try:\n        return fetch(url)\n    except OSError:\n        raise\n"


def _memory(folder: Path) -> OpenMemory:
    return partial(FileMemory, folder, "test")


def _change(head: str | None, source: str = SOURCE, **options: Any) -> Change:
    file = FileChange("a.py", ChangeKind.ADDED, content=source.encode(), whole=True, **options)
    return Change(repository=None, base=None, head=head, files=(file,))


def _said(report: Report) -> Report:
    """The report without what is of this one run."""
    return dataclasses.replace(report, id="", created_at="", usage=dataclasses.replace(report.usage, elapsed_ms={}))


def _reviews(folder: Path) -> list[str]:
    if not (folder / "memory-test.sqlite").exists():
        return []
    with sqlite3.connect(folder / "memory-test.sqlite") as connection:
        return [key for (key,) in connection.execute("SELECT key FROM memory WHERE kind = 'review' ORDER BY key")]


def test_a_second_review_of_a_commit_says_the_same(tmp_path: Path) -> None:
    first, second = (review_change(_change("c" * 40), Settings(), memory=_memory(tmp_path)) for _ in range(2))
    assert first.findings
    assert _said(second) == _said(first)
    assert len(_reviews(tmp_path)) == 1


@pytest.mark.parametrize(
    "other",
    [
        _change("d" * 40, SOURCE.replace("id", "name")),
        _change("c" * 40, SOURCE + "\n"),
        _change("c" * 40, failed="half of it is missing"),
    ],
    ids=["commit", "text", "fault"],
)
def test_what_differs_is_reviewed_anew(tmp_path: Path, other: Change) -> None:
    review_change(_change("c" * 40), Settings(), memory=_memory(tmp_path))
    warm = review_change(other, Settings(), memory=_memory(tmp_path))
    assert _said(warm) == _said(review_change(other, Settings()))


def test_other_rules_and_limits_are_another_question(tmp_path: Path) -> None:
    for settings in (
        Settings(),
        Settings(rules_off=frozenset({"no-timeout"})),
        Settings(limits=dataclasses.replace(Settings().limits, unit_lines=1)),
    ):
        warm = review_change(_change("c" * 40), settings, memory=_memory(tmp_path))
        assert _said(warm) == _said(review_change(_change("c" * 40), settings))


def test_what_no_commit_names_is_not_remembered(tmp_path: Path) -> None:
    review_change(_change(None), Settings(), memory=_memory(tmp_path))
    assert _reviews(tmp_path) == []


def test_a_review_that_was_not_complete_is_not_remembered(tmp_path: Path) -> None:
    tight = Settings(limits=dataclasses.replace(Settings().limits, unit_lines=1))
    assert review_change(_change("c" * 40), tight, memory=_memory(tmp_path)).status == "partial"
    assert _reviews(tmp_path) == []


def test_a_damaged_entry_is_reviewed_again(tmp_path: Path) -> None:
    first = review_change(_change("c" * 40), Settings(), memory=_memory(tmp_path))
    with sqlite3.connect(tmp_path / "memory-test.sqlite") as connection:
        connection.execute("UPDATE memory SET value = ? WHERE kind = 'review'", (b'["a.py"]',))
    assert _said(review_change(_change("c" * 40), Settings(), memory=_memory(tmp_path))) == _said(first)


def test_a_damaged_file_is_told_once(tmp_path: Path) -> None:
    review_change(_change("c" * 40), Settings(), memory=_memory(tmp_path))
    (tmp_path / "memory-test.sqlite").write_bytes(b"no database at all" * 300)
    report = review_change(_change("c" * 40), Settings(), memory=_memory(tmp_path))
    (note,) = report.coverage.notes
    assert "was damaged and is made anew" in note
    assert review_change(_change("c" * 40), Settings(), memory=_memory(tmp_path)).coverage.notes == []


_REVIEW = """
import sys
from reviewer.__main__ import start
try:
    start()
finally:
    print("libcst" in sys.modules, file=sys.stderr)
"""


def test_a_second_review_of_a_head_does_not_even_load_the_parser(tmp_path: Path) -> None:
    repository = GitBuilder(tmp_path / "repository")
    repository.commit({"client.py": CLIENT, "caller.py": "x = 1\n"})
    repository.commit({"caller.py": CALLER})
    outputs, loaded = [], []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", _REVIEW, "review", "--base", "HEAD~1", "--format", "json"],
            cwd=repository.root,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "REVIEWER_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)},
        )
        outputs.append(json.loads(done.stdout)["answers"])
        loaded.append(done.stderr.split()[-1])
    assert loaded == ["True", "False"]
    assert outputs[0] == outputs[1] != []
