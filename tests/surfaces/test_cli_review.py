"""`reviewer review`: the exit codes, options and streams that other programs rely on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from reviewer.errors import UsageError
from reviewer.surfaces.cli.main import main
from reviewer.surfaces.cli.review import Target, choose_targets
from tests.surfaces.conftest import ROOT, Shop
from tests.surfaces.stub_pipeline import all_rules

pytestmark = pytest.mark.usefixtures("stub")


def one_line(text: str) -> str:
    assert text.startswith("reviewer: ")
    assert text.endswith("\n")
    assert text.count("\n") == 1
    return text


def review(shop: Shop, *arguments: str) -> int:
    return main(["review", "--repo", str(shop.folder), *arguments])


def test_nothing_found_ends_with_0(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.commit(app="x = 2\n")
    assert review(shop) == 0
    output = capsys.readouterr()
    assert output.out.endswith("Pass: nothing found in 1 file, 1 unit, 0 external calls.\n")
    assert output.err == ""


def test_a_finding_that_blocks_ends_with_1_and_stands_on_stdout(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.commit(app="LOUD()\n")
    assert review(shop) == 1
    assert "  1 │ LOUD()\n    │ ^^^^^^\n  HIGH LOUD in LOUD()\n" in capsys.readouterr().out


@pytest.mark.parametrize(("level", "code"), [("high", 1), ("medium", 1), ("low", 1), ("never", 0)])
def test_fail_on_says_what_blocks(shop: Shop, level: str, code: int) -> None:
    shop.commit(app="LOUD()\n")
    assert review(shop, "--fail-on", level) == code


def test_a_quiet_finding_blocks_where_it_is_asked_to_and_is_then_shown(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.commit(app="QUIET()\n")
    assert review(shop) == 0
    assert "LOW" not in capsys.readouterr().out
    assert review(shop, "--fail-on", "low") == 1
    assert "LOW QUIET in QUIET()" in capsys.readouterr().out


def test_a_part_that_was_not_checked_ends_with_3_and_is_told(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.commit(app="UNREADABLE\n")
    assert review(shop) == 3
    assert "NOT CHECKED\n  app.py: as asked\n" in capsys.readouterr().out


def test_a_finding_that_blocks_counts_before_a_part_that_was_not_checked(shop: Shop) -> None:
    shop.commit(app="UNREADABLE\n", other="LOUD()\n")
    assert review(shop) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["review", "--nonsense"], "see 'reviewer review --help'"),
        (["review", "HEAD~3"], "HEAD~3: a revision goes with --base or --head, a file or folder with --path"),
        (["patterns"], "Missing command; see 'reviewer patterns --help'"),
        (["keys"], "Missing command; see 'reviewer keys --help'"),
        (["revue"], "No such command"),
        ([], "name a command"),
        (["review", "--format", "xml"], "no such format"),
        (["review", "--format", "json", "--format", "text"], "cannot share stdout"),
        (["review", "--output", "a", "--output", "b"], "--output is given 2 times"),
        (["review", *("--format", "json", "--output", "a", "--format", "sarif", "--output", "./a")], "share a file"),
        (["review", "--fail-on", "all"], "take one of high, medium, low, never"),
        (["review", "--all", "--base", "x"], "--all and --base do not go together"),
        (["review", "--staged", "--worktree"], "--staged and --worktree do not go together"),
        (["review", "--diff", "-", "--all"], "--diff and --all do not go together"),
        (["review", "--diff", "/nowhere/x.diff"], "--diff /nowhere/x.diff"),
        (["review", "--model", "openai:"], "take offline, anthropic:NAME"),
        (["review", "--model", "gpt"], "take offline, anthropic:NAME"),
        (["review", "--base"], "requires an argument"),
        (["review", "--repo", "/nowhere"], "/nowhere is no directory"),
        (["review", "--baseline", "/nowhere/b.json"], "--baseline /nowhere/b.json"),
        (["rules", "show", "loud-wrod"], "did you mean loud-word?"),
        (["rules", "--format", "xml"], "take text or json"),
        (["demo", "/nowhere"], "it has no directory 'after'"),
    ],
)
def test_wrong_usage_ends_with_2_and_one_line(
    shop: Shop,
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(shop.folder)
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert words in one_line(output.err)
    assert output.out == ""


def test_an_unknown_revision_ends_with_2_and_one_line(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert review(shop, "--base", "nowhere") == 2
    assert "revision 'nowhere'" in one_line(capsys.readouterr().err)


def test_a_fault_of_the_program_itself_ends_with_3_and_one_line(
    shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.commit(app="CRASH\n")
    assert review(shop) == 3
    message = one_line(capsys.readouterr().err)
    assert "this is a bug in reviewer" in message
    assert "ZeroDivisionError: as asked" in message
    monkeypatch.setenv("REVIEWER_DEBUG", "1")
    assert review(shop) == 3
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_staged_and_work_tree_lines_are_reviewed_when_asked_for(shop: Shop) -> None:
    (shop.folder / "app.py").write_text("LOUD()\n", encoding="utf-8")
    assert review(shop) == 0
    assert review(shop, "--staged") == 0
    assert review(shop, "--worktree") == 1
    shop.git("add", "-A")
    assert review(shop, "--staged") == 1


def test_base_head_all_and_path_choose_what_is_reviewed(shop: Shop) -> None:
    first = shop.commit(app="LOUD()\n")
    second = shop.commit(other="x = 1\n")
    assert review(shop, "--base", first, "--head", second) == 0
    assert review(shop, "--base", f"{first}~1", "--head", first) == 1
    assert review(shop, "--all", "--path", "app.py") == 1
    assert review(shop, "--all", "--path", "other.py") == 0


def test_a_diff_is_read_from_a_file_or_stdin(shop: Shop) -> None:
    shop.commit(app="LOUD()\n")
    diff = shop.git("diff", "HEAD~1", "HEAD").stdout
    (shop.folder / "change.diff").write_text(diff, encoding="utf-8")
    assert review(shop, "--diff", str(shop.folder / "change.diff")) == 1
    assert review(shop, "--diff", str(shop.folder / "change.diff"), "--path", "other.py") == 0
    assert shop.reviewer("review", "--diff", "-", stdin=diff).returncode == 1


def test_a_diff_can_be_reviewed_outside_of_any_repository(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.commit(app="x = 1\nLOUD()\n")
    diff = tmp_path / "change.diff"
    diff.write_text(shop.git("diff", "HEAD~1", "HEAD").stdout, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["review", "--diff", str(diff)]) == 1
    assert "Note: 1 file was reviewed from the lines of the diff alone" in " ".join(capsys.readouterr().out.split())


def test_what_is_no_diff_ends_with_2(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    (shop.folder / "x.diff").write_text("--- a\n+++ b\n@@ nonsense\n", encoding="utf-8")
    assert review(shop, "--diff", str(shop.folder / "x.diff")) == 2
    one_line(capsys.readouterr().err)


def test_outputs_belong_to_the_last_formats() -> None:
    assert choose_targets([], []) == [Target("text", None)]
    assert choose_targets(["json"], ["a"]) == [Target("json", Path("a"))]
    assert choose_targets(["text", "sarif"], ["a"]) == [Target("text", None), Target("sarif", Path("a"))]
    assert choose_targets(["text", "sarif"], ["a", "-"]) == [Target("text", Path("a")), Target("sarif", None)]
    with pytest.raises(UsageError):
        choose_targets(["text", "sarif"], ["-"])


def test_several_formats_are_written_and_stdout_carries_the_first(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.commit(app="LOUD()\n")
    sarif, page = tmp_path / "r.sarif", tmp_path / "r.html"
    formats = ["--format", "json", "--format", "sarif", "--format", "html"]
    assert review(shop, *formats, "--output", str(sarif), "--output", str(page)) == 1
    assert json.loads(capsys.readouterr().out)["verdict"] == "block"
    rules = json.loads(sarif.read_text(encoding="utf-8"))["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["loud-word", "quiet-word"]
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_an_output_that_cannot_be_written_ends_with_2_and_leaves_nothing(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert review(shop, "--output", str(tmp_path / "no" / "such" / "r.txt")) == 2
    assert "cannot be written" in one_line(capsys.readouterr().err)
    (tmp_path / "d").mkdir()
    assert review(shop, "--output", str(tmp_path / "d")) == 2
    assert list((tmp_path / "d").iterdir()) == []


def test_an_output_that_cannot_be_written_is_told_before_the_review(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewer.surfaces.cli.review.review", lambda _: pytest.fail("reviewed for nothing"))
    for option in ("--output", "--write-baseline"):
        assert review(shop, option, str(tmp_path / "gone" / "file")) == 2
        assert one_line(capsys.readouterr().err).endswith(
            f"there is no directory {tmp_path / 'gone'}; name another file\n"
        )
        assert review(shop, option, str(tmp_path)) == 2
        assert one_line(capsys.readouterr().err).endswith("it is a directory; name another file\n")
    assert review(shop, "--output", "") == 2
    assert one_line(capsys.readouterr().err) == "reviewer: --output is empty; name a file, or - for stdout\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_write_protected_file_is_not_replaced(shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kept").write_text("mine", encoding="utf-8")
    (tmp_path / "kept").chmod(0o444)
    assert review(shop, "--output", str(tmp_path / "kept")) == 2
    assert one_line(capsys.readouterr().err).endswith("it is write-protected; name another file\n")
    assert (tmp_path / "kept").read_text(encoding="utf-8") == "mine"


def test_an_output_that_fails_does_not_cost_the_others(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.commit(app="x = 1\nLOUD()\n")
    assert review(shop, "--format", "text", "--format", "json", "--output", "/dev/full") == 2
    said = capsys.readouterr()
    assert "app.py" in said.out
    assert one_line(said.err).startswith("reviewer: /dev/full cannot be written: ")


def test_a_baseline_makes_findings_known(shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    baseline = tmp_path / "known.json"
    shop.commit(app="LOUD()\n")
    assert review(shop, "--write-baseline", str(baseline)) == 1
    assert review(shop, "--baseline", str(baseline)) == 0
    assert "besides 1 known" in capsys.readouterr().out
    shop.commit(app="LOUD()\n", other="LOUD(2)\n")
    assert review(shop, "--baseline", str(baseline)) == 1
    assert review(shop, "--base", "HEAD~1", "--write-baseline", str(baseline)) == 1
    assert review(shop, "--baseline", str(baseline)) == 0


def test_a_review_of_a_part_takes_nothing_out_of_a_baseline(shop: Shop, tmp_path: Path) -> None:
    baseline = tmp_path / "known.json"
    shop.commit(app="LOUD()\n", other="LOUD(2)\n")
    review(shop, "--all", "--write-baseline", str(baseline))
    review(shop, "--all", "--path", "app.py", "--write-baseline", str(baseline))
    assert review(shop, "--all", "--baseline", str(baseline)) == 0
    shop.commit(other="UNREADABLE\n")
    review(shop, "--all", "--write-baseline", str(baseline))
    shop.commit(other="LOUD(2)\n")
    assert review(shop, "--all", "--baseline", str(baseline)) == 0


def test_the_baseline_of_the_base_counts_and_not_the_heads(shop: Shop) -> None:
    (shop.folder / ".reviewer").mkdir()
    shop.commit(app="LOUD()\n")
    review(shop, "--write-baseline", str(shop.folder / ".reviewer" / "baseline.json"))
    shop.commit()
    assert review(shop) == 1
    assert review(shop, "--all") == 0
    shop.git("push", "-q", "origin", "main")
    shop.commit(app="x = 1\nLOUD()\n")
    shop.commit(app="x = 1\n")
    shop.commit(app="x = 1\nLOUD()\n")
    assert review(shop, "--base", "HEAD~1") == 0


def test_the_settings_of_the_base_count_and_the_heads_are_told(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    (shop.folder / "pyproject.toml").write_text('[tool.reviewer]\nfail-on = "never"\n', encoding="utf-8")
    shop.commit(app="LOUD()\n")
    assert review(shop) == 1
    assert "those of its base count until it is merged" in " ".join(capsys.readouterr().out.split())
    assert review(shop, "--all") == 0
    shop.git("push", "-q", "origin", "main")
    shop.commit(app="LOUD(2)\n")
    assert review(shop) == 0


def test_settings_that_the_head_breaks_are_told_and_do_not_stop_the_review(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop.folder / "pyproject.toml").write_text("[tool.reviewer]\nnonsense = 1\n", encoding="utf-8")
    shop.commit(app="LOUD()\n")
    assert review(shop) == 1
    assert "the change breaks the settings" in capsys.readouterr().out


def test_a_baseline_that_the_head_breaks_is_told_and_does_not_stop_the_review(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop.folder / ".reviewer").mkdir()
    (shop.folder / ".reviewer" / "baseline.json").write_text("{", encoding="utf-8")
    shop.commit(app="LOUD()\n")
    assert review(shop) == 1
    assert "Note: the change breaks the baseline: .reviewer/baseline.json at " in capsys.readouterr().out


def test_broken_settings_of_the_base_are_told_as_not_checked_and_do_not_stop_the_change_that_mends_them(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = shop.folder / "pyproject.toml"
    settings.write_text("[tool.reviewer]\nnonsense = 1\n", encoding="utf-8")
    shop.commit()
    settings.write_text('[tool.reviewer]\nfail-on = "never"\n', encoding="utf-8")
    shop.commit(app="x = 2\n")
    assert review(shop, "--base", "HEAD~1") == 3
    output = " ".join(capsys.readouterr().out.split())
    assert "NOT CHECKED pyproject.toml: at " in output
    assert "tool.reviewer.nonsense: unknown key; allowed: fail-on" in output
    assert "the defaults count instead" in output
    assert "Not complete: nothing found so far in " in output
    shop.commit(app="LOUD()\n")
    assert review(shop, "--base", "HEAD~2") == 1


def test_a_broken_baseline_of_the_base_is_told_as_not_checked(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    (shop.folder / ".reviewer").mkdir()
    (shop.folder / ".reviewer" / "baseline.json").write_text("{", encoding="utf-8")
    shop.commit()
    shop.commit(app="x = 2\n")
    assert review(shop, "--base", "HEAD~1") == 3
    assert "NOT CHECKED\n  .reviewer/baseline.json: at " in capsys.readouterr().out


def test_a_broken_baseline_given_by_hand_ends_with_2(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "known.json").write_text("{", encoding="utf-8")
    assert review(shop, "--baseline", str(tmp_path / "known.json")) == 2
    assert "no valid JSON" in one_line(capsys.readouterr().err)


def test_settings_of_the_work_tree_that_cannot_be_read_are_told_as_not_checked(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.commit(app="x = 2\n")
    diff = tmp_path / "change.diff"
    diff.write_text(shop.git("diff", "HEAD~1", "HEAD").stdout, encoding="utf-8")
    (tmp_path / "outside.toml").write_text("", encoding="utf-8")
    (shop.folder / "pyproject.toml").symlink_to(tmp_path / "outside.toml")
    assert review(shop, "--diff", str(diff)) == 3
    assert "NOT CHECKED\n  pyproject.toml: it cannot be read; check its permissions" in capsys.readouterr().out


def test_excluded_files_are_not_reviewed(shop: Shop) -> None:
    (shop.folder / "pyproject.toml").write_text('[tool.reviewer]\nexclude = ["gen_*"]\n', encoding="utf-8")
    shop.commit()
    shop.commit(gen_a="LOUD()\n")
    assert review(shop, "--base", "HEAD~1") == 0


def test_a_bare_repository_can_be_reviewed(shop: Shop) -> None:
    shop.commit(app="LOUD()\n")
    shop.git("push", "-q", "origin", "main")
    assert main(["review", "--repo", str(shop.remote), "--base", "main~1", "--head", "main"]) == 1


def test_a_reader_that_leaves_ends_the_program_in_silence(shop: Shop) -> None:
    shop.commit(app="LOUD()\n" * 3000)
    command = f"{sys.executable} -P -m reviewer review --format json | head -c 10"
    done = subprocess.run(
        ["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"],
        cwd=shop.folder,
        env=shop.environment,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.stderr == b""
    assert done.returncode == 1


def test_a_full_disk_ends_with_3_and_one_line(shop: Shop) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "reviewer", "review"],
            cwd=shop.folder,
            env=shop.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 3
    assert "cannot be written to stdout" in done.stderr.split("\n")[0]


def test_ctrl_c_ends_with_130_and_one_line(shop: Shop) -> None:
    read, write = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "reviewer", "review", "--diff", "-"],
        cwd=shop.folder,
        env=shop.environment,
        stdin=read,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background lets them ignore Ctrl-C, and processes inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - one thread here
    )
    # More than a pipe holds: when all is written, the program has started and is reading.
    os.write(write, b" " * 1_000_000)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    os.close(write)
    os.close(read)
    assert process.returncode == 130
    assert one_line(errors) == "reviewer: interrupted; nothing was written\n"


def test_ctrl_c_before_anything_is_imported_ends_with_130_and_one_line(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "site" / "sitecustomize.py").write_text(
        "import sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'typer':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupting())\n",
        encoding="utf-8",
    )
    done = shop.reviewer("review")
    assert done.returncode == 130
    assert one_line(done.stderr) == "reviewer: interrupted; nothing was written\n"


def run_in_shell(shop: Shop, line: str) -> subprocess.CompletedProcess[str]:
    environment = {**shop.environment, "PY": sys.executable}
    return subprocess.run(
        ["sh", "-c", line], cwd=shop.folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize("command", ["review --diff -", "hook run origin"])
def test_a_closed_stdin_ends_with_2_and_one_line(shop: Shop, command: str) -> None:
    done = run_in_shell(shop, f'"$PY" -P -m reviewer {command} <&-')
    assert done.returncode == 2
    assert one_line(done.stderr) == "reviewer: there is no stdin to read; give it with '<' or '|'\n"


def test_a_directory_that_is_gone_ends_with_2_and_one_line(shop: Shop) -> None:
    done = run_in_shell(shop, 'mkdir gone && cd gone && rmdir ../gone && "$PY" -P -m reviewer review')
    assert done.returncode == 2
    assert "the directory where you are is gone" in one_line(done.stderr)


def test_help_on_a_full_disk_ends_with_3_and_one_line(shop: Shop) -> None:
    done = run_in_shell(shop, '"$PY" -P -m reviewer --help >/dev/full')
    assert done.returncode == 3
    assert one_line(done.stderr) == "reviewer: No space left on device; free the disk\n"


def test_a_stream_of_another_encoding_gets_what_it_can_take(shop: Shop) -> None:
    shop.commit(app="x = 'é'; LOUD()\n")
    environment = {**shop.environment, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "reviewer", "review"],
        cwd=shop.folder,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert rb"| x = '\xe9'; LOUD()" in done.stdout


def test_nothing_in_the_reviewed_repository_is_imported(shop: Shop) -> None:
    trap = "raise SystemExit('executed')\n"
    (shop.folder / "reviewer").mkdir()
    (shop.folder / "reviewer" / "__init__.py").write_text(trap, encoding="utf-8")
    shop.commit(typer=trap, json=trap, rich=trap, git=trap)
    assert shop.reviewer("review").returncode == 0


def test_the_schema_of_a_report_is_told_and_fits_one(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    shop.commit(app="LOUD()\n")
    review(shop, "--format", "json")
    jsonschema.Draft202012Validator(schema).validate(json.loads(capsys.readouterr().out))


def test_the_schema_of_an_exported_catalog_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "catalog"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Catalog"


def test_progress_is_counted_on_a_terminal_and_taken_away(shop: Shop) -> None:
    shop.commit(app="x = 2\n")
    ours, theirs = os.openpty()
    done = subprocess.run(
        [sys.executable, "-P", "-m", "reviewer", "review"],
        cwd=shop.folder,
        env={**shop.environment, "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
    )
    os.close(theirs)
    said = os.read(ours, 10_000).decode()
    os.close(ours)
    assert "\x1b[Kreviewing: 1 of 1 files" in said
    assert said.endswith("\r\x1b[K")
    assert done.stdout.startswith(b"Pass: ")


def test_the_list_of_rules_is_whole_where_a_program_reads_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewer.surfaces.cli.rules.width", lambda: 40)
    assert main(["rules"]) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith("A loud word")


def test_rules_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    assert capsys.readouterr().out.startswith("loud-word   high    throws       A loud word\n")
    assert main(["rules", "show", "loud-word"]) == 0
    assert "Why: It is loud.\n\nInstead: Say it quietly.\n" in capsys.readouterr().out
    assert main(["rules", "--format", "markdown"]) == 0
    assert "\n### loud-word\n\n**A loud word** (high)\n" in capsys.readouterr().out
    assert main(["rules", "--format", "json"]) == 0
    assert [rule["id"] for rule in json.loads(capsys.readouterr().out)] == ["loud-word", "quiet-word"]


@pytest.mark.parametrize(
    ("line", "shown"),
    [("x = 1  #!", "x = 1  # <- found"), ("y()  #~", "y()  # <- found, low"), ("z = '#!'", "z = '#!'")],
)
def test_an_example_is_shown_with_words_for_its_marks(
    line: str, shown: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    loud = replace(all_rules()[0], bad=(line,))
    monkeypatch.setattr(sys.modules["reviewer.detectors.registry"], "all_rules", lambda: (loud,))
    assert main(["rules", "show", "loud-word"]) == 0
    assert f"Found in:\n\n    {shown}\n" in capsys.readouterr().out


def test_a_target_is_explained(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "app.py:1", "--repo", str(shop.folder), "--head", "HEAD"]) == 0
    assert "  What it calls    c\n  If that is slow  u\n" in capsys.readouterr().out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("reviewer ")


def test_a_demo_reviews_the_last_commit_of_an_example_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    for stage, text in (("before", "LOUD(0)\n"), ("after", "LOUD(0)\nLOUD(1)\n")):
        (tmp_path / "example" / stage / "pkg").mkdir(parents=True)
        (tmp_path / "example" / stage / "pkg" / "a.py").write_text(text, encoding="utf-8")
    assert main(["demo", str(tmp_path / "example"), "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert [(item["path"], item["line"]) for item in report["findings"]] == [("pkg/a.py", 2)]
    assert report["repository"] == str(tmp_path / "example")
    assert list(temporary.iterdir()) == []


def test_the_example_of_the_readme_is_reviewed_to_the_end(shop: Shop) -> None:
    """With the true rules and the catalog, from inside another repository, as the README has it."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "reviewer", "demo", "fixtures/repos/checkout", "--format", "json"],
        cwd=ROOT,
        env={**shop.environment, "PYTHONPATH": str(ROOT)},
        text=True,
        capture_output=True,
        check=False,
    )
    report = json.loads(done.stdout)
    assert (report["coverage"]["not_checked"], report["status"], report["verdict"]) == ([], "complete", "warn")
    assert done.returncode == 0


def test_the_pipeline_itself_is_called(shop: Shop) -> None:
    """With the true rules, in a process of its own."""
    shop.commit(app="import requests\n\n\ndef load(url):\n    return requests.get(url)\n")
    environment = {**shop.environment, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "reviewer", "review", "--format", "json", "--fail-on", "low"],
        cwd=shop.folder,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.stderr == ""
    found = [(item["rule"], item["path"], item["line"]) for item in json.loads(done.stdout)["findings"]]
    assert ("no-timeout", "app.py", 5) in found
    assert done.returncode == 1
