"""Setting up, looking after and living with it: init, doctor, waive, completion, man."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reviewer.acceptance.waiver import waives
from reviewer.acceptance.waiver_comment import write_waiver
from reviewer.errors import UsageError
from reviewer.surfaces.setup.plan import plan
from tests.surfaces.conftest import ROOT, Shop


def identity(shop: Shop) -> str:
    report = json.loads(shop.reviewer("review", "--format", "json").stdout)
    return str(report["findings"][0]["id"])


def test_a_finding_is_waived_by_its_id_and_the_next_push_goes_through(shop: Shop) -> None:
    shop.commit(app="x = 1\nif x:\n    LOUD()\n")
    done = shop.reviewer("waive", identity(shop)[:12], "--reason", "nobody is listening", "--until", "2099-01-31")
    assert (done.returncode, done.stdout) == (0, "app.py:3: waived loud-word; commit it\n")
    text = (shop.folder / "app.py").read_text(encoding="utf-8")
    assert text == ("x = 1\nif x:\n    # reviewer: waive[loud-word] nobody is listening until 2099-01-31\n    LOUD()\n")


def test_a_finding_is_waived_by_its_place_from_a_folder_below_the_root(shop: Shop) -> None:
    (shop.folder / "sub").mkdir()
    (shop.folder / "sub" / "a.py").write_text("LOUD()\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "reviewer", "waive", "a.py:1", "--reason", "quiet here"],
        cwd=shop.folder / "sub",
        env=shop.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (shop.folder / "sub" / "a.py").read_text(encoding="utf-8").startswith("# reviewer: waive[loud-word] quiet")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("ffffffffffff", "--reason", "why"), "no finding 'ffffffffffff' in what is new here"),
        (("app.py:7", "--reason", "why"), "no finding at app.py:7; in that file they stand at 1"),
        (("ff", "--reason", "why"), "is no finding's id"),
        (("app.py:1", "--reason", " "), "--reason: give a reason"),
        (("app.py:1", "--reason", "why", "--until", "tomorrow"), "no date"),
        (("app.py:1", "--reason", "why", "--report", "nowhere.json"), "name a readable file"),
    ],
)
def test_what_cannot_be_waived_is_told_in_one_line(shop: Shop, arguments: tuple[str, ...], told: str) -> None:
    shop.commit(app="LOUD()\n")
    done = shop.reviewer("waive", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert (shop.folder / "app.py").read_text(encoding="utf-8") == "LOUD()\n"


def test_a_report_cannot_name_a_file_outside_of_the_work_tree(shop: Shop, tmp_path: Path) -> None:
    shop.commit(app="LOUD()\n")
    (tmp_path / "victim.py").write_text("LOUD()\n", encoding="utf-8")
    report = json.loads(shop.reviewer("review", "--format", "json").stdout)
    report["findings"][0]["path"] = "../victim.py"
    (tmp_path / "r.json").write_text(json.dumps(report), encoding="utf-8")
    done = shop.reviewer("waive", report["findings"][0]["id"], "--reason", "why", "--report", str(tmp_path / "r.json"))
    assert done.returncode == 2
    assert "is no file of this work tree" in done.stderr


@pytest.mark.parametrize(
    ("source", "line", "after"),
    [
        (b"f()\r\ng()\r\n", 2, b"f()\r\n# reviewer: waive[r] why\r\ng()\r\n"),
        (b"\tx", 1, None),
        (b"f()", 1, b"# reviewer: waive[r] why\nf()"),
        (b"x = f(\n    a,\n)\n", 2, b"x = f(\n    # reviewer: waive[r] why\n    a,\n)\n"),
        (b"x = 1 + \\\n    f()\n", 2, b"x = 1 + \\\n    f()  # reviewer: waive[r] why\n"),
        (b'x = """\na\n"""\n', 2, None),
        (b"f(\n", 1, None),
        (b"\xef\xbb\xbff()\ng()\n", 2, b"\xef\xbb\xbff()\n# reviewer: waive[r] why\ng()\n"),
        (b"f()\n\x0c\x0c\ng()\n", 3, b"f()\n\x0c\x0c\n# reviewer: waive[r] why\ng()\n"),
        (b"f('\xe2\x80\xa8')\ng()\n", 2, b"f('\xe2\x80\xa8')\n# reviewer: waive[r] why\ng()\n"),
        (b"\x0c\ng()\n\x0c\n\n" * 3 + b"f()\n", 13, b"\x0c\ng()\n\x0c\n\n" * 3 + b"# reviewer: waive[r] why\nf()\n"),
    ],
)
def test_the_comment_stands_where_it_changes_nothing(source: bytes, line: int, after: bytes | None) -> None:
    if after is None:
        with pytest.raises(UsageError):
            write_waiver(source, line, "r", "why")
    else:
        assert write_waiver(source, line, "r", "why") == after


def test_a_reason_that_reads_like_a_last_day_is_refused_for_that() -> None:
    with pytest.raises(UsageError, match="'launch' is no date"):
        write_waiver(b"f()\n", 1, "r", "fine until launch")


@given(st.text(), st.dates())
def test_any_reason_is_read_back_or_refused(reason: str, day: datetime.date) -> None:
    try:
        text = write_waiver(b"f()\n", 1, "r", reason, day)
    except UsageError as problem:
        assert "\n" not in str(problem)
    else:
        assert waives(text.decode().split("\n"), 2, "r")


def test_init_never_breaks_the_settings_of_other_tools(tmp_path: Path) -> None:
    pyproject = tmp_path / "pyproject.toml"
    for text in ("tool = {black = {}}\n", "[[tool]]\nx = 1\n"):
        pyproject.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match="write it as"):
            plan(tmp_path, None, "none", "reviewer")
    pyproject.write_text("\ufeff[project]\nname = 'shop'\n", encoding="utf-8")
    assert plan(tmp_path, None, "none", "reviewer")[0].after.startswith(
        "\ufeff[project]\nname = 'shop'\n\n[tool.reviewer]\n"
    )


def test_init_shows_what_it_would_write_where_the_hook_cannot_be_had(shop: Shop, tmp_path: Path) -> None:
    shop.git("config", "core.hooksPath", str(tmp_path))
    done = shop.reviewer("init", "--ci", "none", "--dry-run")
    assert done.returncode == 0
    assert "core.hooksPath leads out of the repository" in done.stderr


def test_init_writes_everything_once_and_asks_before_it_overwrites(shop: Shop, tmp_path: Path) -> None:
    pyproject = shop.folder / "pyproject.toml"
    pyproject.write_text('[project]\nname = "shop"', encoding="utf-8")
    dry = shop.reviewer("init", "--ci", "github", "--dry-run")
    assert dry.returncode == 0
    assert not (shop.folder / ".github").exists()
    patch = "".join(f"{line[2:]}\n" for line in dry.stdout.splitlines() if line.startswith("  "))
    (tmp_path / "shown.patch").write_text(patch, encoding="utf-8")
    applied = shop.git("apply", "--numstat", str(tmp_path / "shown.patch"))
    assert [line.split()[2] for line in applied.stdout.splitlines()] == [
        "pyproject.toml",
        ".github/workflows/reviewer.yml",
        "AGENTS.md",
    ]
    done = shop.reviewer("init", "--ci", "github")
    assert done.returncode == 0, done.stderr
    assert pyproject.read_text(encoding="utf-8").startswith('[project]\nname = "shop"\n\n[tool.reviewer]\n')
    workflow = shop.folder / ".github" / "workflows" / "reviewer.yml"
    assert "review" in yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    # The bare name is another project's on the public index.
    assert re.search(r"pip install 'reviewer( @ |==)\S+'\n", workflow.read_text(encoding="utf-8"))
    assert "reviewer patterns: begin" in (shop.folder / "AGENTS.md").read_text(encoding="utf-8")
    assert (shop.folder / ".git" / "hooks" / "pre-push").exists()
    assert shop.reviewer("init", "--ci", "github").stdout.count("is as it should be") == 3
    workflow.write_text("name: ours\n", encoding="utf-8")
    assert "stays as it is; --yes overwrites it" in shop.reviewer("init", "--ci", "github").stderr
    assert workflow.read_text(encoding="utf-8") == "name: ours\n"
    assert shop.reviewer("init", "--ci", "github", "--yes").returncode == 0
    assert "jobs" in workflow.read_text(encoding="utf-8")
    settings = shop.reviewer("doctor").stdout
    assert "fail-on high" in settings
    assert str(shop.folder / ".git" / "hooks" / "pre-push") in settings


@pytest.mark.parametrize("name", ["AGENTS.md", "pyproject.toml", ".github", ".husky/pre-push"])
def test_nothing_is_written_where_a_link_of_the_repository_leads(shop: Shop, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    if name == ".github":
        elsewhere.mkdir()
    else:
        elsewhere.write_text("", encoding="utf-8")
    husky = name.startswith(".husky")
    if husky:
        (shop.folder / ".husky" / "_").mkdir(parents=True)
        shop.git("config", "core.hooksPath", ".husky/_")
    (shop.folder / name).unlink(missing_ok=True)
    (shop.folder / name).symlink_to(elsewhere)
    done = shop.reviewer("hook", "install") if husky else shop.reviewer("init", "--ci", "github", "--yes")
    assert done.returncode == 2
    assert "out of the repository" in done.stderr
    assert list(elsewhere.iterdir()) == [] if elsewhere.is_dir() else elsewhere.read_bytes() == b""


def test_the_doctor_tells_what_is_broken_and_never_a_key(shop: Shop) -> None:
    shop.environment["PYTHONPATH"] = str(ROOT)
    shop.environment["ANTHROPIC_API_KEY"] = "sk-ant-hidden"
    shop.environment["ANTHROPIC_BASE_URL"] = "http://127.0.0.1:9"
    shop.environment["OPENAI_BASE_URL"] = "http://127.0.0.1:9"
    good = shop.reviewer("doctor")
    assert good.returncode == 0, good.stdout
    assert "ANTHROPIC_API_KEY is set" in good.stdout
    (shop.folder / "pyproject.toml").write_text("[tool.reviewer]\nnonsense = 1\n", encoding="utf-8")
    hook = shop.folder / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    assert shop.reviewer("hook", "install").returncode == 0
    hook.write_text(hook.read_text(encoding="utf-8").replace(sys.executable, "/nowhere/python"), encoding="utf-8")
    bad = shop.reviewer("doctor", "--online")
    assert bad.returncode == 1
    assert "!!  settings" in bad.stdout
    assert "it calls /nowhere/python, which is gone; reviewer hook install" in bad.stdout
    assert "!!  reach anthropic  127.0.0.1" in bad.stdout
    assert "sk-ant-hidden" not in good.stdout + bad.stdout + bad.stderr


def test_the_doctor_tells_of_a_project_for_a_later_python(shop: Shop) -> None:
    settings = shop.folder / "pyproject.toml"
    settings.write_text('[project]\nname = "shop"\nrequires-python = ">=3.99"\n', encoding="utf-8")
    found = shop.reviewer("doctor")
    assert found.returncode == 1
    assert "!!  python           the project is for 3.99 or later, and the reviewer runs on " in found.stdout
    settings.write_text('[project]\nname = "shop"\nrequires-python = ">=3.8,<4"\n', encoding="utf-8")
    assert "ok  python " in shop.reviewer("doctor").stdout


@pytest.mark.parametrize(("variable", "part"), [("REVIEWER_CACHE", "memory"), ("XDG_DATA_HOME", "data")])
def test_the_doctor_tells_where_nothing_can_be_kept(shop: Shop, tmp_path: Path, variable: str, part: str) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    shop.environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    shop.environment[variable] = str(file)
    found = shop.reviewer("doctor")
    assert found.returncode == 1
    assert f"!!  {part:<16} {file}" in found.stdout


@pytest.mark.parametrize(
    ("shell", "asked", "word"),
    [
        ("bash", {"COMP_WORDS": "reviewer pat", "COMP_CWORD": "1"}, "patterns"),
        ("zsh", {"_TYPER_COMPLETE_ARGS": "reviewer review --fail"}, "--fail-on"),
        ("fish", {"_TYPER_COMPLETE_ARGS": "reviewer hook ", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}, "install"),
    ],
)
def test_a_shell_is_taught_and_answered(shop: Shop, shell: str, asked: dict[str, str], word: str) -> None:
    script = shop.reviewer("completion", shell).stdout
    assert f"_REVIEWER_COMPLETE=complete_{shell}" in script
    shop.environment.update(asked, _REVIEWER_COMPLETE=f"complete_{shell}")
    assert word in shop.reviewer().stdout


def test_the_manual_has_every_command_and_is_good_roff(shop: Shop) -> None:
    page = shop.reviewer("man").stdout
    for name in ("review", "hook install", "waive", "doctor", "patterns learn", "rules show"):
        assert f".SS reviewer {name}" in page.replace("\\-", "-")
    assert "\\-\\-fail\\-on" in page
    if shutil.which("groff"):
        done = subprocess.run(
            ["groff", "-man", "-Tutf8", "-ww"], input=page, capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
        assert "waive" in done.stdout


def test_errors_suggest_what_to_do_next(shop: Shop) -> None:
    shop.environment["COLUMNS"] = "80"
    done = shop.reviewer("revew")
    assert done.returncode == 2
    assert "review" in done.stderr
    assert os.linesep not in done.stderr.rstrip()
