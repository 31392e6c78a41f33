"""A change becomes a report in which nothing is left out in silence."""

from __future__ import annotations

from typing import Any

import pytest

from reviewer import file_review
from reviewer.domain.change import Change, ChangeKind, FileChange, Hunk
from reviewer.domain.report import NotChecked
from reviewer.domain.reviewed import Reviewed
from reviewer.domain.settings import Settings
from reviewer.errors import SourceError
from reviewer.review import review_change
from reviewer.work import worker

SOURCE = b"import requests\n\n\ndef get(url):\n    return requests.get(url)\n"


def added(path: str, content: bytes = SOURCE) -> FileChange:
    return FileChange(path=path, kind=ChangeKind.ADDED, content=content, whole=True)


def change(*files: FileChange, failures: tuple[tuple[str, str], ...] = ()) -> Change:
    return Change(repository=None, base=None, head=None, files=files, failures=failures)


def test_what_could_not_be_read_beside_the_files_is_not_checked_and_the_files_are_reviewed() -> None:
    report = review_change(change(added("a.py"), failures=(("pyproject.toml", "no TOML"),)), Settings())
    assert report.status == "partial"
    assert report.coverage.not_checked == [NotChecked(path="pyproject.toml", reason="no TOML")]
    assert "no-timeout" in [item.rule for item in report.findings]


def test_a_waiver_that_waives_nothing_is_noted_but_not_where_its_rule_was_not_asked() -> None:
    idle = change(added("a.py", b"x = 1  # reviewer: waive[no-timeout] why\n"))
    (note,) = review_change(idle, Settings()).coverage.notes
    assert note.startswith("a.py:1: the waiver of no-timeout waives nothing")
    assert review_change(idle, Settings(rules_off=frozenset({"no-timeout"}))).coverage.notes == []


def test_a_waiver_in_lines_out_of_a_diff_alone_may_waive_something() -> None:
    part = FileChange(
        path="a.py",
        kind=ChangeKind.MODIFIED,
        content=b"x = 1  # reviewer: waive[no-timeout] why\n",
        hunks=(Hunk(1, 1, (), ("x = 1  # reviewer: waive[no-timeout] why",)),),
        partial=True,
    )
    assert review_change(change(part), Settings()).coverage.notes == []


@pytest.mark.parametrize("size", [0, 300_000], ids=["one-process", "many-processes"])
def test_progress_is_told_after_each_file(size: int) -> None:
    told: list[tuple[int, int]] = []
    files = [added(f"{name}.py", b"x = 1\n" + b"#" * size) for name in "abc"]
    report = review_change(change(*files), Settings(), progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert report.coverage.files_reviewed == 3


def test_a_file_that_is_given_up_at_whatever_step_costs_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:

    def review_file(file: FileChange, *arguments: Any, **options: Any) -> Reviewed:
        if file.path == "a.py":
            raise SourceError("took longer than 2 s and was given up")
        return file_review.review_file(file, *arguments, **options)

    monkeypatch.setattr(worker, "review_file", review_file)
    report = review_change(change(added("a.py"), added("b.py")), Settings())
    assert report.status == "partial"
    assert report.coverage.not_checked == [NotChecked(path="a.py", reason="took longer than 2 s and was given up")]
    assert {item.path for item in report.findings} == {"b.py"}


def test_a_line_that_nobody_wrote_is_not_carried_by_each_of_its_findings() -> None:
    """A report would be as long as the line times its findings: gigabytes, of a file that is read whole."""
    calls = b"; ".join(b"requests.get(u, x%d)" % number for number in range(150))
    report = review_change(change(added("a.py", b"import requests\ndef f(u): " + calls + b"\n")), Settings())
    assert len(report.findings) > 100
    assert {item.code for item in report.findings if item.line == 2} == {""}
    short = review_change(change(added("a.py")), Settings()).findings[0]
    assert short.code == "    return requests.get(url)"
