from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.diff import fix as limits
from reviewer.diff.repository import GitRepository
from reviewer.domain.fix import Fix, FixedFile
from reviewer.errors import FixError, RepositoryError
from reviewer.ports import FixSource
from tests.git_builder import GitBuilder


def read(root: Path, commit: str) -> Fix:
    with GitRepository(root) as repository:
        return repository.fix(commit)


def refusal(root: Path, commit: str) -> str:
    with pytest.raises(FixError) as caught:
        read(root, commit)
    return str(caught.value)


def test_a_fix_has_its_files_before_and_after_with_the_lines_that_changed(builder: GitBuilder) -> None:
    parent = builder.commit({"pkg/x.py": "a\nb\nc\nd\ne\n", "same.py": "s\n"})
    commit = builder.commit({"pkg/x.py": "a\nB\nc\nnew\nd\n", "notes.md": "n\n"}, "Mend it\n\nBecause.")
    assert read(builder.root, commit[:12]) == Fix(
        repository="repo",
        commit=commit,
        parent=parent,
        date="2024-01-02",
        message="Mend it\n\nBecause.\n",
        files=(
            FixedFile(
                path="pkg/x.py",
                old_path="pkg/x.py",
                before=b"a\nb\nc\nd\ne\n",
                after=b"a\nB\nc\nnew\nd\n",
                removed=frozenset({2, 5}),
                added=frozenset({2, 4}),
                gaps=frozenset({3}),
                gaps_after=frozenset({5}),
            ),
        ),
        others=1,
    )


def test_the_class_keeps_the_protocol(builder: GitBuilder) -> None:
    builder.commit({"x.py": "a\n"})
    commit = builder.commit({"x.py": "b\n"})
    with GitRepository(builder.root) as repository:
        source: FixSource = repository
        assert source.fix("HEAD").commit == commit


def test_tests_are_named_and_left_out(builder: GitBuilder) -> None:
    builder.commit({"x.py": "a\n", "tests/test_x.py": "t\n"})
    builder.commit({"x.py": "b\n", "tests/test_x.py": "u\n", "test_new.py": "n\n"})
    fix = read(builder.root, "HEAD")
    assert ([file.path for file in fix.files], fix.tests, fix.others) == (
        ["x.py"],
        ("test_new.py", "tests/test_x.py"),
        0,
    )


def test_a_renamed_file_is_followed(builder: GitBuilder) -> None:
    text = "".join(f"line {number}\n" for number in range(20))
    builder.commit({"old.py": text})
    builder.commit({"old.py": None, "pkg/new.py": text + "more\n"})
    assert read(builder.root, "HEAD").files == (
        FixedFile(
            path="pkg/new.py",
            old_path="old.py",
            before=text.encode(),
            after=(text + "more\n").encode(),
            added=frozenset({21}),
            gaps=frozenset({20}),
        ),
    )


def test_added_copied_and_deleted_files_have_one_side(builder: GitBuilder) -> None:
    text = "".join(f"line {number}\n" for number in range(20))
    builder.commit({"kept.py": text, "gone.py": "a\nb\n"})
    builder.commit({"gone.py": None, "new.py": "n\n", "kept.py": text + "x\n", "copy.py": text})
    files = {file.path: file for file in read(builder.root, "HEAD").files}
    assert files["gone.py"] == FixedFile(
        "gone.py", "gone.py", b"a\nb\n", None, removed=frozenset({1, 2}), gaps_after=frozenset({0})
    )
    assert files["new.py"] == FixedFile("new.py", "new.py", None, b"n\n", added=frozenset({1}), gaps=frozenset({0}))
    assert files["copy.py"] == FixedFile(
        "copy.py", "copy.py", None, text.encode(), added=frozenset(range(1, 21)), gaps=frozenset({0})
    )


def test_only_files_whose_lines_changed_count(builder: GitBuilder) -> None:
    builder.commit({"x.py": "a\n", "moved.py": "m\n" * 9, "mode.py": "m\n"})
    (builder.root / "mode.py").chmod(0o755)
    builder.commit({"x.py": "b\n", "moved.py": None, "there.py": "m\n" * 9})
    fix = read(builder.root, "HEAD")
    assert ([file.path for file in fix.files], fix.others) == (["x.py"], 2)


def test_the_message_is_read_in_its_own_encoding(builder: GitBuilder) -> None:
    builder.commit({"x.py": "a\n"})
    builder.write({"x.py": "b\n"})
    builder.git("add", "-A")
    builder.git(
        "-c",
        "i18n.commitEncoding=ISO-8859-1",
        "commit",
        "-q",
        "-F",
        "-",
        stdin="geflickt: Gr\xf6\xdfe".encode("latin-1"),
    )
    assert read(builder.root, "HEAD").message == "geflickt: Größe\n"


def merged(builder: GitBuilder, commits: int) -> tuple[str, str]:
    """A merge of a branch, and its first parent."""
    builder.commit({"x.py": "a\n", "y.py": "y\n"})
    builder.git("checkout", "-q", "-b", "topic")
    for number in range(commits):
        builder.commit({"x.py": f"b{number}\n"})
    builder.git("checkout", "-q", "main")
    first = builder.commit({"y.py": "z\n"})
    builder.git("merge", "-q", "--no-ff", "-m", "Merge topic", "topic")
    return builder.git("rev-parse", "HEAD"), first


def test_a_merge_is_what_it_brought_to_its_first_parent(builder: GitBuilder) -> None:
    merge, first = merged(builder, 2)
    fix = read(builder.root, merge)
    assert (fix.parent, [file.path for file in fix.files]) == (first, ["x.py"])
    assert fix.notes == (f"it is a merge; the fix is what it brought to its first parent {first[:12]}",)


def test_a_merge_of_many_commits_is_no_fix(builder: GitBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_MERGED", 2)
    merge, first = merged(builder, 3)
    assert refusal(builder.root, merge) == (
        f"fix {merge!r}: it is a merge of 3 commits, more than a fix has (2); name the commit that holds the repair, "
        f"one of 'git log {first[:12]}..{merge[:12]}'"
    )


def test_several_commits_mend_together(builder: GitBuilder) -> None:
    before = builder.commit({"x.py": "a\n"})
    builder.commit({"x.py": "b\n"})
    after = builder.commit({"x.py": "c\n"})
    fix = read(builder.root, f"{before}..HEAD")
    assert (fix.parent, fix.commit) == (before, after)
    assert (fix.files[0].before, fix.files[0].after) == (b"a\n", b"c\n")
    assert fix.notes == (f"the fix is what lies between {before[:12]} and {after[:12]}",)


@pytest.mark.parametrize(
    ("commit", "reason"),
    [
        ("nowhere", "git knows no such commit here; check the name or 'git fetch' it"),
        ("0" * 40, "git knows no such commit here; check the name or 'git fetch' it"),
        ("", "a revision is not empty and does not begin with '-'; check the option"),
        ("--output=x", "a revision is not empty and does not begin with '-'; check the option"),
        ("HEAD~2", "it is the first commit, and there is nothing before it; name a later one"),
        ("HEAD~1", "it touches no Python; name a commit that does"),
        ("HEAD", "of Python it touches tests only (tests/a.py and 1 more); name the commit that mends the code"),
        ("HEAD..", "it is no range of two commits; write BEFORE..AFTER, or the one commit of the fix"),
        ("HEAD~1...HEAD", "it is no range of two commits; write BEFORE..AFTER, or the one commit of the fix"),
        ("HEAD..HEAD~1", "HEAD does not lead to HEAD~1; name the state before the fix first"),
        ("HEAD..HEAD", "HEAD does not lead to HEAD; name the state before the fix first"),
    ],
)
def test_what_is_no_fix_is_refused_with_what_to_do(builder: GitBuilder, commit: str, reason: str) -> None:
    builder.commit({"x.py": "a\n"})
    builder.commit({"README.md": "r\n"})
    builder.commit({"tests/a.py": "t\n", "tests/b.py": "t\n"})
    assert refusal(builder.root, commit) == f"fix {commit!r}: {reason}"


def test_a_commit_without_changes_is_refused(builder: GitBuilder) -> None:
    builder.commit({"x.py": "a\n"})
    builder.commit()
    assert refusal(builder.root, "HEAD") == "fix 'HEAD': it changes no file; name the commit that does"


def test_a_commit_that_only_moves_python_is_refused(builder: GitBuilder) -> None:
    builder.commit({"x.py": "a\n" * 9})
    builder.commit({"x.py": None, "y.py": "a\n" * 9})
    assert refusal(builder.root, "HEAD") == (
        "fix 'HEAD': it changes no line of Python, only names or modes of files; name the commit that mends the code"
    )


def test_python_that_cannot_be_read_is_refused(builder: GitBuilder) -> None:
    builder.commit({"x.py": "a\n"})
    builder.commit({"x.py": b"a\0\n"})
    assert refusal(builder.root, "HEAD") == (
        "fix 'HEAD': x.py could not be read: it holds NUL bytes, which Python refuses; look at it by hand"
    )


def test_a_sweep_over_many_files_is_refused_before_it_is_read(builder: GitBuilder) -> None:
    builder.commit({f"data/{number}.txt": "a\n" for number in range(301)})
    builder.commit({f"data/{number}.txt": "b\n" for number in range(301)} | {"x.py": "x\n"})
    assert refusal(builder.root, "HEAD") == (
        "fix 'HEAD': it touches 302 files, more than the 300 of a fix that can be read; "
        "name the commit that holds the repair alone"
    )


def test_renamed_files_count_once(builder: GitBuilder) -> None:
    builder.commit({f"data/{number}.txt": f"{number}\n" for number in range(299)})
    builder.git("mv", "data", "other")
    builder.commit({"x.py": "x\n"})
    assert [file.path for file in read(builder.root, "HEAD").files] == ["x.py"]


def test_too_much_python_is_refused(builder: GitBuilder) -> None:
    builder.commit({f"m{number}.py": "a\n" for number in range(61)})
    builder.commit({f"m{number}.py": "b\n" for number in range(61)})
    assert refusal(builder.root, "HEAD") == (
        "fix 'HEAD': it touches 61 Python files, more than the 60 of a fix that can be read; "
        "name the commit that holds the repair alone"
    )


def test_a_shallow_clone_lacks_what_was_before(builder: GitBuilder, tmp_path: Path) -> None:
    builder.commit({"x.py": "a\n"})
    builder.commit({"x.py": "b\n"})
    shallow = builder.clone(tmp_path / "shallow", "--depth=1")
    assert refusal(shallow.root, "HEAD") == (
        "fix 'HEAD': the commit before it is not here: the clone is shallow; "
        "fetch more history with 'git fetch --unshallow' or 'git fetch --deepen=50'"
    )


def test_a_partial_clone_lacks_the_contents(builder: GitBuilder, tmp_path: Path) -> None:
    builder.git("config", "uploadpack.allowFilter", "true")
    builder.commit({"x.py": "a\n"})
    builder.commit({"x.py": "b\n"})
    partial = builder.clone(tmp_path / "partial.git", "--bare", "--filter=blob:none")
    with pytest.raises(RepositoryError, match=r"^objects are missing from the repository .*'git fetch'"):
        read(partial.root, "HEAD")


def test_a_bare_repository_has_fixes_too(builder: GitBuilder, tmp_path: Path) -> None:
    builder.commit({"x.py": "a\n"})
    commit = builder.commit({"x.py": "b\n"})
    bare = builder.clone(tmp_path / "shop.git", "--bare")
    assert read(bare.root, "main").commit == commit


def test_a_sample_is_decided_by_the_paths_alone(builder: GitBuilder) -> None:
    files = {f"pkg/m{number}.py": f"{number}\n" * 10 for number in range(50)}
    builder.commit({**files, "tests/test_m.py": "t\n", "data.txt": "d\n", "stub.pyi": "s\n"})
    builder.commit({"later.py": "x\n" * 10})
    with GitRepository(builder.root) as repository:
        whole = repository.sample("HEAD~1", 10_000)
        some = repository.sample("HEAD~1", 101, ["pkg/m0.py"])
        again = repository.sample("HEAD", 101, ["pkg/m0.py", "later.py"])
    assert whole == {path: text.encode() for path, text in files.items()}
    assert len(some) == 11
    assert list(some) == [path for path in whole if path != "pkg/m0.py"][:11]
    assert list(again) == list(some)
