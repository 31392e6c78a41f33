"""What CI runs, run as CI does it: the shell of action.yml and of the template for GitLab, in a repository of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.surfaces.conftest import ROOT, Shop

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
PROGRAM = "$RUNNER_TEMP/reviewer/bin/reviewer"
GITLAB: dict[str, Any] = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text(encoding="utf-8"))


@pytest.fixture
def runner(shop: Shop, tmp_path: Path) -> Shop:
    """The shop on a runner on which the action's first step has installed the reviewer."""
    programs = tmp_path / "temp" / "reviewer" / "bin"
    programs.mkdir(parents=True)
    (programs / "reviewer").write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m reviewer "$@"\n', encoding="utf-8")
    (programs / "reviewer").chmod(0o755)
    for name, place in (("RUNNER_TEMP", "temp"), ("GITHUB_STEP_SUMMARY", "summary"), ("GITHUB_OUTPUT", "output")):
        shop.environment[name] = str(tmp_path / place)
    return shop


def review(runner: Shop, cwd: Path | None = None, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The step that reviews, as GitHub runs bash."""
    (step,) = [step for step in ACTION["runs"]["steps"] if step.get("id") == "review"]
    defaults = {"INCOMPLETE": "fail", "MODEL": "offline", "DIRECTORY": ".", "FAIL_ON": "", "BASE": "", "HEAD": "HEAD"}
    defaults["FORCED"] = ""
    assert set(step["env"]) == set(defaults)
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=cwd or runner.folder,
        env=runner.environment | defaults | inputs,
        text=True,
        capture_output=True,
        check=False,
        timeout=120,
    )


def gitlab(runner: Shop, **given: str) -> subprocess.CompletedProcess[str]:
    """The job of the template, without the line that installs."""
    (first, *script) = GITLAB["reviewer"]["script"]
    assert "pip install" in first
    text = "\n".join(script).replace("/tmp/reviewer/bin/reviewer", PROGRAM)
    environment = runner.environment | {"CI_DEFAULT_BRANCH": "main", "REVIEWER_OPTIONS": ""} | given
    return subprocess.run(
        ["sh", "-e", "-c", text], cwd=runner.folder, env=environment, capture_output=True, text=True, check=False
    )


def test_a_finding_fails_the_job_and_is_an_annotation_and_in_the_summary(runner: Shop, tmp_path: Path) -> None:
    head = runner.commit(app="x = 1\nLOUD()\n")
    done = review(runner, BASE="HEAD~1", HEAD=head)
    assert done.returncode == 1, done.stderr
    assert "::error file=app.py,line=2,endLine=2,title=loud-word (high)::LOUD in LOUD()" in done.stdout
    assert "loud-word" in (tmp_path / "summary").read_text(encoding="utf-8")
    output = dict(line.split("=", 1) for line in (tmp_path / "output").read_text(encoding="utf-8").splitlines())
    assert output["verdict"] == "block"
    assert json.loads(Path(output["report"]).read_bytes())["head"] == head
    assert json.loads(Path(output["sarif"]).read_bytes())["version"] == "2.1.0"


def test_a_calm_change_passes_and_a_new_branch_is_compared_with_the_default_one(runner: Shop) -> None:
    runner.git("checkout", "-qb", "feature")
    runner.commit(app="x = 3\n")
    done = review(runner, BASE="0" * 40)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "reviewer: Pass: nothing found in 1 file, 1 unit, 0 external calls.\n"


def test_a_forced_push_is_compared_with_the_default_branch_where_the_commit_before_is_gone(runner: Shop) -> None:
    gone = "1" * 40
    runner.git("checkout", "-qb", "feature")
    runner.commit(app="LOUD()\n")
    assert review(runner, BASE=gone, FORCED="true").returncode == 1
    # A base that somebody has named must be there.
    assert review(runner, BASE=gone, FORCED="false").returncode == 2
    assert gitlab(runner, CI_COMMIT_BEFORE_SHA=gone, CI_COMMIT_SHA="HEAD").returncode == 1
    assert gitlab(runner, CI_COMMIT_BEFORE_SHA="0" * 40, CI_COMMIT_SHA="HEAD").returncode == 1
    workflow = yaml.safe_load((ROOT / "reviewer/surfaces/setup/github.yml").read_text(encoding="utf-8"))
    step = workflow["jobs"]["review"]["steps"][-1]["run"].replace("reviewer review", f"{PROGRAM} review")
    for before in (gone, "0" * 40):
        environment = runner.environment | {"BASE": before, "HEAD": "HEAD"}
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", step],
            cwd=runner.folder,
            env=environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 1


def test_nothing_in_the_checkout_is_run_while_the_reviewer_is_installed() -> None:
    folder = ROOT / "reviewer" / "surfaces" / "setup"
    files = [ROOT / "action.yml", ROOT / "ci" / "gitlab.yml", folder / "github.yml", folder / "gitlab.yml"]
    calls = [line for file in files for line in file.read_text(encoding="utf-8").splitlines() if " -m " in line]
    assert len(calls) == 3
    assert all(" -I -m " in line for line in calls)


@pytest.mark.parametrize(("incomplete", "code"), [("fail", 3), ("pass", 0)])
def test_what_could_not_be_checked_fails_the_job_unless_it_may_pass(runner: Shop, incomplete: str, code: int) -> None:
    runner.commit(app="UNREADABLE\n")
    done = review(runner, BASE="HEAD~1", INCOMPLETE=incomplete)
    assert done.returncode == code
    assert "::warning title=not checked::app.py" in done.stdout


def test_a_shallow_checkout_fetches_what_it_needs(runner: Shop, tmp_path: Path) -> None:
    base = runner.git("rev-parse", "HEAD").stdout.strip()
    runner.commit(app="LOUD()\n")
    head = runner.commit(other="x = 1\n")
    runner.git("push", "-q", "origin", "main")
    runner.git("clone", "-q", "--depth", "1", f"file://{runner.remote}", str(tmp_path / "shallow"))
    done = review(runner, tmp_path / "shallow", BASE=base, HEAD=head)
    assert done.returncode == 1, done.stderr
    assert "LOUD in LOUD()" in done.stdout


def test_names_out_of_the_event_are_no_commands(runner: Shop, tmp_path: Path) -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
    done = review(runner, BASE=f"$(touch {tmp_path}/executed)", FAIL_ON="`false`; exit 0")
    assert done.returncode == 2
    assert "::error title=reviewer::The review did not run" in done.stdout
    assert not (tmp_path / "executed").exists()


def test_the_action_asks_for_no_secret_and_uploads_only_when_told() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    assert "secrets." not in text
    assert "token" not in text.lower()
    assert ACTION["inputs"]["upload-sarif"]["default"] == "false"
    assert all(value.get("default") is not None for value in ACTION["inputs"].values())


def test_the_job_for_gitlab_marks_lines_and_keeps_the_report(runner: Shop) -> None:
    base = runner.git("rev-parse", "HEAD").stdout.strip()
    head = runner.commit(app="x = 1\nLOUD()\n")
    done = gitlab(runner, CI_MERGE_REQUEST_DIFF_BASE_SHA=base, CI_COMMIT_SHA=head)
    assert done.returncode == 1, done.stderr
    (row,) = json.loads((runner.folder / GITLAB["reviewer"]["artifacts"]["reports"]["codequality"]).read_bytes())
    assert row["location"] == {"path": "app.py", "lines": {"begin": 2}}
    assert (row["severity"], row["check_name"]) == ("critical", "loud-word")
    for name in GITLAB["reviewer"]["artifacts"]["paths"]:
        assert os.path.getsize(runner.folder / name)  # noqa: PTH202
