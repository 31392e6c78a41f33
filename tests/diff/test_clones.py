"""Clones of repositories on a real git server on loopback: little is fetched, nothing is run, limits hold."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.diff.clones import Clones
from reviewer.diff.repository import GitRepository
from reviewer.diff.transfer import size_of
from reviewer.domain.service import RepositoryPolicy
from reviewer.errors import ForbiddenError, RepositoryError, ReviewerError, RevisionError, UnreachableError
from reviewer.ports import Selection
from tests.diff.http_git import GitServer, serving
from tests.git_builder import GitBuilder

POLICY = RepositoryPolicy(hosts=("127.0.0.1",), schemes=("http",), private_addresses=True, seconds=20)


@pytest.fixture
def origin(tmp_path: Path) -> GitBuilder:
    """A repository with some history, Python beside other files, and a branch that changes both."""
    builder = GitBuilder(tmp_path / "served" / "shop")
    builder.commit({"app.py": "old = 1\n", "logo.bin": os.urandom(2000)})
    builder.commit(
        {"app.py": "x = 1\n", "lib/price.py": "y = 2\n", "big.json": "[]\n", "run": "#!/usr/bin/env python\n"}
    )
    builder.git("tag", "-a", "v1", "-m", "first")
    builder.git("checkout", "-q", "-b", "feature")
    builder.commit({"app.py": "x = 1\nimport requests\n", "notes.md": "new\n"})
    return builder


@pytest.fixture
def server(origin: GitBuilder) -> Iterator[GitServer]:
    with serving(origin.root.parent) as running:
        yield running


@pytest.fixture
def clones(tmp_path: Path) -> Clones:
    return Clones(tmp_path / "clones", POLICY, lease_seconds=0)


def url(server: GitServer, name: str = "shop") -> str:
    return f"{server.url}/{name}/.git"


def test_branches_are_compared_as_in_the_repository_itself(
    clones: Clones, server: GitServer, origin: GitBuilder
) -> None:
    brought = clones.bring(url(server), "main", "feature")
    assert (brought.base, brought.head) == (origin.git("rev-parse", "main"), origin.git("rev-parse", "feature"))
    selection = Selection(base=brought.base, head=brought.head)
    with GitRepository(brought.folder) as there, GitRepository(origin.root) as here:
        assert there.select(selection).files == here.select(selection).files
        assert there.read(["lib/price.py", "run"], brought.head) == here.read(["lib/price.py", "run"], brought.head)
    assert brought.name == f"{server.url}/shop/.git"


def test_only_what_a_review_reads_is_fetched(clones: Clones, server: GitServer, origin: GitBuilder) -> None:
    brought = clones.bring(url(server), "main", "feature")
    here = {line.split()[0] for line in objects(brought.folder)}
    for path, wanted in {
        "main:app.py": True,
        "feature:app.py": True,
        "feature:lib/price.py": True,
        "feature:run": True,
        "feature:notes.md": True,
        "feature:logo.bin": False,
        "feature:big.json": False,
        "main~1:app.py": False,
    }.items():
        assert (origin.git("rev-parse", path) in here) is wanted, path


def test_what_is_here_already_is_not_asked_for_again(clones: Clones, server: GitServer) -> None:
    first = clones.bring(url(server), "main", "feature")
    server.requests.clear()
    assert clones.bring(url(server), first.base, first.head) == first
    assert server.requests == []


def test_a_push_later_is_fetched(clones: Clones, server: GitServer, origin: GitBuilder) -> None:
    first = clones.bring(url(server), "main", "feature")
    newer = origin.commit({"more.py": "z = 3\n"})
    second = clones.bring(url(server), "main", "feature")
    assert (second.folder, second.head) == (first.folder, newer)


def test_a_baseline_under_any_name_is_fetched(clones: Clones, server: GitServer, origin: GitBuilder) -> None:
    origin.git("checkout", "-q", "main")
    origin.commit({"pyproject.toml": '[tool.reviewer]\nbaseline = "known.data"\n', "known.data": "{}\n"})
    brought = clones.bring(url(server), "main", "main")
    assert origin.git("rev-parse", "main:known.data") in {line.split()[0] for line in objects(brought.folder)}


@pytest.mark.parametrize(("base", "head"), [(None, "feature"), ("v1", "feature"), ("refs/heads/main", None)])
def test_the_default_branch_and_tags_are_found(
    clones: Clones, server: GitServer, origin: GitBuilder, base: str | None, head: str | None
) -> None:
    brought = clones.bring(url(server), base, head)
    wanted = {None: "HEAD", "v1": "v1^{commit}"}
    assert brought.base == origin.git("rev-parse", wanted.get(base, base or ""))
    assert brought.head == origin.git("rev-parse", wanted.get(head, head or ""))


@pytest.mark.parametrize("name", ["nowhere", "0" * 40, "-x", "a..b", "main~1", "@{upstream}"])
def test_a_revision_that_is_not_there_is_told(clones: Clones, server: GitServer, name: str) -> None:
    with pytest.raises(RevisionError):
        clones.bring(url(server), "main", name)


def test_a_repository_that_is_not_there_is_told(clones: Clones, server: GitServer) -> None:
    with pytest.raises(RepositoryError, match="cannot be fetched"):
        clones.bring(url(server, "nothing"), None, None)


def test_a_server_that_is_down_is_told_from_a_repository_that_is_not_there(clones: Clones, server: GitServer) -> None:
    server.broken = True
    with pytest.raises(UnreachableError):
        clones.bring(url(server), "main", "feature")
    with pytest.raises(UnreachableError):
        clones.bring("http://127.0.0.1:1/shop", "main", "feature")


def test_nobody_is_asked_for_a_password(clones: Clones, server: GitServer) -> None:
    server.password = "secret"
    began = time.monotonic()
    with pytest.raises(RepositoryError, match="cannot be fetched"):
        clones.bring(url(server), "main", "feature")
    assert time.monotonic() - began < 30


def test_a_credential_opens_the_door_and_is_kept_nowhere(clones: Clones, server: GitServer, tmp_path: Path) -> None:
    server.password = "hunter2"
    header = "Basic eDpodW50ZXIy"
    brought = clones.bring(url(server), "main", "feature", authorisation=header)
    kept = b"".join(path.read_bytes() for path in brought.folder.rglob("*") if path.is_file())
    assert header.encode() not in kept
    assert b"hunter2" not in kept


def test_a_redirect_is_not_followed(clones: Clones, server: GitServer, origin: GitBuilder) -> None:
    with serving(origin.root.parent) as other:
        server.redirect = other.url
        with pytest.raises(RepositoryError):
            clones.bring(url(server), "main", "feature")
        assert other.requests == []


def test_an_address_of_this_machine_is_refused_unless_allowed(tmp_path: Path, server: GitServer) -> None:
    closed = Clones(tmp_path / "clones", replace(POLICY, private_addresses=False), 0)
    with pytest.raises(ForbiddenError, match="not public"):
        closed.bring(url(server), "main", "feature")
    assert server.requests == []


def test_a_repository_that_is_too_large_is_given_up(tmp_path: Path, server: GitServer, origin: GitBuilder) -> None:
    origin.commit({"large.py": os.urandom(1_500_000).hex()})
    small = Clones(tmp_path / "clones", replace(POLICY, repository_bytes=200_000), 0)
    with pytest.raises(RepositoryError, match="too large"):
        small.bring(url(server), "main", "feature")
    assert list((tmp_path / "clones").glob("*.git")) == []


def test_a_server_that_says_nothing_is_given_up(tmp_path: Path, server: GitServer) -> None:
    server.stall = threading.Event()
    hasty = Clones(tmp_path / "clones", replace(POLICY, seconds=0.5), 0)
    began = time.monotonic()
    with pytest.raises(RepositoryError, match="longer than"):
        hasty.bring(url(server), "main", "feature")
    server.stall.set()
    assert time.monotonic() - began < 30


def test_nothing_of_the_other_side_is_run(
    clones: Clones, server: GitServer, origin: GitBuilder, tmp_path: Path
) -> None:
    trap = tmp_path / "trap"
    hook = origin.root / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {trap}\n")
    hook.chmod(0o755)
    origin.commit(
        {
            ".gitattributes": "*.py filter=evil diff=evil\n",
            ".gitmodules": f'[submodule "s"]\n\tpath = s\n\turl = ext::sh -c touch% {trap}\n',
        }
    )
    brought = clones.bring(url(server), "main", "feature")
    assert not (brought.folder / "hooks").exists()
    assert not trap.exists()


def test_a_clone_that_is_full_after_many_reviews_is_followed_by_another(
    tmp_path: Path, server: GitServer, origin: GitBuilder
) -> None:
    def push() -> tuple[str, str]:
        before = origin.git("rev-parse", "HEAD")
        return before, origin.commit({"app.py": f"x = '{os.urandom(60_000).hex()}'\n"})

    small = Clones(tmp_path / "clones", replace(POLICY, repository_bytes=300_000), lease_seconds=60)
    pushes = [push() for _ in range(5)]
    folders = [small.bring(url(server), *one).folder for one in pushes]
    assert len(set(folders)) == 2
    for folder, (base, head) in zip(folders, pushes, strict=True):  # whoever reads the full one goes on
        with GitRepository(folder) as there:
            assert [file.path for file in there.select(Selection(base=base, head=head)).files] == ["app.py"]


def test_a_repository_that_cannot_be_had_leaves_no_clone(tmp_path: Path, clones: Clones, server: GitServer) -> None:
    for name, revision in (("none", "main"), ("shop", "no-such-branch")):
        with pytest.raises(ReviewerError):
            clones.bring(url(server, name), "main", revision)
    assert {path.suffix for path in (tmp_path / "clones").iterdir()} == {".lock"}


def test_those_not_used_for_longest_make_way(tmp_path: Path, server: GitServer, origin: GitBuilder) -> None:
    for name in ("one", "two", "three"):
        origin.clone(origin.root.parent / name)
    roomy = Clones(tmp_path / "clones", POLICY, 0)
    folders = [roomy.bring(url(server, name), "HEAD", "HEAD").folder for name in ("one", "two", "three")]
    for age, folder in enumerate((folders[1], folders[0], folders[2])):
        os.utime(folder.with_suffix(".used"), (age, age))
    room = size_of(folders[0]) + size_of(folders[2]) + 1000
    tight = Clones(tmp_path / "clones", replace(POLICY, total_bytes=room), 0)
    assert tight.evict() == [folders[1]]
    assert [folder.exists() for folder in folders] == [True, False, True]
    assert tight.bring(url(server, "two"), "HEAD", "HEAD").folder == folders[1]


def test_one_that_was_asked_for_lately_stays(tmp_path: Path, server: GitServer) -> None:
    crowded = Clones(tmp_path / "clones", replace(POLICY, total_bytes=1), lease_seconds=60)
    brought = crowded.bring(url(server), "main", "feature")
    assert crowded.evict() == []
    assert brought.folder.exists()


def test_many_reviews_of_one_repository_share_its_clone(clones: Clones, server: GitServer, tmp_path: Path) -> None:
    failures: list[ReviewerError] = []
    found: list[Path] = []

    def bring() -> None:
        try:
            found.append(Clones(tmp_path / "clones", POLICY, 60).bring(url(server), "main", "feature").folder)
        except ReviewerError as error:
            failures.append(error)

    threads = [threading.Thread(target=bring) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(set(found)) == 1
    assert len(found) == 4


def objects(folder: Path) -> list[str]:
    """All objects that are in a clone."""
    command = ["git", "-C", str(folder), "cat-file", "--batch-all-objects", "--batch-check", "--unordered"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
