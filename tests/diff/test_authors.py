"""Who wrote the lines that a fix replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.diff import authors as limits
from reviewer.diff.repository import GitRepository
from reviewer.domain.fix import Authorship
from tests.git_builder import GitBuilder

ADA = "Ada <ada@example.org>"
TRAILER = "Read prices\n\nCo-Authored-By: Claude <noreply@anthropic.com>"
LINES = "a\nb\nc\nd\ne\n"


def authors(root: Path, commit: str = "HEAD") -> tuple[Authorship, ...]:
    with GitRepository(root) as repository:
        return repository.authors(repository.fix(commit))


def test_the_commits_that_wrote_replaced_lines_are_told_with_their_messages(builder: GitBuilder) -> None:
    builder.commit({"pkg/x.py": LINES}, "Begin")
    builder.commit({"pkg/x.py": LINES.replace("b\nc\n", "B\nC\n")}, TRAILER)
    builder.commit({"pkg/x.py": "a\nnew\nd\nnewer\n"}, "Mend it")
    assert authors(builder.root) == (
        Authorship(ADA, f"{TRAILER}\n", 2),
        Authorship(ADA, "Begin\n", 1),
    )


def test_where_a_fix_only_inserts_the_line_before_the_gap_counts(builder: GitBuilder) -> None:
    builder.commit({"x.py": LINES}, "Begin")
    builder.commit({"x.py": LINES.replace("c\n", "C\n")}, TRAILER)
    builder.commit({"x.py": LINES.replace("c\n", "C\nnew\n")}, "Mend it")
    assert authors(builder.root) == (Authorship(ADA, f"{TRAILER}\n", 1),)


def test_lines_are_followed_to_the_name_that_their_file_had(builder: GitBuilder) -> None:
    text = "".join(f"line {number}\n" for number in range(20))
    builder.commit({"old.py": text}, TRAILER)
    builder.commit({"old.py": None, "sub/new.py": text}, "Move")
    builder.commit({"sub/new.py": text.replace("line 3\n", "line three\n")}, "Mend it")
    assert authors(builder.root) == (Authorship(ADA, f"{TRAILER}\n", 1),)


def test_a_folder_of_the_repository_serves_as_well_as_its_root(builder: GitBuilder) -> None:
    builder.commit({"pkg/x.py": LINES, "docs/y.py": LINES}, TRAILER)
    builder.commit({"pkg/x.py": "new\n", "docs/y.py": LINES}, "Mend it")
    assert authors(builder.root / "docs") == (Authorship(ADA, f"{TRAILER}\n", 5),)


def test_of_a_new_file_nobody_wrote_what_failed(builder: GitBuilder) -> None:
    builder.commit({"x.py": LINES})
    builder.commit({"y.py": LINES}, "Add")
    assert authors(builder.root) == ()


def test_a_history_that_is_cut_off_names_nobody_for_what_came_before_it(builder: GitBuilder, tmp_path: Path) -> None:
    builder.commit({"x.py": LINES}, "Begin")
    builder.commit({"x.py": LINES, "y.py": "y\n"}, TRAILER)
    builder.commit({"x.py": "new\n", "y.py": "y\n"}, "Mend it")
    builder.clone(tmp_path / "shallow", "--depth", "2")
    assert authors(tmp_path / "shallow") == ()


def test_no_program_that_the_repository_names_is_run(builder: GitBuilder, tmp_path: Path) -> None:
    builder.commit({"x.py": LINES, ".gitattributes": "*.py diff=evil filter=evil\n"}, "Begin")
    builder.commit({"x.py": "new\n"}, "Mend it")
    for key in ("diff.evil.textconv", "filter.evil.clean", "filter.evil.smudge"):
        builder.git("config", key, f"touch {tmp_path / 'ran'}; cat")
    assert authors(builder.root) == (Authorship(ADA, "Begin\n", 5),)
    assert not (tmp_path / "ran").exists()


def test_what_git_refuses_to_tell_is_unknown(builder: GitBuilder) -> None:
    builder.commit({"x.py": LINES})
    builder.commit({"x.py": "new\n"}, "Mend it")
    builder.git("config", "blame.ignoreRevsFile", "/etc/hostname")
    assert authors(builder.root) == ()


def test_lines_and_time_have_bounds(builder: GitBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    builder.commit({"x.py": LINES, "y.py": LINES}, "Begin")
    builder.commit({"x.py": "new\n", "y.py": "new\n"}, "Mend it")
    monkeypatch.setattr(limits, "MOST_LINES", 3)
    assert authors(builder.root) == (Authorship(ADA, "Begin\n", 3),)
    monkeypatch.setattr(limits, "SECONDS", 0.0)
    assert authors(builder.root) == ()
