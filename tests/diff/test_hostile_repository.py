"""A repository whose configuration, attributes and links try to run or read what they must not."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest

from reviewer.diff.repository import GitRepository
from reviewer.domain.change import Hunk
from reviewer.errors import RepositoryError
from reviewer.ports import Scope, Selection
from tests.git_builder import GitBuilder

HOOKS = ("post-index-change", "reference-transaction", "post-checkout", "pre-commit", "fsmonitor-watchman")


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    """A directory in which any program started by the repository leaves a file."""
    directory = tmp_path / "proof"
    directory.mkdir()
    return directory


@pytest.fixture
def hostile(builder: GitBuilder, proof: Path, tmp_path: Path) -> GitBuilder:
    attributes = "*.py filter=f diff=d\n*.txt filter=g\n*.cfg filter=a=b\n"
    builder.commit(
        {"a.py": "a\n", "b.txt": "b\n", "c.cfg": "c\n", "tool": "#!/usr/bin/python\n", ".gitattributes": attributes}
    )
    builder.commit({"a.py": "a\nA\n", "b.txt": "b\nB\n", "c.cfg": "c\nC\n"})

    def program(name: str) -> str:
        script = tmp_path / "programs" / name
        script.parent.mkdir(exist_ok=True)
        script.write_text(f"#!/bin/sh\ntouch '{proof / name}'\ncat\n")
        script.chmod(0o755)
        return str(script)

    for key in (
        "filter.f.clean",
        "filter.f.smudge",
        "filter.g.process",
        "filter.a=b.clean",
        "diff.d.textconv",
        "diff.d.command",
        "diff.external",
        "core.fsmonitor",
        "core.pager",
        "pager.diff-tree",
        "pager.cat-file",
        "core.editor",
        "core.askPass",
        "core.sshCommand",
        "core.alternateRefsCommand",
        "credential.helper",
        "gpg.program",
        "remote.origin.uploadpack",
        "sequence.editor",
        "interactive.diffFilter",
    ):
        builder.git("config", key, program(key.replace("=", "-")))
    for key, value in {
        "filter.f.required": "true",
        "filter.a=b.required": "true",
        "filter.g.required": "true",
        "core.untrackedCache": "true",
        "remote.origin.url": "ext::" + program("transport"),
        "remote.origin.promisor": "true",
        "remote.origin.partialclonefilter": "blob:none",
        "extensions.partialClone": "origin",
        "core.repositoryformatversion": "1",
        "protocol.ext.allow": "always",
        "alias.diff-tree": "!" + program("alias"),
        "diff.algorithm": "patience",
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "diff.context": "7",
        "color.ui": "always",
        "core.quotePath": "false",
        "diff.orderFile": "/nowhere",
    }.items():
        builder.git("config", key, value)
    hooks = builder.root / ".git" / "hooks"
    for name in HOOKS:
        (hooks / name).write_text(Path(program(f"hook-{name}")).read_text())
        (hooks / name).chmod(0o755)
    for entry in proof.iterdir():
        entry.unlink()
    return builder


def test_the_traps_of_these_tests_do_spring(hostile: GitBuilder, proof: Path) -> None:
    hostile.write({"a.py": "a\nA\nx\n", "c.cfg": "cc\n"})
    for key in ("filter.g.process", "filter.g.required", "diff.orderFile", "diff.d.command", "diff.external"):
        with contextlib.suppress(AssertionError):  # git dies of some of these settings
            hostile.git("diff", "HEAD")
        hostile.git("config", "--unset", key)
    hostile.git("diff", "HEAD")
    sprung = {entry.name for entry in proof.iterdir()}
    assert {"diff.external", "diff.d.textconv", "filter.f.clean", "filter.a-b.clean", "core.fsmonitor"} <= sprung


@pytest.mark.parametrize("scope", Scope)
def test_no_program_of_the_repository_is_started(hostile: GitBuilder, proof: Path, scope: Scope) -> None:
    hostile.write({"a.py": "a\nA\nx\n", "b.txt": "bb\n", "c.cfg": "cc\n", "new.py": "n\n"})
    index = (hostile.root / ".git" / "index").read_bytes()
    os.utime(hostile.root / "tool", (1, 1))
    with GitRepository(hostile.root) as repository:
        change = repository.select(Selection(scope))
        repository.read(["a.py", "b.txt"], "HEAD")
        repository.read(["a.py", "b.txt"], None)
    assert sorted(entry.name for entry in proof.iterdir()) == []
    assert (hostile.root / ".git" / "index").read_bytes() == index
    hunks = {file.path: file.hunks for file in change.files}
    if scope is Scope.WORKTREE:
        assert hunks["a.py"] == (Hunk(2, 3, (), ("x",)),)
    if scope is Scope.RANGE:
        assert hunks["a.py"] == (Hunk(1, 2, (), ("A",)),)


def test_no_program_is_started_to_read_a_fix(hostile: GitBuilder, proof: Path) -> None:
    with GitRepository(hostile.root) as repository:
        fix = repository.fix("HEAD")
        sample = repository.sample("HEAD", 100)
    assert list(proof.iterdir()) == []
    assert (fix.repository, [file.added for file in fix.files]) == ("repo", [frozenset({2})])
    assert sample == {"a.py": b"a\nA\n"}


def test_a_missing_object_is_not_fetched(hostile: GitBuilder, proof: Path) -> None:
    blob = hostile.git("rev-parse", "HEAD:a.py")
    loose = hostile.root / ".git" / "objects" / blob[:2] / blob[2:]
    loose.unlink()
    with GitRepository(hostile.root) as repository:
        with pytest.raises(RepositoryError, match="git fetch"):
            repository.select(Selection(Scope.RANGE))
        whole = {file.path: file for file in repository.select(Selection(Scope.ALL)).files}
    assert whole["a.py"].failed == "its contents are missing from the repository; fetch them with 'git fetch'"
    assert whole["tool"].content == b"#!/usr/bin/python\n"
    assert list(proof.iterdir()) == []


def test_links_are_not_followed_out_of_the_work_tree(builder: GitBuilder, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("secret\n")
    builder.commit({"real/inside.py": "i\n"})
    (builder.root / "out.py").symlink_to(tmp_path / "secret.py")
    (builder.root / "up").symlink_to("..")
    (builder.root / "near").symlink_to("real")
    (builder.root / "loop.py").symlink_to("loop.py")
    (builder.root / "config.py").symlink_to(".git/config")
    os.mkfifo(builder.root / "pipe.py")
    paths = ["out.py", "up/secret.py", "near/inside.py", "loop.py", "config.py", "pipe.py", "../secret.py", "real"]
    paths += [str(tmp_path / "secret.py"), ".git/config", "real/inside.py/x", "a\0b", "", "x" * 5000]
    with GitRepository(builder.root) as repository:
        assert repository.read(paths, None) == {"near/inside.py": b"i\n"}
        change = repository.select(Selection(Scope.WORKTREE))
    contents = {file.path: (file.content, file.failed is not None or file.skipped is not None) for file in change.files}
    assert contents["out.py"] == (None, True)
    assert all(content is None for content, _ in contents.values())
    builder.git("add", "-A", ":!pipe.py")
    builder.git("commit", "-q", "-m", "links")
    with GitRepository(builder.root) as repository:
        assert repository.read([*paths, "real/inside.py"], "HEAD") == {
            "near/inside.py": b"i\n",
            "real/inside.py": b"i\n",
        }
        assert {file.skipped for file in repository.select(Selection()).files} == {"symlink"}


def test_configuration_cannot_point_the_work_tree_elsewhere(builder: GitBuilder, tmp_path: Path) -> None:
    builder.commit({"a.py": "a\n"})
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.py").write_text("secret\n")
    (elsewhere / "private.py").write_text("secret\n")
    builder.git("config", "core.worktree", str(elsewhere))
    with GitRepository(builder.root) as repository:
        assert repository.select(Selection(Scope.WORKTREE)).files == ()
        assert repository.read(["a.py", "private.py"], None) == {"a.py": b"a\n"}
    builder.git("config", "--unset", "core.worktree")
    bare = tmp_path / "bare"
    (builder.root / ".git").rename(bare)
    GitBuilder(bare, initialise=False).git("config", "core.worktree", str(elsewhere))
    with GitRepository(bare) as repository, pytest.raises(RepositoryError, match="has no work tree"):
        repository.select(Selection(Scope.WORKTREE))


def test_a_tree_with_paths_that_lead_outside_is_failed_and_not_read(builder: GitBuilder) -> None:
    builder.commit({"a.py": "a\n"})
    blob = builder.git("hash-object", "-w", "--stdin", stdin=b"x\n")
    entry = b"100644 x.py\0" + bytes.fromhex(blob)
    inner = builder.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=entry)
    outer = b"40000 ..\0" + bytes.fromhex(inner)
    tree = builder.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=outer)
    head = builder.git("commit-tree", "-m", "evil", tree)
    with GitRepository(builder.root) as repository:
        (file,) = repository.select(Selection(Scope.ALL, head=head)).files
    assert (file.path, file.content) == ("../x.py", None)
    assert file.failed is not None


def test_the_environment_of_a_hook_for_another_repository_is_outranked(
    builder: GitBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = GitBuilder(tmp_path / "other")
    other.commit({"other.py": "o\n"})
    builder.commit({"a.py": "a\n"})
    builder.write({"a.py": "b\n"})
    builder.git("add", "-A")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.root))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.root / ".git" / "index"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other.root / ".git" / "objects"))
    with GitRepository(builder.root) as repository:
        for scope in (Scope.RANGE, Scope.STAGED, Scope.WORKTREE, Scope.ALL):
            assert [file.path for file in repository.select(Selection(scope)).files] == ["a.py"]


def test_the_index_that_a_commit_is_made_from_is_the_one_reviewed(
    builder: GitBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    builder.commit({"a.py": "a\n"})
    builder.write({"a.py": "b\n"})
    index = builder.root / ".git" / "index"
    before = index.read_bytes()
    builder.git("add", "-A")
    (builder.root / ".git" / "next-index-1.lock").write_bytes(index.read_bytes())
    index.write_bytes(before)
    with GitRepository(builder.root) as repository:
        assert repository.select(Selection(Scope.STAGED)).files == ()
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/next-index-1.lock")
    with GitRepository(builder.root) as repository:
        assert [file.content for file in repository.select(Selection(Scope.STAGED)).files] == [b"b\n"]
