"""What people push, in each of its forms, with the hook in place: the right lines are judged, and the push ends right.

Each situation is a script for sh in a clone of a bare repository whose `main` is public. `loud W` commits a file in
which a line would stop the push, `calm W` one in which nothing does; which of them the hook has judged can be read from
what it shows.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from reviewer.surfaces.hook.shim import shim
from tests.surfaces.conftest import ROOT

_FUNCTIONS = """
day=10
tick() { day=$((day + 1)); export GIT_COMMITTER_DATE="2026-01-$day 12:00:00 +0000"; }
commit() { tick; git add -A; git commit -qm "$1"; }
loud() { echo "LOUD('$1')" > "$1.py"; commit "$1"; }
calm() { echo "calm('$1')" > "$1.py"; commit "$1"; }
publish() { git push -q --no-verify "$@"; }
branch() { git checkout -q -b "$@"; }
"""
_SHOWN = re.compile(r"HIGH LOUD in LOUD\('(\w+)'\)")


@dataclass(frozen=True)
class Situation:
    """A push.

    Attributes:
        name: of it.
        before: what is done first.
        push: the push itself.
        judged: the words of the loud lines that the hook shows, in its order.
        said: what the push must print beside.
        stopped: whether the push is stopped; None where that follows from `judged`.
    """

    name: str
    before: str
    push: str = "git push origin main"
    judged: tuple[str, ...] = ()
    said: str = ""
    stopped: bool | None = None


SITUATIONS = (
    Situation("nothing new", ""),
    Situation("a commit", "loud a", judged=("a",)),
    Situation("several commits", "loud a; calm c; loud b", judged=("a", "b")),
    Situation("a calm commit", "calm a", said="reviewer: Pass: nothing found in 1 file"),
    Situation("no Python", "echo x > notes.txt; commit notes", said="reviewer: Pass: nothing to review in 1 changed file"),
    Situation("a file taken away", "git rm -q base.py; commit gone", said="reviewer: Pass"),
    Situation("mended before it is pushed", "loud a; echo 'calm()' > a.py; commit mended", said="Pass: nothing found"),
    Situation("without arguments", "loud a", "git push", ("a",)),
    Situation("not committed", "calm a; echo \"LOUD('x')\" > base.py; git add base.py; echo \"LOUD('y')\" > new.py"),
    Situation("a new branch", "branch f; loud a", "git push origin f", ("a",)),
    Situation("a new branch with nothing new", "branch f", "git push origin f"),
    Situation("a new branch on commits that are not public", "loud a; branch f; loud b", "git push origin f", ("a", "b")),
    Situation("a new branch on a branch that went past the hook", "loud a; publish origin main; branch f; calm b", "git push origin f"),
    Situation("two branches, the newest first", "branch f; loud old; git checkout -q main; branch g; loud new", "git push origin f g", ("new", "old")),
    Situation("a branch on another, both new", "branch f; loud a; branch g; loud b", "git push origin f g", ("a", "b")),
    Situation("one of two is calm", "branch f; loud a; git checkout -q main; calm b", "git push --atomic origin main f", ("a",)),
    Situation("all branches", "branch f; loud a; git checkout -q main; calm b", "git push --all origin", ("a",)),
    Situation("a mirror, with a branch that goes", "publish origin main:gone; git fetch -q; branch f; loud a", "git push --mirror origin", ("a",)),
    Situation("under another name", "loud a", "git push origin HEAD:refs/heads/other", ("a",)),
    Situation("a public commit under another name", "loud a; publish origin main", "git push origin main:production"),
    Situation("a branch of an unusual name", "branch 'ü(1)'; loud a", "git push origin 'ü(1)'", ("a",)),
    Situation("a branch and its tag", "loud a; git tag v1", "git push origin main v1", ("a",)),
    Situation("a tag alone", "loud a; git tag v1", "git push origin v1", ("a",)),
    Situation("an annotated tag", "loud a; git tag -am v1 v1", "git push origin v1", ("a",)),
    Situation("a tag of a public commit", "git tag v1", "git push origin v1"),
    Situation("many tags of public commits", "for n in 1 2 3 4 5 6 7 8 9; do git tag v$n; done", "git push --tags origin"),
    Situation("a tag of a blob and of a tree", "git tag b main:base.py; git tag t main^{tree}", "git push origin b t"),
    Situation("a deletion", "publish origin main:old", "git push origin :old"),
    Situation("a deletion and a commit", "publish origin main:old; loud a", "git push origin :old main", ("a",)),
    Situation("a forced push of what was written again", "loud a; publish origin main; git commit -q --amend -m again", "git push -f origin main", ("a",)),
    Situation("a forced push of less", "loud a; publish origin main; git reset -q --hard HEAD~1", "git push -f origin main"),
    Situation(
        "a forced push over commits that are not here",
        "git clone -q $REMOTE ../other; (cd ../other; loud theirs; git push -q origin main); loud a",
        "git push -f origin main",
        ("a",),
    ),
    Situation("a first push", "git init -q --bare ../empty; git remote set-url origin ../empty; git update-ref -d refs/remotes/origin/main; loud a", judged=("a",), said="1 high"),
    Situation("no common ancestor", "git checkout -q --orphan o; loud a", "git push origin o", ("a",)),
    Situation("to an address", "loud a; publish origin main; branch f; loud b", "git push $REMOTE f", ("b",)),
    Situation(
        "to a fork that is behind",
        "git clone -q --bare $REMOTE ../fork; loud a; publish origin main; git remote add fork ../fork; git fetch -q fork; branch f; loud b",
        "git push fork f",
        ("b",),
    ),
    Situation(
        "a merge of what is public",
        "branch f; loud own; publish origin f; git checkout -q main; loud theirs; publish origin main; git checkout -q f; "
        "tick; git merge -q -m merge main; loud b",
        "git push origin f",
        ("b",),
    ),
    Situation(
        "a merge of what is not",
        "branch f; loud own; git checkout -q main; calm c; publish origin main; tick; git merge -q -m merge f",
        judged=("own",),
    ),
    Situation(
        "a merge with a line that neither side had",
        "branch f; echo 'f()' >> base.py; commit f; publish origin f; git checkout -q main; echo 'm()' >> base.py; commit m; "
        "publish origin main; git checkout -q f; tick; git merge -q main || true; "
        "printf \"x = 1\\nf()\\nLOUD('between')\\nm()\\n\" > base.py; commit merged",
        "git push origin f",
        ("between",),
    ),
    Situation("a detached head", "git checkout -q --detach; loud a", "git push origin HEAD:refs/heads/d", ("a",)),
    Situation("from a linked work tree", "git worktree add -q -b w ../linked; cd ../linked; loud a", "cd ../linked && git push origin w", ("a",)),
    Situation("from a folder", "mkdir -p sub; loud a", "cd sub && git push origin main", ("a",)),
    Situation(
        "from a bare repository",
        "loud a; git clone -q --bare . ../bare.git; cd ../bare.git; git remote set-url origin $REMOTE; cp ../shop/.git/hooks/pre-push hooks/; "
        "git config remote.origin.fetch '+refs/heads/*:refs/remotes/origin/*'; git fetch -q origin",
        "cd ../bare.git && git push origin main",
        ("a",),
    ),
    Situation(
        "from a shallow clone",
        "calm c; publish origin main; git clone -q --depth 1 file://$REMOTE ../shallow; cp .git/hooks/pre-push ../shallow/.git/hooks/; "
        "cd ../shallow; loud a",
        "cd ../shallow && git push origin main",
        ("a",),
    ),
    Situation("past the hook", "loud a", "git push --no-verify origin main", stopped=False),
    Situation("to try it", "loud a", "git push --dry-run origin main", ("a",)),
    Situation("a part that cannot be read", "echo UNREADABLE > a.py; commit a", said="NOT CHECKED", stopped=False),
    Situation("strict, a part that cannot be read", "$REVIEWER hook install --strict; echo UNREADABLE > a.py; commit a", said="--strict", stopped=True),
    Situation("beside another hook", "another 0; loud a", judged=("a",), said="the other hook saw 1 line"),
    Situation("beside another hook that stops it", "another 1; loud a", said="the other hook saw 1 line", stopped=True),
    Situation("hooks in the work tree", "git config core.hooksPath .hooks; $REVIEWER hook install; loud a", judged=("a",)),
    Situation("the reviewer fails", "echo CRASH > a.py; commit a", said="goes through without a review", stopped=False),
)  # fmt: skip

_OTHER = """
another() {
  rm .git/hooks/pre-push
  printf '#!/bin/sh\\necho "the other hook saw $(wc -l | tr -d " ") line"\\nexit %s\\n' "$1" > .git/hooks/pre-push
  chmod +x .git/hooks/pre-push
  $REVIEWER hook install
}
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A remote and a clone of it, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    script = (
        "git init -q --bare -b main remote.git; git init -q -b main shop; cd shop; git remote add origin ../remote.git; "
        "echo 'x = 1' > base.py; commit base; git push -q -u origin main"
    )
    _sh(folder, script, _plain())
    return folder


def _plain() -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    names = {f"GIT_{role}_{what}": "a@localhost" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return environment | names | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def _sh(folder: Path, script: str, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["sh", "-e", "-c", _FUNCTIONS + _OTHER + script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, (script, done.stdout, done.stderr)


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_a_push_is_judged_by_what_it_makes_public(
    situation: Situation, template: Path, tmp_path: Path, pushing: dict[str, str], hook_text: str
) -> None:
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    folder = tmp_path / "shop"
    hook = folder / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(hook_text, encoding="utf-8")
    hook.chmod(0o755)
    environment = pushing | {"REMOTE": str(tmp_path / "remote.git")}
    _sh(folder, situation.before, environment)
    done = subprocess.run(
        ["sh", "-c", situation.push],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    said = done.stdout + done.stderr
    assert tuple(_SHOWN.findall(said)) == situation.judged, said
    stopped = bool(situation.judged) if situation.stopped is None else situation.stopped
    assert (done.returncode != 0) is stopped, said
    assert situation.said in said
    assert "bug in reviewer" not in said or "CRASH" in situation.before


@pytest.fixture(scope="module")
def pushing(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a push whose hook uses the pipeline of words."""
    site = tmp_path_factory.mktemp("site")
    text = "from tests.surfaces.stub_pipeline import install\ninstall()\n"
    (site / "sitecustomize.py").write_text(text, encoding="utf-8")
    path = f"{site}{os.pathsep}{ROOT}"
    return _plain() | {"PYTHONPATH": path, "REVIEWER": f"{sys.executable} -P -m reviewer"}


@pytest.fixture
def hook_text() -> str:
    """The hook."""
    return shim(sys.executable, strict=False)
