"""The pre-push hook, with real pushes to a real bare repository."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.errors import UsageError
from reviewer.surfaces.hook.push import Pushed, read_lines
from reviewer.surfaces.hook.shim import shim
from tests.surfaces.conftest import ROOT, Shop

ZERO, ONE = "0" * 40, "1" * 40


@pytest.fixture
def guarded(shop: Shop) -> Shop:
    """The shop with the hook installed."""
    assert shop.reviewer("hook", "install").returncode == 0
    return shop


def push(shop: Shop, *arguments: str) -> subprocess.CompletedProcess[str]:
    return shop.git("push", *(arguments or ("origin", "HEAD")), check=False)


def remote(shop: Shop, ref: str = "refs/heads/main") -> str:
    return shop.git("rev-parse", "--verify", "-q", ref, cwd=shop.remote, check=False).stdout.strip()


def test_a_push_without_findings_goes_through_and_says_so_in_one_line(guarded: Shop) -> None:
    head = guarded.commit(app="x = 2\n")
    done = push(guarded)
    assert done.returncode == 0
    assert remote(guarded) == head
    assert "reviewer: Pass: nothing found in 1 file" in done.stdout + done.stderr


def test_a_push_with_a_finding_is_stopped_and_shows_it(guarded: Shop) -> None:
    before = remote(guarded)
    guarded.commit(app="LOUD()\n")
    done = push(guarded)
    assert done.returncode != 0
    assert remote(guarded) == before
    assert "HIGH LOUD in LOUD()" in done.stdout + done.stderr
    assert "the push is stopped" in done.stderr
    assert push(guarded, "--no-verify", "origin", "HEAD").returncode == 0


def test_the_hook_shows_findings_without_the_questions_and_names_no_option_that_nobody_can_give(
    guarded: Shop,
) -> None:
    guarded.environment["PYTHONPATH"] = str(ROOT)
    # However busy the machine is.
    (guarded.folder / "pyproject.toml").write_text("[tool.reviewer.hook]\nseconds = 600\n", encoding="utf-8")
    guarded.commit()
    push(guarded, "--no-verify", "origin", "HEAD")
    guarded.commit(app="import requests\n\n\ndef load(url):\n    return requests.get(url).json()['a']\n")
    done = push(guarded)
    said = done.stdout + done.stderr
    assert "no-timeout" in said
    assert "(not shown)" in said
    assert "for the full report: 'reviewer review --base " in said
    assert len(done.stdout.splitlines()) <= 7, "what does not stop a push is told in a few lines"
    assert "Give a timeout" not in said
    assert "The four questions" not in said
    assert "--show-quiet" not in said


def test_only_what_is_pushed_is_judged(guarded: Shop) -> None:
    guarded.commit(app="LOUD()\n")
    push(guarded, "--no-verify", "origin", "HEAD")
    guarded.commit(app="LOUD()\nx = 1\n")
    (guarded.folder / "app.py").write_text("LOUD('not committed')\n", encoding="utf-8")
    assert push(guarded).returncode == 0


def test_a_new_branch_is_judged_from_where_the_remote_is(guarded: Shop) -> None:
    guarded.commit(app="LOUD()\n")
    push(guarded, "--no-verify", "origin", "HEAD")
    guarded.git("checkout", "-qb", "feature")
    guarded.commit(other="x = 1\n")
    assert push(guarded, "origin", "feature").returncode == 0
    guarded.git("checkout", "-qb", "second")
    guarded.commit(other="LOUD()\n")
    assert push(guarded, "origin", "second").returncode != 0


def test_a_branch_that_brings_nothing_new_goes_through(guarded: Shop) -> None:
    guarded.git("branch", "same")
    assert push(guarded, "origin", "same").returncode == 0
    assert remote(guarded, "refs/heads/same") == remote(guarded)


def test_a_deletion_goes_through(guarded: Shop) -> None:
    guarded.git("branch", "old")
    push(guarded, "origin", "old")
    assert push(guarded, "origin", ":old").returncode == 0
    assert remote(guarded, "refs/heads/old") == ""


def test_tags_are_judged_by_their_commit(guarded: Shop) -> None:
    guarded.commit(app="LOUD()\n")
    guarded.git("tag", "-a", "v1", "-m", "v1")
    assert push(guarded, "origin", "v1").returncode != 0
    blob = guarded.git("hash-object", "-w", "app.py").stdout.strip()
    guarded.git("tag", "blob", blob)
    assert push(guarded, "origin", "blob").returncode == 0


def test_several_refs_with_one_head_are_judged_once(guarded: Shop) -> None:
    guarded.commit(app="LOUD()\n")
    guarded.git("branch", "copy")
    guarded.git("tag", "v1")
    done = push(guarded, "origin", "main", "copy", "v1")
    assert done.returncode != 0
    assert (done.stdout + done.stderr).count("HIGH LOUD") == 1


def test_one_ref_with_a_finding_stops_the_push_of_several(guarded: Shop) -> None:
    guarded.git("checkout", "-qb", "bad")
    guarded.commit(app="LOUD()\n")
    guarded.git("checkout", "-q", "main")
    guarded.commit(app="x = 3\n")
    assert push(guarded, "origin", "main", "bad").returncode != 0
    assert remote(guarded, "refs/heads/bad") == ""


def test_a_forced_push_over_commits_that_are_not_here_is_judged_from_the_common_ancestor(
    guarded: Shop, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    guarded.git("clone", "-q", str(guarded.remote), str(other))
    (other / "theirs.py").write_text("LOUD('theirs')\n", encoding="utf-8")
    guarded.git("add", "-A", cwd=other)
    guarded.git("commit", "-qm", "theirs", cwd=other)
    guarded.git("push", "-q", "origin", "main", cwd=other)
    guarded.commit(app="x = 4\n")
    assert push(guarded, "--force", "origin", "main").returncode == 0
    assert "HIGH" not in push(guarded, "--force", "origin", "main").stdout


def test_a_forced_push_of_rewritten_commits_is_judged_from_the_common_ancestor(guarded: Shop) -> None:
    guarded.commit(app="x = 5\n")
    push(guarded)
    guarded.git("commit", "-q", "--amend", "-m", "again")
    assert push(guarded, "--force", "origin", "main").returncode == 0
    guarded.commit(app="LOUD()\n")
    guarded.git("reset", "-q", "--soft", "HEAD~2")
    guarded.git("commit", "-qm", "squashed")
    assert push(guarded, "--force", "origin", "main").returncode != 0


def test_the_first_push_to_an_empty_remote_is_judged_as_a_whole(guarded: Shop, tmp_path: Path) -> None:
    empty = tmp_path / "empty.git"
    guarded.git("init", "-q", "--bare", str(empty))
    guarded.git("remote", "rename", "origin", "gone")
    guarded.git("remote", "remove", "gone")
    guarded.commit(app="LOUD()\n")
    guarded.commit(other="x = 1\n")
    assert push(guarded, str(empty), "main").returncode != 0


def test_a_push_to_a_bare_address_counts_what_any_remote_has(guarded: Shop) -> None:
    guarded.commit(app="LOUD()\n")
    push(guarded, "--no-verify", "origin", "HEAD")
    guarded.commit(other="x = 1\n")
    assert push(guarded, str(guarded.remote), "main:refs/heads/address").returncode == 0


def test_a_failure_of_the_reviewer_lets_the_push_through_with_one_line(guarded: Shop) -> None:
    head = guarded.commit(app="CRASH\n")
    done = push(guarded)
    assert done.returncode == 0
    assert remote(guarded) == head
    assert "could not run (code 3), so the push goes through without a review" in done.stderr


def test_settings_that_cannot_be_read_are_told_and_the_push_is_judged_by_the_defaults(guarded: Shop) -> None:
    (guarded.folder / "pyproject.toml").write_text("[tool.reviewer]\nnonsense = 1\n", encoding="utf-8")
    guarded.commit()
    push(guarded)
    guarded.commit(app="x = 2\n")
    done = push(guarded)
    assert done.returncode == 0
    assert "pyproject.toml: at " in done.stdout + done.stderr
    guarded.commit(app="LOUD()\n")
    assert push(guarded).returncode != 0


def test_strict_stops_what_could_not_be_reviewed(shop: Shop) -> None:
    assert shop.reviewer("hook", "install", "--strict").returncode == 0
    before = remote(shop)
    for text in ("CRASH\n", "UNREADABLE\n"):
        shop.commit(app=text)
        assert push(shop).returncode != 0
        assert remote(shop) == before


def test_what_was_not_checked_is_told_and_goes_through(guarded: Shop) -> None:
    guarded.commit(app="UNREADABLE\n")
    done = push(guarded)
    assert done.returncode == 0
    assert "NOT CHECKED" in done.stdout + done.stderr


@pytest.mark.parametrize("strict", [False, True])
def test_an_interpreter_that_has_gone_is_told(shop: Shop, strict: bool) -> None:
    path = shop.folder / ".git" / "hooks" / "pre-push"
    path.parent.mkdir(exist_ok=True)
    path.write_text(shim("/nowhere/it's gone/python", strict=strict), encoding="utf-8")
    path.chmod(0o755)
    shop.commit(app="LOUD()\n")
    done = push(shop)
    assert (done.returncode == 0) is not strict
    assert "reviewer: /nowhere/it's gone/python is gone" in done.stderr


def test_nothing_in_the_repository_is_imported_by_the_hook(guarded: Shop) -> None:
    trap = "raise SystemExit('executed')\n"
    (guarded.folder / "reviewer").mkdir()
    (guarded.folder / "reviewer" / "__init__.py").write_text(trap, encoding="utf-8")
    guarded.commit(typer=trap, json=trap, sitecustomize=trap)
    done = push(guarded)
    assert done.returncode == 0
    assert "reviewer: Pass" in done.stdout + done.stderr


def test_the_hook_that_was_there_is_called_first_with_the_same_input_and_can_stop_the_push(shop: Shop) -> None:
    path = shop.folder / ".git" / "hooks" / "pre-push"
    path.parent.mkdir(exist_ok=True)
    path.write_text('#!/bin/sh\necho "args $@"; cat\n[ ! -e stop ]\n', encoding="utf-8")
    path.chmod(0o755)
    original = path.read_bytes()
    assert "is called first" in shop.reviewer("hook", "install").stdout
    head = shop.commit(app="x = 7\n")
    (shop.folder / "stop").touch()
    done = push(shop)
    assert done.returncode != 0
    assert f"args origin {shop.remote}" in done.stdout + done.stderr
    assert f"{head} refs/heads/main" in done.stdout + done.stderr
    assert "reviewer:" not in done.stdout + done.stderr
    (shop.folder / "stop").unlink()
    assert push(shop).returncode == 0
    assert "put back" in shop.reviewer("hook", "uninstall").stdout
    assert path.read_bytes() == original
    assert path.stat().st_mode & stat.S_IXUSR
    assert not path.with_name("pre-push.local").exists()


def test_a_repository_of_another_user_is_told_with_the_command_that_trusts_it(shop: Shop) -> None:
    shop.environment["GIT_TEST_ASSUME_DIFFERENT_OWNER"] = "1"
    done = shop.reviewer("hook", "install")
    assert done.returncode == 2
    assert "git config --global --add safe.directory" in done.stderr
    assert done.stderr.count("\n") == 1


def test_installing_twice_keeps_the_first_hook_and_uninstalling_leaves_nothing(shop: Shop) -> None:
    folder = shop.folder / ".git" / "hooks"
    before = sorted(item.name for item in folder.iterdir()) if folder.exists() else []
    assert shop.reviewer("hook", "install").returncode == 0
    assert shop.reviewer("hook", "install").returncode == 0
    assert not (folder / "pre-push.local").exists()
    assert shop.reviewer("hook", "uninstall").returncode == 0
    assert sorted(item.name for item in folder.iterdir()) == before
    assert shop.reviewer("hook", "uninstall").returncode == 0


def test_a_foreign_hook_is_never_taken_away(shop: Shop) -> None:
    folder = shop.folder / ".git" / "hooks"
    folder.mkdir(exist_ok=True)
    (folder / "pre-push").write_text("#!/bin/sh\n", encoding="utf-8")
    (folder / "pre-push.local").write_text("#!/bin/sh\n", encoding="utf-8")
    assert shop.reviewer("hook", "uninstall").returncode == 2
    done = shop.reviewer("hook", "install")
    assert done.returncode == 2
    assert "both exist" in done.stderr


def test_a_hooks_directory_inside_the_repository_is_used_and_one_outside_is_not(shop: Shop, tmp_path: Path) -> None:
    shop.git("config", "core.hooksPath", ".hooks")
    assert shop.reviewer("hook", "install").returncode == 0
    assert (shop.folder / ".hooks" / "pre-push").exists()
    (tmp_path / "hooks").mkdir()
    shop.git("config", "core.hooksPath", str(tmp_path / "hooks"))
    done = shop.reviewer("hook", "install")
    assert done.returncode == 2
    assert "core.hooksPath leads out of the repository" in done.stderr
    assert list((tmp_path / "hooks").iterdir()) == []


def test_a_linked_work_tree_uses_the_hooks_of_its_repository(guarded: Shop, tmp_path: Path) -> None:
    guarded.git("worktree", "add", "-q", "-b", "linked", str(tmp_path / "linked"))
    (tmp_path / "linked" / "app.py").write_text("LOUD()\n", encoding="utf-8")
    guarded.git("commit", "-qam", "loud", cwd=tmp_path / "linked")
    done = guarded.git("push", "origin", "linked", cwd=tmp_path / "linked", check=False)
    assert done.returncode != 0
    assert "HIGH LOUD" in done.stdout + done.stderr


def test_a_repository_that_git_was_told_by_hand_is_the_one_that_is_judged(guarded: Shop, tmp_path: Path) -> None:
    """`git --git-dir=…`, as those do who keep their home directory in git: the hook runs outside of any repository."""
    guarded.commit(app="LOUD()\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    named = ["--git-dir=../shop/.git", "--work-tree=../shop"]
    assert guarded.folder == tmp_path / "shop"
    done = guarded.git(*named, "push", "origin", "HEAD", cwd=elsewhere, check=False)
    assert done.returncode != 0
    assert "HIGH LOUD" in done.stdout + done.stderr


@pytest.mark.parametrize("strict", [False, True])
def test_an_object_that_is_not_there_is_told_in_one_line_and_the_rest_is_judged(shop: Shop, strict: bool) -> None:
    lines = f"refs/heads/gone {ONE} refs/heads/gone {ZERO}\n"
    options = ["--strict"] if strict else []
    done = shop.reviewer("hook", "run", "origin", *options, stdin=lines)
    assert done.returncode == int(strict)
    told = "reviewer: 111111111111 (refs/heads/gone) is not in this repository and was not reviewed; try 'git fsck'\n"
    assert done.stderr.removeprefix(told).startswith("reviewer: the push is stopped (--strict)") is strict
    assert done.stderr.count("\n") == 1 + strict
    head = shop.commit(app="LOUD()\n")
    done = shop.reviewer("hook", "run", "origin", stdin=f"{lines}refs/heads/main {head} refs/heads/main {ZERO}\n")
    assert done.returncode == 1
    assert "HIGH LOUD" in done.stdout


def test_lines_of_git_are_read() -> None:
    lines = f"refs/heads/a {ONE} refs/heads/b {ZERO}\n(delete) {ZERO} refs/heads/c {ONE}\n"
    assert read_lines(lines) == [
        Pushed("refs/heads/a", ONE, "refs/heads/b", ZERO),
        Pushed("(delete)", ZERO, "refs/heads/c", ONE),
    ]
    assert read_lines("") == []
    assert read_lines(lines.replace("\n", "\r\n")) == read_lines(lines)


@pytest.mark.parametrize("sign", ["\u2028", "\u0085"])
def test_a_branch_may_be_named_with_what_is_a_line_end_elsewhere(sign: str) -> None:
    name = f"refs/heads/a{sign}b"
    assert read_lines(f"{name} {ONE} {name} {ZERO}\n") == [Pushed(name, ONE, name, ZERO)]


@given(st.text())
def test_any_input_gives_lines_or_one_clear_error(text: str) -> None:
    try:
        read_lines(text)
    except UsageError as problem:
        assert "\n" not in str(problem)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_any_path_of_an_interpreter_is_quoted_for_sh(path: str) -> None:
    text = shim(f"/nowhere/{path}", strict=False)
    assignment = text.split("python=", 1)[1].split("\nbefore=", 1)[0]
    done = subprocess.run(["sh", "-c", f"printf %s {assignment}"], capture_output=True, check=True)
    assert done.stdout.decode() == f"/nowhere/{path}"
