"""A change becomes a report in which nothing is left out in silence."""

from __future__ import annotations

from reviewer.domain.change import Change, ChangeKind, FileChange
from reviewer.domain.report import NotChecked
from reviewer.domain.settings import Settings
from reviewer.review import review_change

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
