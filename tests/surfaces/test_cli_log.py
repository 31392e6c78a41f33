"""`reviewer log`: the patch on stdout, what was withheld on stderr, and `--apply`."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from reviewer.surfaces.cli.main import main
from tests.git_builder import GitBuilder

SILENT = """\
import logging

logger = logging.getLogger(__name__)


def load(path):
    try:
        return open(path)
    except OSError:
        return None


def other(path):
    try:
        return open(path)
    except OSError:
        return None
"""
LINE = '        logger.debug("load_failed", extra={"path": path})\n'


@pytest.fixture
def shop(builder: GitBuilder) -> GitBuilder:
    builder.commit({"shop/app.py": "x = 1\n"})
    builder.commit({"shop/app.py": SILENT})
    return builder


def log(shop: GitBuilder, *arguments: str) -> int:
    return main(["log", "--repo", str(shop.root), *arguments])


def test_a_function_gets_its_patch_as_a_diff(shop: GitBuilder, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert log(shop, "shop/app.py::load") == 0
    out, err = capfdbinary.readouterr()
    assert out.startswith(b"diff --git a/shop/app.py b/shop/app.py\n--- a/shop/app.py\n+++ b/shop/app.py\n@@ ")
    assert b"+" + LINE.encode() in out
    assert b"other_failed" not in out
    assert err == b"reviewer: 1 log line proposed in 1 file, 0 places withheld\n"


def test_the_diff_is_one_that_git_applies(shop: GitBuilder, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    content = (SILENT.replace("\n", "\r\n").rstrip("\r\n") + "  # é").encode()
    shop.write({"shop/app.py": content})
    log(shop, "shop/app.py")
    shop.git("apply", "-", stdin=capfdbinary.readouterr().out)
    assert b'"other_failed"' in (shop.root / "shop/app.py").read_bytes()


def test_the_changed_functions_of_a_change_get_lines(
    shop: GitBuilder, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    shop.commit({"shop/app.py": SILENT.replace("def other(path):", "def other(path, mode=1):")})
    assert log(shop, "--base", "HEAD~1") == 0
    out = capfdbinary.readouterr().out
    assert b"other_failed" in out
    assert b"load_failed" not in out


def test_the_place_at_a_line_is_that_of_its_function(
    shop: GitBuilder, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    log(shop, "shop/app.py:8")
    out = capfdbinary.readouterr().out
    assert b"load_failed" in out
    assert b"other_failed" not in out


def test_nothing_to_propose_is_fine(shop: GitBuilder, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    shop.write({"shop/app.py": "x = 1\n"})
    assert log(shop, "shop/app.py") == 0
    assert capfdbinary.readouterr().out == b""


def test_json_tells_patch_checks_and_reasons(shop: GitBuilder, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    shop.write({"shop/app.py": SILENT + "try:\n    import x\nexcept ImportError:\n    x = None\n"})
    assert log(shop, "shop/app.py", "--format", "json") == 0
    told = json.loads(capfdbinary.readouterr().out)
    (patch,) = told["patches"]
    assert patch["verified"][:2] == ["parses", "reverts"]
    assert patch["lines"][0] == {
        "kind": "handler",
        "function": "load",
        "line": 9,
        "position": "handler-start",
        "level": "debug",
        "event": "load_failed",
        "fields": ["path"],
    }
    assert [(one["line"], one["reason"]) for one in told["withheld"]] == [(20, "runs at import time")]


def test_apply_writes_the_file_and_keeps_its_mode(shop: GitBuilder, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = shop.root / "shop/app.py"
    file.chmod(0o755)
    assert log(shop, "shop/app.py", "--apply") == 0
    assert LINE in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o755
    assert list(file.parent.iterdir()) == [file]
    assert b"2 log lines written in 1 file" in capfdbinary.readouterr().err
    assert log(shop, "shop/app.py", "--apply") == 0
    assert b"0 log lines" in capfdbinary.readouterr().err


def test_apply_refuses_where_the_file_is_not_what_was_read(
    shop: GitBuilder, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = shop.root / "shop/app.py"
    file.write_text("y = 2\n", encoding="utf-8")
    assert log(shop, "shop/app.py", "--head", "HEAD", "--apply") == 2
    assert file.read_text(encoding="utf-8") == "y = 2\n"
    assert b"other contents than were read; nothing was written" in capfdbinary.readouterr().err


def test_apply_never_writes_through_a_link_out_of_the_tree(
    shop: GitBuilder, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text(SILENT, encoding="utf-8")
    (shop.root / "shop/app.py").unlink()
    (shop.root / "shop/app.py").symlink_to(outside)
    assert log(shop, "shop/app.py", "--head", "HEAD", "--apply") == 2
    assert outside.read_text(encoding="utf-8") == SILENT
    assert capfdbinary.readouterr().err.count(b"\n") == 1


def test_what_cannot_be_read_is_told_and_ends_with_3(
    shop: GitBuilder, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    shop.commit({"shop/bad.py": "def f(:\n"})
    assert log(shop, "--all") == 3
    assert b"not read: shop/bad.py: is not valid Python" in capfdbinary.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere.py"],
        ["shop/app.py::nobody"],
        ["shop/app.py", "--base", "HEAD"],
        ["shop/app.py", "--kind", "all"],
        ["shop/app.py", "--library", "print"],
        ["shop/app.py", "--format", "xml"],
        ["--all", "--worktree"],
    ],
)
def test_wrong_usage_ends_with_2_and_one_line(
    shop: GitBuilder, arguments: list[str], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert log(shop, *arguments) == 2
    out, err = capfdbinary.readouterr()
    assert out == b""
    assert err.count(b"\n") == 1
