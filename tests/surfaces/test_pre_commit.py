"""The hooks for the pre-commit framework, run by the framework itself from a clone of this repository's own file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.surfaces.conftest import ROOT, Shop
from tests.surfaces.test_hook import push, remote


def framework(shop: Shop, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        cwd=shop.folder,
        env=shop.environment,
        text=True,
        capture_output=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def configured(shop: Shop, tmp_path: Path) -> Shop:
    """The shop with the hooks of a repository that has our file; the environment is this one, so nothing is fetched."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    source = tmp_path / "source"
    source.mkdir()
    for hook in hooks:
        hook["language"] = "system"
    (source / ".pre-commit-hooks.yaml").write_text(yaml.safe_dump(hooks), encoding="utf-8")
    shop.git("init", "-q", cwd=source)
    shop.git("add", "-A", cwd=source)
    shop.git("commit", "-qm", "hooks", cwd=source)
    revision = shop.git("rev-parse", "HEAD", cwd=source).stdout.strip()
    config = {
        "default_install_hook_types": ["pre-commit", "pre-push"],
        "repos": [{"repo": str(source), "rev": revision, "hooks": [{"id": hook["id"]} for hook in hooks]}],
    }
    (shop.folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "reviewer").write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m reviewer "$@"\n', encoding="utf-8")
    (programs / "reviewer").chmod(0o755)
    shop.environment["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
    shop.environment["PRE_COMMIT_HOME"] = str(tmp_path / "home")
    shop.commit()
    shop.git("push", "-q", "origin", "main")
    assert framework(shop, "install").returncode == 0
    return shop


def test_the_framework_stops_a_push_with_a_finding_and_a_commit_with_one(configured: Shop) -> None:
    before = remote(configured)
    (configured.folder / "app.py").write_text("LOUD()\n", encoding="utf-8")
    configured.git("add", "-A")
    done = configured.git("commit", "-m", "loud", check=False)
    assert done.returncode != 0
    assert "HIGH LOUD in LOUD()" in done.stdout + done.stderr
    assert "the commit is stopped; look: 'reviewer review --staged'" in done.stdout + done.stderr
    configured.git("commit", "-qm", "loud", "--no-verify")
    done = push(configured)
    assert done.returncode != 0
    assert "HIGH LOUD in LOUD()" in done.stdout + done.stderr
    assert remote(configured) == before


def test_the_framework_lets_calm_commits_and_other_files_through(configured: Shop) -> None:
    head = configured.commit(app="x = 2\n")
    done = push(configured)
    assert done.returncode == 0, done.stdout + done.stderr
    assert remote(configured) == head


def test_a_range_by_hand_is_judged_although_it_is_public(configured: Shop) -> None:
    (configured.folder / "app.py").write_text("LOUD()\n", encoding="utf-8")
    configured.git("add", "-A")
    configured.git("commit", "-qm", "loud", "--no-verify")
    configured.git("push", "-q", "--no-verify", "origin", "main")
    stage = ("--hook-stage", "pre-push", "--from-ref", "HEAD~1", "--to-ref", "HEAD")
    done = framework(configured, "run", *stage)
    assert done.returncode == 1
    assert "HIGH LOUD" in done.stdout


def test_a_fault_of_the_reviewer_stops_nothing_but_under_strict(shop: Shop) -> None:
    (shop.folder / "app.py").write_text("CRASH\n", encoding="utf-8")
    shop.git("add", "-A")
    done = shop.reviewer("hook", "pre-commit")
    assert done.returncode == 0
    assert done.stderr.endswith("reviewer: so it goes through without a review\n")
    assert shop.reviewer("hook", "pre-commit", "--strict").returncode == 3
