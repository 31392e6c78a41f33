"""What is compared with what when a person names no revisions, and what is said when history is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.diff.repository import GitRepository
from reviewer.domain.change import Change
from reviewer.errors import RevisionError
from reviewer.ports import Selection
from tests.git_builder import GitBuilder


def review(builder: GitBuilder, base: str | None = None, head: str | None = None) -> Change:
    with GitRepository(builder.root) as repository:
        return repository.select(Selection(base=base, head=head))


@pytest.fixture
def clone(builder: GitBuilder, tmp_path: Path) -> GitBuilder:
    """A clone on branch topic, two commits ahead of origin/main."""
    builder.commit({"a.py": "a\n"})
    clone = builder.clone(tmp_path / "clone")
    clone.git("checkout", "-q", "-b", "topic", "--no-track")
    clone.commit({"b.py": "b\n"})
    clone.commit({"c.py": "c\n"})
    return clone


def test_a_range_begins_at_the_merge_base(builder: GitBuilder) -> None:
    fork = builder.commit({"a.py": "a\n"})
    builder.git("checkout", "-q", "-b", "topic")
    head = builder.commit({"b.py": "b\n"})
    builder.git("checkout", "-q", "main")
    builder.commit({"c.py": "c\n"})
    change = review(builder, "main", "topic")
    assert (change.base, change.head, [file.path for file in change.files]) == (fork, head, ["b.py"])


def test_the_upstream_comes_before_the_default_branch(clone: GitBuilder) -> None:
    clone.git("update-ref", "refs/remotes/origin/topic", "HEAD^")
    clone.git("branch", "-q", "--set-upstream-to", "origin/topic")
    assert [file.path for file in review(clone).files] == ["c.py"]
    clone.git("checkout", "-q", "main")
    assert [file.path for file in review(clone, head="topic").files] == ["c.py"]


def test_without_an_upstream_the_default_branch_of_origin_is_the_base(clone: GitBuilder) -> None:
    for name in ("HEAD", "main", "master"):
        assert [file.path for file in review(clone).files] == ["b.py", "c.py"], name
        following = {"HEAD": ("-d", "refs/remotes/origin/HEAD"), "main": ("-d", "refs/remotes/origin/main")}.get(name)
        if name == "HEAD":
            clone.git("symbolic-ref", "-d", "refs/remotes/origin/HEAD")
        elif following is not None:
            clone.git("update-ref", "refs/remotes/origin/master", "refs/remotes/origin/main")
            clone.git("update-ref", *following)


def test_a_detached_head_is_compared_with_the_default_branch_too(clone: GitBuilder) -> None:
    clone.git("checkout", "-q", "--detach")
    assert [file.path for file in review(clone).files] == ["b.py", "c.py"]


def test_without_any_remote_the_local_main_is_the_base(builder: GitBuilder) -> None:
    builder.commit({"a.py": "a\n"})
    builder.git("checkout", "-q", "-b", "topic")
    builder.commit({"b.py": "b\n"})
    builder.commit({"c.py": "c\n"})
    change = review(builder)
    assert [file.path for file in change.files] == ["b.py", "c.py"]
    assert change.notes == ()


def test_in_a_bare_repository_the_branch_of_its_head_is_the_base(builder: GitBuilder, tmp_path: Path) -> None:
    builder.git("checkout", "-q", "-b", "trunk")
    fork = builder.commit({"a.py": "a\n"})
    builder.git("checkout", "-q", "-b", "topic")
    builder.commit({"b.py": "b\n"})
    builder.commit({"c.py": "c\n"})
    builder.git("checkout", "-q", "trunk")
    bare = GitBuilder(tmp_path / "bare", initialise=False)
    builder.git("clone", "-q", "--bare", builder.root, bare.root)
    change = review(bare, head="topic")
    assert (change.base, [file.path for file in change.files]) == (fork, ["b.py", "c.py"])


def test_on_main_without_a_remote_the_last_commit_is_reviewed_and_a_note_says_so(builder: GitBuilder) -> None:
    builder.commit({"a.py": "a\n"})
    base = builder.commit({"b.py": "b\n"})
    builder.commit({"c.py": "c\n"})
    change = review(builder)
    assert (change.base, [file.path for file in change.files]) == (base, ["c.py"])
    assert len(change.notes) == 1
    assert "only the last commit of HEAD" in change.notes[0]


def test_the_first_commit_is_compared_with_nothing(builder: GitBuilder) -> None:
    head = builder.commit({"a.py": "a\n"})
    change = review(builder)
    assert (change.base, change.head, [file.path for file in change.files]) == (None, head, ["a.py"])


def test_hashes_of_another_length_are_understood(tmp_path: Path) -> None:
    builder = GitBuilder(tmp_path, initialise=False)
    builder.git("init", "-q", "-b", "main", "--object-format=sha256")
    builder.commit({"a.py": "a\n"})
    assert [file.content for file in review(builder).files] == [b"a\n"]
    builder.commit({"a.py": "b\n"})
    assert [file.content for file in review(builder).files] == [b"b\n"]


def test_nothing_new_is_an_empty_change_with_a_note(clone: GitBuilder) -> None:
    clone.git("checkout", "-q", "main")
    change = review(clone)
    assert change.files == ()
    assert "origin/main already has every commit of HEAD" in change.notes[0]


def test_a_repository_without_a_commit_says_so(builder: GitBuilder) -> None:
    with pytest.raises(RevisionError, match="there is no commit here yet; --staged and --worktree need none"):
        review(builder)


def test_a_commit_that_is_named_but_gone_is_not_told_as_never_made(builder: GitBuilder) -> None:
    head = builder.commit({"x.py": "1\n"})
    (builder.root / ".git" / "objects" / head[:2] / head[2:]).unlink()
    with pytest.raises(RevisionError, match="git knows no such commit here"):
        review(builder)


@pytest.mark.parametrize("revision", ["main~1..main", "main...main"])
def test_a_range_in_place_of_a_commit_is_told_how_to_be_given(builder: GitBuilder, revision: str) -> None:
    builder.commit({"x.py": "1\n"})
    with pytest.raises(RevisionError, match="this is a range and no commit; give its ends with --base and --head"):
        review(builder, revision)


def test_a_base_that_has_everything_is_told(builder: GitBuilder) -> None:
    builder.commit({"x.py": "1\n"})
    change = review(builder, "HEAD")
    assert change.files == ()
    assert change.notes == ("nothing is new: HEAD already has every commit of HEAD; name another --base",)


def test_unrelated_histories_are_refused(builder: GitBuilder) -> None:
    builder.commit({"a.py": "a\n"})
    builder.git("checkout", "-q", "--orphan", "other")
    builder.commit({"b.py": "b\n"})
    with pytest.raises(RevisionError, match="no commit in common"):
        review(builder, "main")


def test_a_shallow_clone_tells_how_to_get_the_missing_history(builder: GitBuilder, tmp_path: Path) -> None:
    first = builder.commit({"a.py": "a\n"})
    builder.git("checkout", "-q", "-b", "topic")
    builder.commit({"b.py": "b\n"})
    builder.commit({"c.py": "c\n"})
    builder.git("checkout", "-q", "main")
    builder.commit({"d.py": "d\n"})
    alone = builder.clone(tmp_path / "alone", "--depth=1", "--branch=topic")
    both = builder.clone(tmp_path / "both", "--depth=1", "--no-single-branch")
    alone.git("remote", "remove", "origin")
    for clone, base, head in ((alone, None, None), (alone, first, None), (both, "origin/main", "origin/topic")):
        with pytest.raises(RevisionError) as caught:
            review(clone, base, head)
        assert "git fetch --unshallow" in str(caught.value)
        assert "--deepen" in str(caught.value)


def test_replaced_objects_do_not_hide_what_is_deployed(builder: GitBuilder) -> None:
    builder.commit({"a.py": "a\n"})
    builder.commit({"a.py": "evil\n"})
    innocent = builder.git("hash-object", "-w", "--stdin", stdin=b"innocent\n")
    builder.git("replace", builder.git("rev-parse", "HEAD:a.py"), innocent)
    assert [file.content for file in review(builder).files] == [b"evil\n"]
