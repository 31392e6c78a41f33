from __future__ import annotations

from collections.abc import Sequence

import pytest

from reviewer.diff.contents import change_from_patch
from reviewer.diff.repository import GitRepository
from reviewer.domain.change import Change, ChangeKind, FileChange, Hunk
from reviewer.ports import Selection
from tests.git_builder import GitBuilder

PATCH = (
    b"diff --git a/x.py b/x.py\nindex 1..2 100644\n--- a/x.py\n+++ b/x.py\n"
    b"@@ -2,3 +2,3 @@\n two\n-three\n+THREE\n four\n"
)
NEW = b"one\ntwo\nTHREE\nfour\n"
OLD = b"one\ntwo\nthree\nfour\n"


class Shelf:
    """A repository of given contents."""

    def __init__(self, **contents: bytes) -> None:
        self.contents = {name.replace("_", "."): content for name, content in contents.items()}
        self.asked: list[tuple[tuple[str, ...], str | None]] = []

    @property
    def name(self) -> str:
        return "shelf"

    def select(self, selection: Selection) -> Change:
        raise NotImplementedError

    def read(self, paths: Sequence[str], revision: str | None) -> dict[str, bytes]:
        self.asked.append((tuple(paths), revision))
        return {path: self.contents[path] for path in paths if path in self.contents}


def only(change: Change) -> FileChange:
    (file,) = change.files
    return file


def test_contents_are_filled_in_and_the_old_ones_made_by_undoing() -> None:
    shelf = Shelf(x_py=NEW)
    change = change_from_patch(PATCH, shelf, "v2")
    file = only(change)
    assert (file.content, file.old_content, file.partial, file.failed) == (NEW, OLD, False, None)
    assert shelf.asked == [(("x.py",), "v2")]
    assert (change.repository, change.notes) == ("shelf", ())


@pytest.mark.parametrize("content", [OLD, b"", b"two\nTHREE\nfour\n", b"one\nTWO\nTHREE\nfour\n"])
def test_contents_that_contradict_any_shown_line_fail_the_file(content: bytes) -> None:
    file = only(change_from_patch(PATCH, Shelf(x_py=content), None))
    assert file.content is None
    assert file.failed is not None
    assert "does not match the contents of the work tree" in file.failed


def test_a_new_file_that_has_grown_since_does_not_match() -> None:
    patch = b"--- /dev/null\n+++ b/x.py\n@@ -0,0 +1 @@\n+a\n"
    assert only(change_from_patch(patch, Shelf(x_py=b"a\n"), None)).content == b"a\n"
    assert only(change_from_patch(patch, Shelf(x_py=b"a\nb\n"), None)).failed is not None


def test_carriage_returns_that_mail_took_away_are_no_contradiction() -> None:
    file = only(change_from_patch(PATCH, Shelf(x_py=NEW.replace(b"\n", b"\r\n")), None))
    assert file.failed is None


@pytest.mark.parametrize("shelf", [None, Shelf()])
def test_without_contents_the_shown_lines_stand_at_their_numbers(shelf: Shelf | None) -> None:
    change = change_from_patch(PATCH, shelf)
    assert only(change) == FileChange(
        path="x.py",
        kind=ChangeKind.MODIFIED,
        hunks=(Hunk(3, 3, ("three",), ("THREE",)),),
        content=b"\ntwo\nTHREE\nfour\n",
        partial=True,
    )
    assert len(change.notes) == 1
    assert "from the lines of the diff alone" in change.notes[0]


def test_a_new_file_is_whole_without_any_repository() -> None:
    change = change_from_patch(b"--- /dev/null\n+++ b/x.py\n@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n", None)
    assert (only(change).content, only(change).partial, change.notes) == (b"a", False, ())


def test_a_hunk_far_down_does_not_fill_the_memory() -> None:
    file = only(change_from_patch(b"--- a/x.py\n+++ b/x.py\n@@ -1 +9999999999 @@\n-a\n+b\n", None))
    assert file.content is None
    assert file.failed is not None


def test_files_that_are_not_python_are_skipped_and_not_read() -> None:
    shelf = Shelf(x_py=NEW)
    patch = PATCH + PATCH.replace(b"x.py", b"x.js") + PATCH.replace(b"x.py", b"x.pyi") + PATCH.replace(b"x.py", b"tool")
    files = change_from_patch(patch, shelf).files
    assert [(file.path, file.skipped) for file in files] == [
        ("tool", "not Python"),
        ("x.js", "not Python"),
        ("x.py", None),
        ("x.pyi", "type stub"),
    ]
    assert shelf.asked == [(("x.py", "tool"), None)]


def test_a_script_without_ending_is_known_by_its_first_line() -> None:
    patch = b"--- /dev/null\n+++ b/tool\n@@ -0,0 +1,2 @@\n+#!/usr/bin/env python3\n+a\n"
    assert only(change_from_patch(patch, None)).content == b"#!/usr/bin/env python3\na\n"


def test_python_that_the_diff_calls_binary_is_not_passed_over() -> None:
    file = only(
        change_from_patch(b"diff --git a/x.py b/x.py\nindex 1..2\nBinary files a/x.py and b/x.py differ\n", None)
    )
    assert file.skipped is None
    assert file.failed is not None
    assert "--text" in file.failed


def test_text_renamed_to_python_counts_as_a_whole() -> None:
    patch = b"diff --git a/x.txt b/x.py\nsimilarity index 100%\nrename from x.txt\nrename to x.py\n"
    file = only(change_from_patch(patch, Shelf(x_py=b"a\n")))
    assert (file.whole, file.hunks, file.content) == (True, (), b"a\n")


def test_unsafe_paths_are_never_asked_for() -> None:
    shelf = Shelf()
    file = only(change_from_patch(PATCH.replace(b"x.py", b"../x.py"), shelf))
    assert file.failed is not None
    assert shelf.asked == []


def test_a_patch_of_git_joins_with_the_commit_it_leads_to(builder: GitBuilder) -> None:
    first = builder.commit({"x.py": "a\nb\n", "gone.py": "x\n"})
    second = builder.commit({"x.py": "a\nc", "ä y.py": "n\n", "gone.py": None})
    patch = builder.git("diff", first, second).encode() + b"\n"
    with GitRepository(builder.root) as repository:
        change = change_from_patch(patch, repository, second)
    assert [(file.path, file.content, file.old_content, file.skipped) for file in change.files] == [
        ("gone.py", None, None, "deleted"),
        ("x.py", b"a\nc", b"a\nb\n", None),
        ("ä y.py", b"n\n", None, None),
    ]


def test_an_empty_diff_is_told() -> None:
    change = change_from_patch(b"\n", None)
    assert change.files == ()
    assert change.notes == ("the diff is empty; check the command that makes it",)
