"""A merge brings only what neither of its sides had."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from reviewer.diff.common_lines import new_against_both
from reviewer.diff.repository import GitRepository
from reviewer.domain.change import ChangeKind, FileChange, Hunk
from reviewer.ports import Selection
from tests.git_builder import GitBuilder


def test_only_lines_that_are_new_against_every_base_count(tmp_path: Path) -> None:
    git = GitBuilder(tmp_path / "r")
    git.commit({"a.py": "one\ntwo\nthree\nfour\nfive\n", "b.py": "b\n", "c.py": "c\n"})
    git.git("checkout", "-q", "-b", "side")
    side = git.commit({"a.py": "one\nSIDE\ntwo\nthree\nfour\nfive\n", "b.py": "side\n"})
    git.git("checkout", "-q", "main")
    main = git.commit({"a.py": "one\ntwo\nthree\nfour\nMAIN\nfive\n", "c.py": "main\n"})
    git.git("merge", "-q", "--no-commit", "side")
    merged = git.commit({"a.py": "one\nSIDE\ntwo\nthree\nBETWEEN\nfour\nMAIN\nfive\n"})
    with GitRepository(git.root) as repository:
        change = repository.select(Selection(base=main, head=merged, besides=(side,)))
    (file,) = change.files
    assert (file.path, file.added_lines) == ("a.py", frozenset({5}))


@given(st.sets(st.integers(1, 20)), st.sets(st.integers(1, 20)))
def test_the_lines_of_two_comparisons_are_intersected(first: set[int], second: set[int]) -> None:
    def change(numbers: set[int]) -> FileChange:
        runs: list[list[int]] = []
        for number in sorted(numbers):
            if runs and runs[-1][-1] == number - 1:
                runs[-1].append(number)
            else:
                runs.append([number])
        hunks = tuple(Hunk(0, run[0], (), tuple(f"line {number}" for number in run)) for run in runs)
        return FileChange("a.py", ChangeKind.MODIFIED, hunks=hunks, content=b"")

    (file,) = new_against_both([change(first)], [change(second)])
    # A file without any hunk has no lines to look at.
    assert file.added_lines == first & second
    assert all(
        text == f"line {number}"
        for hunk in file.hunks
        for number, text in zip(hunk.added_lines, hunk.added, strict=True)
    )
    assert new_against_both([change(first)], []) == []
