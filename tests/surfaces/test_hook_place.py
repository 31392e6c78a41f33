"""Where the hook is put: beside other hooks, under Husky and Lefthook, on Windows; and that nothing is left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.surfaces.hook.installation import LEFTHOOK
from reviewer.surfaces.hook.shim import block, has_block, path_for_sh, shim, with_block, without_block
from tests.surfaces.conftest import ROOT, Shop
from tests.surfaces.test_hook import push, remote

HUSKY_RUNNER = '#!/bin/sh\nsh -e "$(dirname "$(dirname "$0")")/$(basename "$0")" "$@"\n'
"""What Husky writes into .husky/_, in short."""


@pytest.fixture
def husky(shop: Shop) -> Path:
    """The script that Husky calls."""
    folder = shop.folder / ".husky" / "_"
    folder.mkdir(parents=True)
    (folder / "pre-push").write_text(HUSKY_RUNNER, encoding="utf-8")
    (folder / "pre-push").chmod(0o755)
    shop.git("config", "core.hooksPath", ".husky/_")
    programs = shop.folder.parent / "bin"
    programs.mkdir()
    (programs / "reviewer").write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m reviewer "$@"\n', encoding="utf-8")
    (programs / "reviewer").chmod(0o755)
    shop.environment["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return folder.parent / "pre-push"


def test_under_husky_the_script_of_the_team_is_added_to_and_what_follows_still_has_its_input(
    shop: Shop, husky: Path
) -> None:
    before = "echo theirs\nsed s/^/line:/\n"
    husky.write_text(before, encoding="utf-8")
    assert "which Husky calls" in shop.reviewer("hook", "install").stdout
    assert shop.reviewer("hook", "install").returncode == 0
    assert (husky.parent / "_" / "pre-push").read_text(encoding="utf-8") == HUSKY_RUNNER
    head = shop.commit(app="x = 2\n")
    done = push(shop)
    said = done.stdout + done.stderr
    assert done.returncode == 0
    assert "reviewer: Pass" in said
    assert f"line:HEAD {head} refs/heads/main" in said
    shop.commit(app="LOUD()\n")
    assert push(shop).returncode != 0
    assert remote(shop) == head
    assert shop.reviewer("hook", "uninstall").returncode == 0
    assert husky.read_text(encoding="utf-8") == before


def test_a_script_for_husky_that_was_not_there_is_gone_again(shop: Shop, husky: Path) -> None:
    assert shop.reviewer("hook", "install").returncode == 0
    assert has_block(husky.read_text(encoding="utf-8"))
    assert shop.reviewer("hook", "uninstall").returncode == 0
    assert not husky.exists()


@pytest.mark.parametrize("strict", [False, True])
def test_who_has_no_reviewer_pushes_under_husky_as_before(tmp_path: Path, strict: bool) -> None:
    script = tmp_path / "pre-push"
    script.write_text(with_block("cat\n", block(strict=strict)), encoding="utf-8")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "cat", "sed"):
        (programs / name).symlink_to(shutil.which(name) or name)
    done = subprocess.run(
        ["sh", "-e", str(script)],
        input="a b c d\n",
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == ((1, "") if strict else (0, "a b c d\n"))
    assert "reviewer: not installed here" in done.stderr


@given(st.text(), st.booleans())
def test_a_script_gets_the_block_once_and_is_the_same_without_it(script: str, strict: bool) -> None:
    text = with_block(script, block(strict=strict))
    assert with_block(text, block(strict=strict)) == text
    assert without_block(text) == script


def test_lefthook_is_told_what_to_call_and_nothing_is_written(shop: Shop) -> None:
    file = shop.folder / "lefthook.yml"
    file.write_text("pre-commit: {}\n", encoding="utf-8")
    done = shop.reviewer("hook", "install")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert LEFTHOOK in done.stderr
    assert not (shop.folder / ".git" / "hooks" / "pre-push").exists()
    file.write_text(LEFTHOOK + "\n", encoding="utf-8")
    done = shop.reviewer("hook", "install")
    assert done.returncode == 0
    assert "calls the reviewer already" in done.stdout


def test_what_lefthook_is_told_is_one_command_with_git_s_lines_on_stdin() -> None:
    import yaml

    command = yaml.safe_load(LEFTHOOK)["pre-push"]["commands"]["reviewer"]
    assert command["use_stdin"] is True
    assert command["run"].startswith("reviewer hook run")


def test_a_hook_put_over_ours_that_calls_ours_does_not_make_them_call_each_other_for_ever(shop: Shop) -> None:
    hooks = shop.folder / ".git" / "hooks"
    assert shop.reviewer("hook", "install").returncode == 0
    # As `pre-commit install` does it.
    (hooks / "pre-push").rename(hooks / "pre-push.legacy")
    (hooks / "pre-push").write_text('#!/bin/sh\nexec "$0.legacy" "$@"\n'.replace("$0", str(hooks / "pre-push")))
    (hooks / "pre-push").chmod(0o755)
    assert shop.reviewer("hook", "install").returncode == 0
    head = shop.commit(app="x = 2\n")
    done = push(shop)
    assert done.returncode == 0, done.stderr
    assert (done.stdout + done.stderr).count("reviewer: Pass") == 1
    assert remote(shop) == head


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        (r"C:\Program Files\Python 3.13\python.exe", "C:/Program Files/Python 3.13/python.exe"),
        (r"d:\it's here\python.exe", "d:/it's here/python.exe"),
        (r"\\server\tools\python.exe", "//server/tools/python.exe"),
        ("C:/Python/python.exe", "C:/Python/python.exe"),
        (r"/opt/odd\name/python", r"/opt/odd\name/python"),
    ],
)
def test_the_sh_of_git_for_windows_sees_the_interpreter(path: str, seen: str) -> None:
    assert path_for_sh(path) == seen
    text = shim(path, strict=False)
    assert "\r" not in text
    assignment = text.split("python=", 1)[1].split("\nbefore=", 1)[0]
    done = subprocess.run(["sh", "-c", f"printf %s {assignment}"], capture_output=True, check=True, text=True)
    assert done.stdout == seen


@pytest.mark.skipif(sys.platform == "win32", reason="signals of a process group")
def test_an_interrupt_ends_the_push_at_once_and_leaves_nothing_behind(shop: Shop) -> None:
    """The push's output ends only when no process holds it any more."""
    assert shop.reviewer("hook", "install").returncode == 0
    before = remote(shop)
    site = Path(shop.environment["PYTHONPATH"].split(os.pathsep)[0])
    (site / "sitecustomize.py").write_text(
        "from tests.surfaces.stub_pipeline import install\ninstall()\n"
        "import sys, time\n"
        "def stuck(*_, **__):\n"
        "    print('reviewing now', file=sys.stderr, flush=True)\n"
        "    time.sleep(300)\n"
        "sys.modules['reviewer.review'].review_change = stuck\n",
        encoding="utf-8",
    )
    cache = shop.folder.parent / "cache"
    shop.environment["REVIEWER_CACHE"] = str(cache)
    shop.commit(app="x = 9\n")
    status = shop.git("status", "--porcelain", "--ignored").stdout
    hooks = sorted((shop.folder / ".git" / "hooks").iterdir())
    # Whoever runs the tests may ignore the signal, which is inherited.
    process = subprocess.Popen(
        ["git", "push", "origin", "HEAD"],
        cwd=shop.folder,
        env=shop.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no other thread runs here
    )
    assert process.stdout is not None
    while line := process.stdout.readline():
        if b"reviewing now" in line:
            break
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert b"Traceback" not in output
    assert remote(shop) == before
    assert shop.git("status", "--porcelain", "--ignored").stdout == status
    assert sorted((shop.folder / ".git" / "hooks").iterdir()) == hooks
    assert not cache.exists()


@pytest.mark.parametrize("files", [{"notes.txt": "a", "b/c.md": "d"}, {"LICENSE": "free"}, {"types.pyi": "x: int"}])
def test_a_push_without_python_is_answered_by_git_alone_in_the_same_words(shop: Shop, files: dict[str, str]) -> None:
    for name, text in files.items():
        (shop.folder / name).parent.mkdir(exist_ok=True)
        (shop.folder / name).write_text(text, encoding="utf-8")
    head = shop.commit()
    line = f"refs/heads/main {head} refs/heads/main {remote(shop)}\n"
    whole = shop.reviewer("hook", "run", "origin", stdin=line)
    site = Path(shop.environment["PYTHONPATH"].split(os.pathsep)[0])
    (site / "sitecustomize.py").write_text("import sys\nsys.modules['typer'] = sys.modules['git'] = None\n")
    short = shop.reviewer("hook", "run", "--stop-code", "10", "--", "origin", "url", stdin=line)
    assert (short.returncode, short.stdout, short.stderr) == (0, whole.stdout, "")
    assert "nothing to review in" in short.stdout


def test_a_script_without_an_ending_is_no_case_for_git_alone(shop: Shop) -> None:
    (shop.folder / "tool").write_text("#!/usr/bin/env python3\nLOUD()\n", encoding="utf-8")
    head = shop.commit()
    line = f"refs/heads/main {head} refs/heads/main {remote(shop)}\n"
    assert shop.reviewer("hook", "run", "--stop-code", "10", "--", "origin", "url", stdin=line).returncode == 10


def test_the_time_that_is_over_is_told_in_one_line_and_the_push_goes_through(shop: Shop) -> None:
    shop.environment["PYTHONPATH"] = str(ROOT)
    head = shop.commit(app="import requests\n\n\ndef load(url):\n    return requests.get(url).json()['a']\n")
    line = f"refs/heads/main {head} refs/heads/main {remote(shop)}\n"
    done = shop.reviewer("hook", "run", "origin", "--seconds", "0", stdin=line)
    assert done.returncode == 0
    assert done.stderr == "reviewer: not reviewed in 0 s: app.py; 'reviewer review' takes as long as it needs\n"
    assert "NOT CHECKED" in done.stdout
    assert shop.reviewer("hook", "run", "origin", "--seconds", "0", "--strict", stdin=line).returncode == 1
