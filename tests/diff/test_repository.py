from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from reviewer.diff.place import locate
from reviewer.diff.program import GitProgram
from reviewer.diff.repository import GitRepository
from reviewer.domain.change import Change, ChangeKind, FileChange, Hunk
from reviewer.errors import RepositoryError, RevisionError, UsageError
from reviewer.ports import INDEX, Repository, Scope, Selection
from tests.git_builder import GitBuilder


def select(root: Path, scope: Scope = Scope.RANGE, **options: str | tuple[str, ...]) -> Change:
    paths = options.pop("paths", ())
    base, head = options.pop("base", None), options.pop("head", None)
    assert not isinstance(base, tuple)
    assert not isinstance(head, tuple)
    assert isinstance(paths, tuple)
    with GitRepository(root) as repository:
        return repository.select(Selection(scope, base, head, paths))


def by_path(change: Change) -> dict[str, FileChange]:
    return {file.path: file for file in change.files}


def test_the_class_keeps_the_protocol(builder: GitBuilder) -> None:
    with GitRepository(builder.root) as repository:
        kept: Repository = repository
        assert kept.name == str(builder.root)


def test_a_range_holds_hunks_and_both_contents(builder: GitBuilder) -> None:
    base = builder.commit({"pkg/x.py": "a\nb\nc\n", "same.py": "s\n"})
    head = builder.commit({"pkg/x.py": "a\nB\nc\nd\n"})
    assert select(builder.root, base=base, head=head) == Change(
        repository=str(builder.root),
        base=base,
        head=head,
        files=(
            FileChange(
                path="pkg/x.py",
                kind=ChangeKind.MODIFIED,
                hunks=(Hunk(2, 2, ("b",), ("B",)), Hunk(3, 4, (), ("d",))),
                content=b"a\nB\nc\nd\n",
                old_content=b"a\nb\nc\n",
            ),
        ),
    )


def test_every_kind_of_change_is_named_and_only_python_is_read(builder: GitBuilder) -> None:
    text = "".join(f"line {n}\n" for n in range(30))
    builder.commit(
        {"gone.py": "x\n", "old.py": text, "mode.py": "m\n", "data.json": "{}\n", "pic.png": b"\0\1", "link": "l\n"}
    )
    builder.write({"gone.py": None, "old.py": None, "link": None})
    (builder.root / "mode.py").chmod(0o755)
    (builder.root / "link").symlink_to("/etc/passwd")
    builder.commit(
        {
            "pkg/new name.py": text + "more\n",
            "added.py": "a\n",
            "data.json": "[]\n",
            "pic.png": b"\0\2",
            "stub.pyi": "x: int\n",
            "bin/tool": "#!/usr/bin/env python3\nx\n",
            "Makefile": "all:\n",
            "empty.py": "",
        }
    )
    files = by_path(select(builder.root))
    assert {path: (file.kind.value, file.skipped, file.content is not None) for path, file in files.items()} == {
        "Makefile": ("added", "not Python", False),
        "added.py": ("added", None, True),
        "bin/tool": ("added", None, True),
        "data.json": ("modified", "not Python", False),
        "empty.py": ("added", None, True),
        "gone.py": ("deleted", "deleted", False),
        "link": ("modified", "symlink", False),
        "mode.py": ("mode", "only its mode changed", False),
        "pic.png": ("modified", "binary", False),
        "pkg/new name.py": ("renamed", None, True),
        "stub.pyi": ("added", "type stub", False),
    }
    renamed = files["pkg/new name.py"]
    assert (renamed.old_path, renamed.old_content) == ("old.py", text.encode())
    assert renamed.hunks == (Hunk(30, 31, (), ("more",)),)
    assert files["added.py"].old_content is None


def test_a_copied_file_shows_only_what_differs(builder: GitBuilder) -> None:
    text = "".join(f"line {n}\n" for n in range(30))
    builder.commit({"a.py": text})
    builder.commit({"a.py": text + "end\n", "b.py": text + "more\n"})
    copied = by_path(select(builder.root))["b.py"]
    assert (copied.kind, copied.old_path, copied.hunks) == (ChangeKind.COPIED, "a.py", (Hunk(30, 31, (), ("more",)),))


def test_text_that_becomes_python_by_a_rename_counts_as_a_whole(builder: GitBuilder) -> None:
    builder.commit({"evil.txt": "a\nb\n"})
    builder.git("mv", "evil.txt", "evil.py")
    (file,) = select(builder.root, Scope.STAGED).files
    assert (file.path, file.whole, file.hunks, file.content) == ("evil.py", True, (), b"a\nb\n")


@pytest.mark.parametrize("name", ['quote".py', "line\nfeed.py", "tab\t.py", "ä.py", "\udcff.py", " lead.py", "a\\b.py"])
def test_strange_names_survive_everywhere(builder: GitBuilder, name: str) -> None:
    builder.commit({name: "a\n"})
    builder.commit({name: "b\n"})
    (file,) = select(builder.root).files
    assert (file.path, file.content, file.old_content, file.hunks) == (
        name,
        b"b\n",
        b"a\n",
        (Hunk(1, 1, ("a",), ("b",)),),
    )
    assert [file.path for file in select(builder.root, Scope.ALL).files] == [name]
    builder.write({name: "c\n"})
    (file,) = select(builder.root, Scope.WORKTREE).files
    assert (file.path, file.content) == (name, b"c\n")
    with GitRepository(builder.root) as repository:
        assert repository.read([name, "missing.py"], "HEAD") == {name: b"b\n"}
        assert repository.read([name, "missing.py"], None) == {name: b"c\n"}


def test_all_takes_every_file_at_head_as_a_whole(builder: GitBuilder) -> None:
    head = builder.commit({"a.py": "a\n", "pkg/b.py": "b\n", "c.txt": "c\n"})
    builder.commit({"later.py": "l\n"})
    change = select(builder.root, Scope.ALL, head=head)
    assert (change.base, change.head) == (None, head)
    assert [(file.path, file.whole, file.hunks, file.content, file.skipped) for file in change.files] == [
        ("a.py", True, (), b"a\n", None),
        ("c.txt", False, (), None, "not Python"),
        ("pkg/b.py", True, (), b"b\n", None),
    ]


def test_pathspecs_narrow_and_are_relative_to_the_directory_given(builder: GitBuilder) -> None:
    builder.commit({"a.py": "a\n", "pkg/b.py": "b\n", "pkg/deep/c.py": "c\n"})
    assert [f.path for f in select(builder.root, Scope.ALL, paths=("pkg",)).files] == ["pkg/b.py", "pkg/deep/c.py"]
    assert [f.path for f in select(builder.root, Scope.ALL, paths=("*.py", ":!pkg")).files] == ["a.py"]
    assert [f.path for f in select(builder.root / "pkg", Scope.ALL, paths=("deep",)).files] == ["pkg/deep/c.py"]
    assert len(select(builder.root / "pkg", Scope.ALL).files) == 3
    assert select(builder.root, Scope.ALL, paths=("nope",)).notes == ("no changed file matches nope; check --path",)
    with pytest.raises(UsageError, match="check --path"):
        select(builder.root, Scope.ALL, paths=(":(nonsense)x",))
    with pytest.raises(UsageError, match="check --path"):
        select(builder.root, Scope.ALL, paths=("a\0b",))


def test_staged_is_what_the_index_has_beyond_head(builder: GitBuilder) -> None:
    head = builder.commit({"a.py": "a\n", "b.py": "b\n"})
    builder.write({"a.py": "staged\n", "new.py": "n\n"})
    builder.git("add", "-A")
    builder.write({"a.py": "not staged\n", "b.py": "not staged\n", "untracked.py": "u\n"})
    change = select(builder.root, Scope.STAGED)
    assert (change.base, change.head) == (head, None)
    assert [(file.path, file.content, file.old_content) for file in change.files] == [
        ("a.py", b"staged\n", b"a\n"),
        ("new.py", b"n\n", None),
    ]
    with GitRepository(builder.root) as repository:
        assert repository.read(["a.py", "b.py"], INDEX) == {"a.py": b"staged\n", "b.py": b"b\n"}


def test_worktree_is_all_that_is_not_committed_but_nothing_ignored(builder: GitBuilder) -> None:
    builder.commit({"a.py": "a\n", "b.py": "b\n", "gone.py": "g\n", "touched.py": "t\n", ".gitignore": "ignored.py\n"})
    builder.write({"a.py": "staged\n"})
    builder.git("add", "-A")
    builder.write(
        {"b.py": "b\nB\n", "gone.py": None, "pkg/new.py": "n\nm", "pkg/x.txt": "x", "ignored.py": "i\n", "é.py": ""}
    )
    os.utime(builder.root / "touched.py", (1, 1))
    files = by_path(select(builder.root, Scope.WORKTREE))
    assert {path: (file.content, file.hunks, file.skipped) for path, file in files.items()} == {
        "a.py": (b"staged\n", (Hunk(1, 1, ("a",), ("staged",)),), None),
        "b.py": (b"b\nB\n", (Hunk(1, 2, (), ("B",)),), None),
        "gone.py": (None, (Hunk(1, 0, ("g",), ()),), "deleted"),
        "pkg/new.py": (b"n\nm", (Hunk(0, 1, (), ("n", "m")),), None),
        "pkg/x.txt": (None, (), "not Python"),
        "é.py": (b"", (), None),
    }
    assert [file.path for file in select(builder.root / "pkg", Scope.WORKTREE, paths=(".",)).files] == [
        "pkg/new.py",
        "pkg/x.txt",
    ]
    assert len(select(builder.root / "pkg", Scope.WORKTREE).files) == 6


@pytest.mark.parametrize("scope", [Scope.STAGED, Scope.WORKTREE])
def test_before_the_first_commit_everything_is_new(builder: GitBuilder, scope: Scope) -> None:
    builder.write({"a.py": "a\n"})
    builder.git("add", "-A")
    change = select(builder.root, scope)
    assert (change.base, change.head) == (None, None)
    assert [(file.path, file.kind, file.content) for file in change.files] == [("a.py", ChangeKind.ADDED, b"a\n")]


def test_a_staged_file_with_conflicts_is_failed_and_one_of_the_work_tree_shows_its_markers(builder: GitBuilder) -> None:
    builder.commit({"a.py": "a\n"})
    builder.git("checkout", "-q", "-b", "other")
    builder.commit({"a.py": "other\n"})
    builder.git("checkout", "-q", "main")
    builder.commit({"a.py": "main\n"})
    with pytest.raises(AssertionError):
        builder.git("merge", "other")
    (file,) = select(builder.root, Scope.STAGED).files
    assert file.failed == "it has merge conflicts; resolve them and review again"
    (file,) = select(builder.root, Scope.WORKTREE).files
    assert file.content == b"<<<<<<< HEAD\nmain\n=======\nother\n>>>>>>> other\n"


def test_files_over_the_limit_are_failed_and_say_what_to_raise(builder: GitBuilder) -> None:
    builder.commit({"a.py": "x = 1\n" * 100, "b.py": "b\n", "blob": "x" * 300})
    with GitRepository(builder.root, file_bytes=200) as repository:
        big, small, blob = (repository.select(Selection()).files[n] for n in (0, 1, 2))
        assert big.failed == "its 600 bytes are larger than the limit of 200; raise limits.file-bytes"
        assert (small.path, small.content) == ("b.py", b"b\n")
        assert blob.skipped == "not Python"
        assert repository.read(["a.py", "b.py"], "HEAD") == {"b.py": b"b\n"}
        assert repository.read(["a.py", "b.py"], None) == {"b.py": b"b\n"}


def test_an_object_too_large_to_read_past_does_not_disturb_the_others(builder: GitBuilder) -> None:
    builder.commit({"a.py": "a\n", "b.py": b"#" * (40 * 1024 * 1024), "c.py": "c\n"})
    files = by_path(select(builder.root, Scope.ALL))
    assert (files["a.py"].content, files["c.py"].content) == (b"a\n", b"c\n")
    assert files["b.py"].failed is not None


def test_python_with_nul_bytes_is_failed_and_not_passed_over_as_binary(builder: GitBuilder) -> None:
    builder.commit({"a.py": b"a\0\n"})
    (file,) = select(builder.root).files
    assert file.failed is not None
    assert "NUL" in file.failed


@pytest.mark.parametrize("attribute", ["binary", "-diff"])
def test_attributes_cannot_hide_python_as_binary(builder: GitBuilder, attribute: str) -> None:
    builder.commit({"a.py": "a\nb\n", "moved.py": "".join(f"{n}\n" for n in range(50))})
    builder.git("mv", "moved.py", "there.py")
    builder.commit(
        {
            ".gitattributes": f"*.py {attribute}\n",
            "a.py": "a\nB\n",
            "new.py": "n\n",
            "there.py": "".join(f"{n}\n" for n in range(51)),
        }
    )
    files = by_path(select(builder.root))
    assert files["a.py"].hunks == (Hunk(2, 2, ("b",), ("B",)),)
    assert files["new.py"].hunks == (Hunk(0, 1, (), ("n",)),)
    assert files["there.py"].hunks == (Hunk(50, 51, (), ("50",)),) or files["there.py"].whole


def test_a_submodule_is_skipped_and_never_entered(builder: GitBuilder, tmp_path: Path) -> None:
    inner = GitBuilder(tmp_path / "inner")
    inner.commit({"x.py": "x\n"})
    builder.commit({"a.py": "a\n"})
    builder.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.root), "sub")
    builder.commit()
    files = by_path(select(builder.root))
    assert files["sub"].skipped == "submodule"
    GitBuilder(builder.root / "sub", initialise=False).write({"x.py": "dirty\n"})
    assert select(builder.root, Scope.WORKTREE).files == ()
    assert [file.path for file in select(builder.root / "sub", Scope.WORKTREE).files] == ["x.py"]


def test_bare_repositories_are_reviewed_even_without_a_config_file(builder: GitBuilder, tmp_path: Path) -> None:
    base = builder.commit({"a.py": "a\n"})
    head = builder.commit({"a.py": "b\n"})
    bare = tmp_path / "bare.git"
    builder.git("clone", "-q", "--bare", builder.root, bare)
    builder.git("--git-dir", bare, "pack-refs", "--all")
    for entry in bare.iterdir():
        if entry.name not in {"HEAD", "objects", "packed-refs", "refs"}:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    change = select(bare)
    assert (change.repository, change.base, change.head) == (str(bare), base, head)
    assert [(file.path, file.content) for file in change.files] == [("a.py", b"b\n")]
    for scope in (Scope.STAGED, Scope.WORKTREE):
        with pytest.raises(RepositoryError, match="has no work tree"):
            select(bare, scope)
    with GitRepository(bare) as repository:
        assert repository.read(["a.py"], "HEAD^") == {"a.py": b"a\n"}
        with pytest.raises(RepositoryError, match="has no work tree"):
            repository.read(["a.py"], None)


def test_a_linked_work_tree_has_its_own_head_and_files(builder: GitBuilder, tmp_path: Path) -> None:
    builder.commit({"a.py": "a\n"})
    linked = GitBuilder(tmp_path / "linked", initialise=False)
    builder.git("worktree", "add", "-q", "-b", "topic", linked.root)
    linked.commit({"a.py": "b\n"})
    linked.write({"a.py": "c\n"})
    assert [file.content for file in select(linked.root).files] == [b"b\n"]
    assert [file.content for file in select(linked.root, Scope.WORKTREE).files] == [b"c\n"]
    assert select(builder.root, Scope.WORKTREE).files == ()


def test_a_path_outside_of_the_repository_is_wrong_usage(builder: GitBuilder) -> None:
    builder.commit({"x.py": "1\n"})
    with pytest.raises(UsageError, match=re.escape("is outside repository")) as caught:
        select(builder.root, Scope.ALL, paths=("../x.py",))
    assert str(caught.value).endswith("; check --path")


def test_what_is_no_repository_is_told_in_one_line(tmp_path: Path) -> None:
    for directory in (tmp_path, tmp_path / "missing"):
        with pytest.raises(RepositoryError, match=r"name one with --repo$"):
            GitRepository(directory)


def test_a_repository_of_another_user_is_told_with_the_command_that_trusts_it(
    builder: GitBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    builder.commit({"a.py": "a\n"})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(RepositoryError) as caught:
        select(builder.root)
    assert f"git config --global --add safe.directory '{builder.root}'" in str(caught.value)


def test_git_that_cannot_be_started_is_told_in_one_line(builder: GitBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "bin")
    with pytest.raises(RepositoryError, match="install git"):
        GitRepository(builder.root)


@pytest.mark.skipif(os.name == "nt", reason="a script with a first line")
def test_a_git_of_the_repository_itself_is_not_started(builder: GitBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    builder.commit({"a.py": "a\n", "bin/git": "#!/bin/sh\ntouch started\n"})
    (builder.root / "bin" / "git").chmod(0o755)
    monkeypatch.chdir(builder.root)
    monkeypatch.setenv("PATH", os.pathsep.join(("bin", "", os.environ["PATH"])))
    assert "a.py" in by_path(select(builder.root))
    assert not (builder.root / "started").exists()


@pytest.mark.skipif(os.name == "nt", reason="a script with a first line")
def test_a_git_that_gives_no_answer_is_not_waited_for(
    builder: GitBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = locate(builder.root)
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join((str(program.parent), os.environ["PATH"])))
    with pytest.raises(RepositoryError, match="git status took longer than 0 seconds"):
        GitProgram(place, big_file_bytes=1).run("status", seconds=0.2)


@pytest.mark.parametrize("name", ["plain", "line\nfeed", "with space", "é"])
@pytest.mark.parametrize("where", [".", "inner", ".git", ".git/refs"])
def test_a_repository_is_found_from_each_of_its_folders(tmp_path: Path, name: str, where: str) -> None:
    builder = GitBuilder(tmp_path / name)
    builder.commit({"inner/a.py": "a\n"})
    place = locate(builder.root / where)
    assert (place.git_dir, place.work_tree) == (builder.root / ".git", builder.root)
    assert place.start == (builder.root / "inner" if where == "inner" else builder.root)


def test_a_bare_repository_below_a_work_tree_is_not_taken_for_it(builder: GitBuilder) -> None:
    builder.git("init", "-q", "--bare", "vendor/bare")
    place = locate(builder.root / "vendor" / "bare" / "refs")
    assert (place.git_dir, place.work_tree) == (builder.root / "vendor" / "bare", None)


def test_a_linked_work_tree_of_a_hidden_bare_repository_is_one(tmp_path: Path) -> None:
    root = GitBuilder(tmp_path / "x")
    root.commit({"a.py": "a\n"})
    home = tmp_path / "home"
    home.mkdir()
    root.git("clone", "-q", "--bare", ".", str(home / ".bare"))
    (home / ".git").write_text("gitdir: ./.bare\n")
    root.git("-C", str(home), "worktree", "add", "-q", str(home / "main"))
    assert locate(home).work_tree is None
    assert locate(home / "main").work_tree == home / "main"
    assert locate(home / "main").common_dir == home / ".bare"


def test_a_work_tree_file_that_cannot_be_read_is_failed(builder: GitBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    builder.commit({"a.py": "a\n"})
    builder.write({"a.py": "b\n", "new.py": "n\n"})
    opened = os.open

    def refuse(path: str | bytes, flags: int) -> int:
        if os.fsencode(path).endswith(b"new.py"):
            raise PermissionError(13, "Permission denied")
        return opened(path, flags)

    monkeypatch.setattr(os, "open", refuse)
    files = by_path(select(builder.root, Scope.WORKTREE))
    assert files["a.py"].content == b"b\n"
    assert files["new.py"].failed == "it cannot be read (Permission denied); check its permissions"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_git_giving_up_on_an_unreadable_file_does_not_cost_the_others(builder: GitBuilder) -> None:
    builder.commit({"a.py": "a\n", "b.py": "b\n"})
    builder.write({"a.py": "aa\n", "b.py": "bb\n", "closed/c.py": "c\n"})
    (builder.root / "a.py").chmod(0)
    (builder.root / "closed").chmod(0)
    files = by_path(select(builder.root, Scope.WORKTREE))
    (builder.root / "closed").chmod(0o700)
    assert files["b.py"].content == b"bb\n"
    assert files["a.py"].failed is not None
    assert files["closed"].failed is not None


def test_a_review_of_a_clone_starts_at_most_five_processes(
    builder: GitBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    builder.commit({f"m{n}.py": "a\n" for n in range(50)})
    clone = builder.clone(tmp_path / "clone")
    clone.git("checkout", "-q", "-b", "topic", "--track", "origin/main")
    clone.commit({f"m{n}.py": "b\n" for n in range(50)})
    select(clone.root)
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE", str(trace))
    assert len(select(clone.root).files) == 50
    started = re.findall(r"trace: built-in: git (\S+)", trace.read_text())
    assert started == ["rev-parse", "cat-file", "rev-parse", "merge-base", "diff-tree"]


def test_revisions_that_git_does_not_know_are_told(builder: GitBuilder) -> None:
    builder.commit({"a.py": "a\n"})
    for revision in ("nope", "--output=x", "", "a\nb", "HEAD^5", "HEAD:a.py", "@{upstream}"):
        with pytest.raises(RevisionError) as caught:
            select(builder.root, base=revision)
        assert caught.value.revision == revision
        with GitRepository(builder.root) as repository, pytest.raises(RevisionError):
            repository.read(["a.py"], revision)
